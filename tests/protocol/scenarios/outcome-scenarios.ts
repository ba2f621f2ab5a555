import { crashAfter, crashBefore, pausedBefore, refused } from '../directions.ts';
import { type DirectedScenarios, HALL, LEASE_MS, SECOND_MS, STUDIO } from './common.ts';

/** Scenarios of outcomes: each request has one, and it is final. */
export const OUTCOME_SCENARIOS: DirectedScenarios = {
  'failure-is-decided-before-published': {
    async play(stage) {
      const message = stage.send(HALL);
      stage.deliver(message, { CreateRoom: refused, Publish: crashAfter });
      await stage.pass(LEASE_MS);
      // This time IVS Chat would not refuse.
      stage.deliver(message);
    },
  },

  'duplicate-after-freed-key': {
    async play(stage) {
      const first = stage.send(HALL);
      const duplicate = stage.send(HALL);
      stage.deliver(first, { CreateRoom: refused });
      await stage.pass(5 * SECOND_MS);
      stage.deliver(duplicate);
    },
  },

  'retake-waits-for-complete': {
    async play(stage) {
      const first = stage.send(HALL);
      stage.deliver(first, { CreateRoom: refused, Publish: pausedBefore(30 * SECOND_MS) });
      await stage.pass(5 * SECOND_MS);
      stage.deliver(stage.send(HALL));
    },
  },

  'row-is-stopped-and-another-request-waits': {
    async play(stage) {
      const other = stage.send(HALL);
      const row = stage.send(HALL, { isRow: true });
      await stage.writeStop('stop');
      stage.deliver(row);
      await stage.pass(5 * SECOND_MS);
      stage.deliver(other);
    },
  },

  'stopped-row-is-sent-again': {
    async play(stage) {
      const row = stage.send(HALL, { isRow: true });
      await stage.writeStop('stop');
      stage.deliver(row);
      await stage.pass(5 * SECOND_MS);
      // A reader that had crashed sends the row again. All rows are answered, so the report is written.
      const again = stage.send(HALL, { isRow: true });
      await stage.writeStop('forget');
      stage.deliver(again);
    },
  },

  'answered-request-after-a-stop': {
    async play(stage) {
      const other = stage.send(HALL);
      stage.deliver(other, { CreateRoom: refused, complete: crashAfter });
      await stage.pass(LEASE_MS);
      const row = stage.send(HALL, { isRow: true });
      await stage.writeStop('stop');
      stage.deliver(row);
      await stage.pass(5 * SECOND_MS);
      stage.deliver(other);
    },
  },

  'other-payload-is-rejected-before-a-stop': {
    async play(stage) {
      const row = stage.send(HALL, { isRow: true });
      const other = stage.send(STUDIO);
      stage.deliver(row, { pace: crashBefore });
      await stage.pass(5 * SECOND_MS);
      stage.deliver(other, { Publish: crashAfter });
      await stage.writeStop('stop');
      await stage.pass(LEASE_MS);
      stage.deliver(row);
      await stage.pass(5 * SECOND_MS);
      stage.deliver(other);
    },
  },

  'takeover-finishes-then-asks-for-itself': {
    async play(stage) {
      const first = stage.send(HALL);
      const second = stage.send(STUDIO);
      stage.deliver(second, { Publish: crashBefore });
      await stage.pass(LEASE_MS);
      stage.deliver(first);
    },
  },

  'dead-letter-of-a-provisioned-key': {
    async play(stage) {
      const first = stage.send(HALL);
      const duplicate = stage.send(HALL);
      stage.deliver(first);
      await stage.pass(5 * SECOND_MS);
      stage.deliver(duplicate, {}, { deadLetters: true });
    },
  },

  'same-id-after-takeover': {
    async play(stage) {
      const message = stage.send(HALL);
      stage.deliver(message, { Publish: crashAfter });
      await stage.pass(LEASE_MS);
      stage.deliver(message);
    },
  },
};
