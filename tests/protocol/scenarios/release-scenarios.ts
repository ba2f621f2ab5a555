import { crashBefore, lostAnswer, lostRequest, pausedAfter, pausedBefore } from '../directions.ts';
import type { Stage } from '../stage.ts';
import { DAY_MS, type DirectedScenarios, HALL, HOUR_MS, MINUTE_MS, OTHER_HALL, SECOND_MS } from './common.ts';

/** After this time, a due room is due by every clock. */
const CERTAIN_MS = 31 * SECOND_MS;

/** The room of a request whose release is due, and no releaser has looked at it. */
async function dueRoom(stage: Stage): Promise<void> {
  stage.deliver(stage.send(HALL, { releaseInMs: HOUR_MS }));
  await stage.pass(HOUR_MS + CERTAIN_MS);
}

/** Scenarios of the releaser: when is a room deleted, and what is announced? */
export const RELEASE_SCENARIOS: DirectedScenarios = {
  'keep-arrives-between-look-and-mark': {
    async play(stage) {
      await dueRoom(stage);
      stage.release({ GetRoom: pausedAfter(20 * SECOND_MS) });
      await stage.pass(5 * SECOND_MS);
      stage.deliver(stage.command({ keep: true }));
      await stage.pass(30 * SECOND_MS);
    },
  },

  'time-changes-before-the-mark': {
    async play(stage) {
      await dueRoom(stage);
      stage.release({ mark: pausedBefore(20 * SECOND_MS) });
      await stage.pass(5 * SECOND_MS);
      stage.deliver(stage.command({ releaseInMs: 2 * HOUR_MS }));
      await stage.pass(30 * SECOND_MS);
    },
  },

  'keep-arrives-after-the-mark': {
    async play(stage) {
      await dueRoom(stage);
      stage.release({ DeleteRoom: pausedBefore(20 * SECOND_MS) });
      await stage.pass(5 * SECOND_MS);
      stage.deliver(stage.command({ keep: true }));
      await stage.pass(30 * SECOND_MS);
    },
  },

  'releaser-with-a-fast-clock': {
    async play(stage) {
      stage.deliver(stage.send(HALL, { releaseInMs: HOUR_MS }));
      await stage.pass(HOUR_MS - 20 * SECOND_MS);
      stage.release({}, { skewMs: 29 * SECOND_MS, isWarm: true });
      await stage.pass(MINUTE_MS);
    },
  },

  'owner-is-paused-before-it-publishes': {
    async play(stage) {
      stage.deliver(stage.send(HALL, { releaseInMs: 2 * MINUTE_MS }), { Publish: pausedBefore(5 * MINUTE_MS) });
      await stage.pass(3 * MINUTE_MS);
      stage.release();
      await stage.pass(3 * MINUTE_MS);
    },
  },

  'release-after-the-retention-time': {
    async play(stage) {
      stage.deliver(stage.send(HALL, { releaseInMs: 100 * DAY_MS }));
      await stage.pass(91 * DAY_MS);
      await stage.removeExpired();
    },
  },

  'wish-arrives-before-complete': {
    async play(stage) {
      stage.deliver(stage.send(HALL), { complete: pausedBefore(10 * SECOND_MS) });
      await stage.pass(5 * SECOND_MS);
      stage.deliver(stage.command({ releaseInMs: HOUR_MS }));
      await stage.pass(MINUTE_MS);
    },
  },

  'room-is-too-new-to-be-seen': {
    newRoomLagMs: MINUTE_MS,
    async play(stage) {
      stage.deliver(stage.send(HALL, { releaseInMs: 2 * SECOND_MS }));
      await stage.pass(40 * SECOND_MS);
      stage.release();
      await stage.pass(MINUTE_MS);
    },
  },

  'releaser-crashes-before-it-announces': {
    async play(stage) {
      await dueRoom(stage);
      stage.release({ Publish: crashBefore });
      await stage.pass(5 * MINUTE_MS);
    },
  },

  'requests-after-the-release': {
    async play(stage) {
      stage.deliver(stage.send(HALL, { releaseInMs: HOUR_MS }));
      await stage.pass(MINUTE_MS);
      const duplicate = stage.send(HALL, { releaseInMs: HOUR_MS });
      await stage.pass(2 * HOUR_MS);
      stage.release();
      await stage.pass(MINUTE_MS);
      stage.deliver(duplicate);
      await stage.pass(MINUTE_MS);
      stage.deliver(stage.send(HALL));
      await stage.pass(MINUTE_MS);
      stage.deliver(stage.send(OTHER_HALL));
    },
  },

  'delete-room-is-lost': {
    async play(stage) {
      await dueRoom(stage);
      stage.release({ DeleteRoom: lostRequest });
      await stage.pass(5 * MINUTE_MS);
    },
  },

  'answer-of-delete-room-is-lost': {
    async play(stage) {
      await dueRoom(stage);
      stage.release({ DeleteRoom: lostAnswer });
      await stage.pass(5 * MINUTE_MS);
    },
  },

  'keep-arrives-during-a-sweep': {
    async play(stage) {
      await dueRoom(stage);
      stage.sweep({ pauseMs: 20 * SECOND_MS });
      await stage.pass(5 * SECOND_MS);
      stage.deliver(stage.command({ keep: true }));
      await stage.pass(30 * SECOND_MS);
    },
  },
};
