import { crashAfter, crashBefore, late, lostAnswer, pausedBefore, throttled } from '../directions.ts';
import { type DirectedScenarios, HALL, LEASE_MS, MINUTE_MS, SECOND_MS, SETTLED_MS, STUDIO } from './common.ts';

/** Scenarios of ownership: who has the claim? */
export const OWNERSHIP_SCENARIOS: DirectedScenarios = {
  'late-clear-write': {
    async play(stage) {
      const message = stage.send(HALL);
      stage.deliver(message, { CreateRoom: throttled, clear: late(15 * SECOND_MS), 'CreateRoom 2': crashAfter });
      await stage.pass(LEASE_MS);
      stage.deliver(message);
    },
  },

  'late-acquire-write': {
    async play(stage) {
      const message = stage.send(HALL);
      stage.deliver(message, { acquire: late(130 * SECOND_MS), intent: pausedBefore(150 * SECOND_MS) });
      await stage.pass(LEASE_MS);
      // It releases its claim before the late acquire arrives, which then restores the first worker's token.
      stage.deliver(message, { CreateRoom: lostAnswer });
    },
  },

  'in-progress-never-expires': {
    async play(stage) {
      const message = stage.send(HALL);
      stage.deliver(message, { CreateRoom: crashAfter });
      await stage.pass(61 * MINUTE_MS);
      await stage.removeExpired();
      stage.deliver(message);
    },
  },

  'takeover-with-other-payload': {
    async play(stage) {
      const first = stage.send(HALL);
      const second = stage.send(STUDIO);
      stage.deliver(first, { CreateRoom: crashAfter });
      await stage.pass(SETTLED_MS);
      stage.deliver(second);
    },
  },

  'lost-lease-is-not-acknowledged': {
    async play(stage) {
      const message = stage.send(HALL);
      stage.deliver(message, { intent: pausedBefore(LEASE_MS + 10 * SECOND_MS) });
      await stage.pass(LEASE_MS);
      stage.deliver(message, { intent: crashBefore });
    },
  },

  'zombie-comes-back-before-its-intent': {
    async play(stage) {
      const message = stage.send(HALL);
      stage.deliver(message, { intent: pausedBefore(LEASE_MS + 10 * SECOND_MS) });
      await stage.pass(LEASE_MS);
      stage.deliver(message, { CreateRoom: crashAfter });
    },
  },
};
