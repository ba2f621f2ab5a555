import { crashAfter, crashBefore, late, lostAnswer, pausedAfter, pausedBefore } from '../directions.ts';
import { DAY_MS, type DirectedScenarios, HALL, HOUR_MS, LEASE_MS, MINUTE_MS, OTHER_HALL, SECOND_MS } from './common.ts';

/** Scenarios of wishes: which wish does the item of a key contain? */
export const WISH_SCENARIOS: DirectedScenarios = {
  'older-wish-arrives-last': {
    async play(stage) {
      stage.deliver(stage.send(HALL));
      await stage.pass(MINUTE_MS);
      const first = stage.command({ releaseInMs: 2 * HOUR_MS });
      await stage.pass(MINUTE_MS);
      const second = stage.command({ releaseInMs: HOUR_MS });
      await stage.pass(MINUTE_MS);
      stage.deliver(stage.command({ keep: true }));
      await stage.pass(MINUTE_MS);
      stage.deliver(second, { Publish: crashAfter });
      await stage.pass(MINUTE_MS);
      stage.deliver(first);
      await stage.pass(MINUTE_MS);
      stage.deliver(second);
    },
  },

  'two-wishes-of-one-moment': {
    async play(stage) {
      stage.deliver(stage.send(HALL));
      await stage.pass(MINUTE_MS);
      const time = stage.command({ releaseInMs: HOUR_MS });
      stage.deliver(stage.command({ keep: true }));
      await stage.pass(MINUTE_MS);
      stage.deliver(time);
    },
  },

  'wish-arrives-before-the-intent': {
    async play(stage) {
      const message = stage.send(HALL);
      stage.deliver(message, { pace: pausedBefore(10 * SECOND_MS), CreateRoom: crashAfter });
      await stage.pass(5 * SECOND_MS);
      stage.deliver(stage.command({ releaseInMs: HOUR_MS }));
      await stage.pass(LEASE_MS);
      stage.deliver(message);
    },
  },

  'wish-arrives-before-the-checkpoint': {
    async play(stage) {
      stage.deliver(stage.send(HALL), { checkpoint: pausedBefore(10 * SECOND_MS) });
      await stage.pass(5 * SECOND_MS);
      stage.deliver(stage.command({ releaseInMs: HOUR_MS }));
      await stage.pass(MINUTE_MS);
    },
  },

  'command-arrives-before-its-request': {
    async play(stage) {
      const message = stage.send(HALL);
      await stage.pass(SECOND_MS);
      stage.deliver(stage.command({ releaseInMs: HOUR_MS }));
      await stage.pass(MINUTE_MS);
      stage.deliver(message);
    },
  },

  'keep-arrives-before-its-request': {
    async play(stage) {
      const message = stage.send(HALL, { releaseInMs: HOUR_MS });
      await stage.pass(SECOND_MS);
      stage.deliver(stage.command({ keep: true }));
      await stage.pass(MINUTE_MS);
      stage.deliver(message);
    },
  },

  'request-of-a-wish-that-expires': {
    async play(stage) {
      stage.deliver(stage.command({ keep: true }));
      await stage.pass(90 * DAY_MS - 5 * MINUTE_MS);
      const message = stage.send(HALL);
      stage.deliver(message, { CreateRoom: crashAfter });
      await stage.pass(10 * MINUTE_MS);
      await stage.removeExpired();
      stage.deliver(message);
    },
  },

  'request-with-another-payload-has-a-wish': {
    async play(stage) {
      stage.deliver(stage.send(OTHER_HALL), { CreateRoom: pausedAfter(20 * SECOND_MS) });
      await stage.pass(5 * SECOND_MS);
      stage.deliver(stage.send(HALL, { releaseInMs: HOUR_MS }));
      await stage.pass(MINUTE_MS);
      stage.deliver(stage.send(HALL, { releaseInMs: 2 * HOUR_MS }));
    },
  },

  'repeated-request-has-a-later-time': {
    async play(stage) {
      stage.deliver(stage.send(HALL, { releaseInMs: HOUR_MS }));
      await stage.pass(MINUTE_MS);
      stage.deliver(stage.send(HALL, { releaseInMs: 2 * HOUR_MS }));
      await stage.pass(HOUR_MS + MINUTE_MS);
      stage.release();
      await stage.pass(MINUTE_MS);
    },
  },

  'takeover-has-a-later-time': {
    async play(stage) {
      stage.deliver(stage.send(HALL, { releaseInMs: HOUR_MS }), { Publish: crashBefore });
      await stage.pass(LEASE_MS);
      stage.deliver(stage.send(HALL, { releaseInMs: 2 * HOUR_MS }));
      await stage.pass(HOUR_MS + MINUTE_MS);
      stage.release();
      await stage.pass(MINUTE_MS);
    },
  },

  'old-wish-is-sent-back': {
    async play(stage) {
      const message = stage.send(HALL, { releaseInMs: 2 * HOUR_MS });
      stage.deliver(message);
      await stage.pass(MINUTE_MS);
      stage.deliver(stage.command({ keep: true }));
      await stage.pass(MINUTE_MS);
      stage.deliver(stage.redrive(message));
    },
  },

  'keep-arrives-before-release-due': {
    async play(stage) {
      const message = stage.send(HALL, { releaseInMs: 2 * SECOND_MS });
      await stage.pass(MINUTE_MS);
      stage.deliver(message, { 'decide failed': pausedBefore(10 * SECOND_MS) });
      await stage.pass(5 * SECOND_MS);
      stage.deliver(stage.command({ keep: true }));
      await stage.pass(MINUTE_MS);
    },
  },

  'push-back-arrives-after-the-retention-time': {
    async play(stage) {
      stage.deliver(stage.send(HALL, { releaseInMs: HOUR_MS }));
      await stage.pass(2 * HOUR_MS);
      stage.release({ DeleteRoom: lostAnswer, 'push back': late(92 * DAY_MS) });
      await stage.pass(5 * MINUTE_MS);
      stage.release();
      await stage.pass(91 * DAY_MS);
      await stage.removeExpired();
      await stage.pass(2 * DAY_MS);
    },
  },
};
