import { crashAfter, lostAnswer, lostRequest, pausedAfter } from '../directions.ts';
import { DAY_MS, type DirectedScenarios, HALL, MINUTE_MS, OTHER_HALL, SECOND_MS, SETTLED_MS } from './common.ts';

/** Scenarios of deletion: whose room is it? */
export const DELETION_SCENARIOS: DirectedScenarios = {
  'sweep-after-ttl': {
    async play(stage) {
      stage.deliver(stage.send(HALL));
      await stage.pass(91 * DAY_MS);
      await stage.removeExpired();
      // The room is still in use.
      stage.beginNewLife();
      stage.deliver(stage.send(HALL));
      await stage.pass(MINUTE_MS);
      stage.sweep();
    },
  },

  'late-room-of-earlier-generation': {
    listingLagMs: 40 * MINUTE_MS,
    async play(stage) {
      const first = stage.send(HALL, { neededInMs: 10 * MINUTE_MS });
      stage.deliver(first, { CreateRoom: crashAfter });
      await stage.pass(SETTLED_MS);
      // The request is given up although its room exists, because the listing lags beyond every bound.
      stage.disregardRooms();
      stage.deliver(first);
      await stage.pass(MINUTE_MS);
      const corrected = stage.send(OTHER_HALL);
      stage.deliver(corrected, { CreateRoom: lostRequest });
      await stage.pass(30 * MINUTE_MS);
    },
  },

  'orphan-of-a-failed-key': {
    listingLagMs: 40 * MINUTE_MS,
    async play(stage) {
      const message = stage.send(HALL, { neededInMs: 10 * MINUTE_MS });
      stage.deliver(message, { CreateRoom: crashAfter });
      await stage.pass(SETTLED_MS);
      stage.deliver(message);
      await stage.pass(MINUTE_MS);
      stage.sweep();
      await stage.pass(MINUTE_MS);
    },
  },

  'zombie-looks-before-it-deletes': {
    async play(stage) {
      const message = stage.send(HALL);
      stage.deliver(message, { checkpoint: lostAnswer });
      await stage.pass(2 * SECOND_MS);
      // The clock of this worker is wrong beyond the bound, so it takes over while the first worker repeats its checkpoint.
      stage.deliver(message, {}, { skewMs: 2 * MINUTE_MS });
    },
  },

  'sweep-while-undecided': {
    async play(stage) {
      stage.deliver(stage.send(HALL), { CreateRoom: pausedAfter(5 * SECOND_MS) });
      await stage.pass(2 * SECOND_MS);
      stage.sweep();
    },
  },
};
