import { crashAfter, late, lostAnswer, pausedAfter, pausedBefore } from '../directions.ts';
import { type DirectedScenarios, HALL, LEASE_MS, MINUTE_MS, SECOND_MS, SETTLED_MS } from './common.ts';

/** Scenarios of waiting: when is it certain that there is no room? */
export const WAITING_SCENARIOS: DirectedScenarios = {
  'settle-covers-effect-plus-visibility': {
    async play(stage) {
      const message = stage.send(HALL);
      stage.deliver(message, { CreateRoom: late(895 * SECOND_MS) });
      await stage.pass(930 * SECOND_MS);
      // Both the effect and the visibility would be over by now, each on its own. The room is listed in 25 seconds.
      stage.deliver(message);
    },
  },

  'settle-covers-effect-plus-visibility-plus-skew': {
    async play(stage) {
      const message = stage.send(HALL);
      stage.deliver(message, { CreateRoom: late(895 * SECOND_MS) });
      await stage.pass(940 * SECOND_MS);
      stage.deliver(message, {}, { skewMs: 29 * SECOND_MS });
    },
  },

  'paused-between-intent-and-send': {
    async play(stage) {
      const message = stage.send(HALL);
      stage.deliver(message, { sign: pausedBefore(SETTLED_MS + MINUTE_MS) });
      await stage.pass(SETTLED_MS);
      stage.deliver(message);
    },
  },

  'clock-read-before-listing': {
    async play(stage) {
      const message = stage.send(HALL);
      stage.deliver(message, { CreateRoom: late(898 * SECOND_MS) });
      await stage.pass(954 * SECOND_MS);
      // The list is requested four seconds before it shows the room. The answer is read when all bounds have passed.
      stage.deliver(message, { ListRooms: pausedAfter(40 * SECOND_MS) }, { skewMs: 29 * SECOND_MS });
    },
  },

  'expiry-while-intent-stands': {
    async play(stage) {
      const message = stage.send(HALL, { neededInMs: MINUTE_MS });
      stage.deliver(message, { CreateRoom: crashAfter });
      await stage.pass(LEASE_MS);
      stage.deliver(message);
    },
  },

  'one-send-per-invocation': {
    async play(stage) {
      stage.deliver(stage.send(HALL), { CreateRoom: lostAnswer });
    },
  },

  'early-none-is-not-trusted': {
    async play(stage) {
      const message = stage.send(HALL);
      stage.deliver(message, { CreateRoom: late(5 * MINUTE_MS) });
      await stage.pass(LEASE_MS);
      stage.deliver(message);
    },
  },

  'takeover-keeps-the-intent': {
    async play(stage) {
      const message = stage.send(HALL);
      stage.deliver(message, { CreateRoom: crashAfter });
      await stage.pass(LEASE_MS);
      stage.deliver(message);
    },
  },
};
