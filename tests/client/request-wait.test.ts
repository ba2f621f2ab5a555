import { describe, expect, test } from '@jest/globals';
import { waitOf } from '../../client/operate/request-wait.ts';
import { failedItem, undecidedItem } from '../support/ledger-items.ts';

const MINUTE = 60_000;
const NOW = Date.parse('2026-06-01T12:00:00.000Z');
const OPEN = { free_at: 0, open_step: 0 };
const waiting = (reason: string, ages: { first: number; last: number }) =>
  undecidedItem({
    needed_by: NOW + 24 * 60 * MINUTE,
    waits: {
      'no-slot': { first: NOW - 100 * MINUTE, last: NOW - 90 * MINUTE, count: 2 },
      [reason]: { first: NOW - ages.first * MINUTE, last: NOW - ages.last * MINUTE, count: 7 },
    },
  });

describe('the wait of a request', () => {
  test('has the reason of the last attempt, and the next attempt comes within a third of the age of the reason', () => {
    expect(waitOf(waiting('conflict', { first: 31, last: 1 }), OPEN)).toEqual({
      reason: 'conflict',
      sinceMs: NOW - 31 * MINUTE,
      lastMs: NOW - MINUTE,
      count: 7,
      untilMs: NOW + 9 * MINUTE,
    });
  });

  test.each(['breaker-open', 'quota', 'blocked', 'denied'])(
    'for the reason %s ends soon after the next probe',
    (reason) => {
      const wait = waitOf(waiting(reason, { first: 31, last: 1 }), { ...OPEN, open_until: NOW + 20 * MINUTE });
      expect(wait?.untilMs).toBeGreaterThan(NOW + 20 * MINUTE);
      expect(wait?.untilMs).toBeLessThanOrEqual(NOW + 26 * MINUTE);
    },
  );

  test('for a pause ends soon after the pause, or earlier if the pause lasts long', () => {
    const item = waiting('paused', { first: 31, last: 1 });
    const near = waitOf(item, { ...OPEN, bulk_paused_until: NOW + MINUTE });
    expect(near?.untilMs).toBeGreaterThan(NOW + MINUTE);
    expect(near?.untilMs).toBeLessThanOrEqual(NOW + 2 * MINUTE);
    expect(waitOf(item, { ...OPEN, bulk_paused_until: 8.64e15 })?.untilMs).toBe(NOW + 9 * MINUTE);
  });

  test.each([
    ['lasts until it is resumed', 8.64e15, 9 * MINUTE],
    ['ends later', NOW + 60 * MINUTE, 9 * MINUTE],
  ])(
    'ends with the pause of the other lane if that %s, because the lane of the request is not stored',
    (_which, bulk_paused_until, laterMs) => {
      const item = waiting('paused', { first: 31, last: 1 });
      const pace = { ...OPEN, interactive_paused_until: NOW + MINUTE, bulk_paused_until };
      expect(waitOf(item, pace)?.untilMs).toBe(NOW + laterMs);
    },
  );

  test.each(['unsettled', 'no-slot', 'a reason of a later release'])('for the reason %s has no known end', (reason) => {
    expect(waitOf(waiting(reason, { first: 31, last: 1 }), OPEN)).toMatchObject({ reason, untilMs: undefined });
  });
});

test('a request that is answered, or was never postponed, does not wait', () => {
  expect(waitOf(failedItem({ status: 'COMPLETED' }), OPEN)).toBeUndefined();
  expect(waitOf(undecidedItem({}), OPEN)).toBeUndefined();
});
