import { describe, expect, test } from '@jest/globals';
import { backoffMs } from '../../../lib/platform/backoff.ts';
import { extraWaitMs } from '../../../lib/provisioning/wait-times.ts';

const all = () => 0.999_999;
const none = () => 0;

describe('backoff within an invocation', () => {
  const policy = { baseMs: 500, capMs: 4_000 };

  test('doubles up to its cap, and the cap is applied before the jitter', () => {
    expect([1, 2, 3, 4, 5, 60].map((attempt) => backoffMs(attempt, policy, all))).toEqual([
      499, 999, 1_999, 3_999, 3_999, 3_999,
    ]);
  });

  test('is a random share of the wait, down to zero', () => {
    expect([1, 2, 3, 4, 5].map((attempt) => backoffMs(attempt, policy, none))).toEqual([0, 0, 0, 0, 0]);
    expect(backoffMs(3, policy, () => 0.5)).toBe(1_000);
  });
});

describe('the extra wait of a message that gets no slot', () => {
  test('grows with every receive without a slot, up to 65 minutes', () => {
    expect([1, 2, 3, 10, 61, 500].map(extraWaitMs)).toEqual([0, 1_000, 4_000, 81_000, 3_600_000, 3_900_000]);
  });
});
