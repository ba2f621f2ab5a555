import { describe, expect, test } from '@jest/globals';
import { cutRate, rateAt } from '../../lib/pace/rate.ts';

const CUT_AT = 1_000_000;
const at = (seconds: number) => CUT_AT + seconds * 1_000;
const rounded = (rate: number) => Math.round(rate * 1_000) / 1_000;

describe('the rate', () => {
  test('is slightly below the quota if no call was ever throttled', () => {
    expect(rateAt({}, CUT_AT, 5)).toBe(4.975);
    expect(rateAt({}, CUT_AT, 50)).toBe(49.75);
  });

  test.each([
    { seconds: 0, rate: 2 },
    { seconds: 10, rate: 2.5 },
    { seconds: 20, rate: 3 },
    { seconds: 21, rate: 3.5 },
    { seconds: 23, rate: 4.5 },
    { seconds: 24, rate: 4.975 },
    { seconds: 3_600, rate: 4.975 },
  ])('is $rate a second $seconds s after a throttle has cut it to 2', ({ seconds, rate }) => {
    expect(rounded(rateAt({ rate: 2, rate_at: CUT_AT }, at(seconds), 5))).toBe(rate);
  });

  test('is the reduced rate for a worker whose clock is behind', () => {
    expect(rateAt({ rate: 2, rate_at: CUT_AT }, at(-5), 5)).toBe(2);
  });

  test('recovers from the deepest cut in half a minute', () => {
    const deepest = { rate: cutRate({ rate: 0, rate_at: CUT_AT }, CUT_AT, 5), rate_at: CUT_AT };
    expect(deepest.rate).toBe(0.25);
    expect(rateAt(deepest, at(30), 5)).toBeGreaterThanOrEqual(0.95 * 5);
  });
});

describe('a throttle', () => {
  test('cuts the present rate by a fifth, because it may be an isolated event', () => {
    expect(rounded(cutRate({}, CUT_AT, 5))).toBe(3.98);
    expect(rounded(cutRate({ rate: 2, rate_at: CUT_AT }, at(61), 5))).toBe(3.98);
  });

  test('cuts the rate by a fifth soon after an operator set the ceiling, which is no throttle', () => {
    expect(rounded(cutRate({ rate_at: CUT_AT }, at(1), 5))).toBe(3.98);
  });

  test('cuts the rate by two fifths within a minute of another throttle', () => {
    expect(rounded(cutRate({ rate: 2, rate_at: CUT_AT }, at(20), 5))).toBe(1.8);
    expect(rounded(cutRate({ rate: 2, rate_at: CUT_AT }, at(60), 5))).toBe(2.985);
  });

  test('leaves at least a twentieth of the quota, however often it happens', () => {
    let item = {};
    for (let time = 0; time < 20; time++) item = { rate: cutRate(item, CUT_AT, 5), rate_at: CUT_AT };
    expect(item).toEqual({ rate: 0.25, rate_at: CUT_AT });
  });
});
