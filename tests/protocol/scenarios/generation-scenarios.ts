import { refused } from '../directions.ts';
import { type DirectedScenarios, HALL, HOUR_MS, MINUTE_MS, SECOND_MS } from './common.ts';

/** Scenarios of failures: to which generation of the key does a wish apply? */
export const GENERATION_SCENARIOS: DirectedScenarios = {
  'corrected-request-has-no-wish': {
    async play(stage) {
      stage.deliver(stage.send(HALL, { releaseInMs: HOUR_MS }), { CreateRoom: refused });
      await stage.pass(MINUTE_MS);
      stage.deliver(stage.send(HALL));
    },
  },

  'request-is-sent-back-after-a-command': {
    async play(stage) {
      const message = stage.send(HALL);
      await stage.pass(SECOND_MS);
      stage.deliver(stage.command({ releaseInMs: HOUR_MS }));
      await stage.pass(SECOND_MS);
      stage.deliver(message, { CreateRoom: refused });
      await stage.pass(MINUTE_MS);
      stage.deliver(stage.redrive(message));
    },
  },

  'request-is-sent-back-after-another': {
    async play(stage) {
      const message = stage.send(HALL, { releaseInMs: HOUR_MS });
      stage.deliver(message, { CreateRoom: refused });
      await stage.pass(MINUTE_MS);
      stage.deliver(stage.send(HALL));
      await stage.pass(MINUTE_MS);
      stage.deliver(stage.redrive(message));
    },
  },

  'request-is-sent-back-after-another-and-a-keep': {
    async play(stage) {
      const message = stage.send(HALL, { releaseInMs: HOUR_MS });
      await stage.pass(SECOND_MS);
      stage.deliver(stage.command({ keep: true }));
      await stage.pass(SECOND_MS);
      stage.deliver(message, { CreateRoom: refused });
      await stage.pass(MINUTE_MS);
      stage.deliver(stage.send(HALL));
      await stage.pass(MINUTE_MS);
      // The keep is not as old as this request, so it applies too.
      stage.deliver(stage.redrive(message));
    },
  },

  'duplicate-arrives-in-the-next-generation': {
    async play(stage) {
      const message = stage.send(HALL, { releaseInMs: HOUR_MS });
      const duplicate = stage.send(HALL, { releaseInMs: HOUR_MS });
      stage.deliver(message, { CreateRoom: refused });
      await stage.pass(MINUTE_MS);
      stage.deliver(stage.send(HALL));
      await stage.pass(MINUTE_MS);
      stage.deliver(duplicate);
    },
  },

  'request-was-sent-before-a-stop': {
    async play(stage) {
      const early = stage.send(HALL, { releaseInMs: HOUR_MS });
      const row = stage.send(HALL, { isRow: true });
      await stage.writeStop('stop');
      stage.deliver(row);
      await stage.pass(MINUTE_MS);
      stage.deliver(stage.send(HALL));
      await stage.pass(MINUTE_MS);
      stage.deliver(early);
    },
  },

  'stopped-row-is-delivered-twice': {
    async play(stage) {
      const row = stage.send(HALL, { isRow: true, releaseInMs: HOUR_MS });
      const duplicate = stage.send(HALL, { isRow: true, releaseInMs: HOUR_MS });
      await stage.writeStop('stop');
      stage.deliver(row);
      await stage.pass(MINUTE_MS);
      stage.deliver(stage.send(HALL));
      await stage.pass(MINUTE_MS);
      stage.deliver(duplicate);
    },
  },
};
