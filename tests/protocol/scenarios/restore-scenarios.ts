import { refused, throttled } from '../directions.ts';
import { type DirectedScenarios, HALL, LEASE_MS, MINUTE_MS, OTHER_HALL, SECOND_MS, SETTLED_MS } from './common.ts';

/** Scenarios in which the ledger is restored from a backup. The operator has stopped the functions before. */
export const RESTORE_SCENARIOS: DirectedScenarios = {
  'key-claimed-after-the-backup': {
    async play(stage) {
      const backup = stage.backUp();
      stage.deliver(stage.send(HALL));
      await stage.pass(SETTLED_MS);
      stage.restore(backup);
      await stage.pass(SECOND_MS);
      stage.deliver(stage.send(HALL));
    },
  },

  'room-made-after-the-backup': {
    async play(stage) {
      const message = stage.send(HALL);
      // The key is claimed, but nothing was sent yet.
      stage.deliver(message, { CreateRoom: throttled, 'CreateRoom 2': throttled, 'CreateRoom 3': throttled });
      await stage.pass(LEASE_MS);
      const backup = stage.backUp();
      stage.deliver(message);
      await stage.pass(SETTLED_MS);
      stage.restore(backup);
      await stage.pass(SECOND_MS);
      stage.deliver(stage.send(HALL));
    },
  },

  'key-claimed-again-after-the-backup': {
    async play(stage) {
      stage.deliver(stage.send(HALL), { CreateRoom: refused });
      await stage.pass(MINUTE_MS);
      const backup = stage.backUp();
      stage.deliver(stage.send(OTHER_HALL));
      await stage.pass(SETTLED_MS);
      stage.restore(backup);
      await stage.pass(SECOND_MS);
      stage.deliver(stage.send(OTHER_HALL));
    },
  },
};
