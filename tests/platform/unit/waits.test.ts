import { describe, expect, test } from '@jest/globals';
import { capByNeededBy, shareOfAgeMs } from '../../../lib/platform/waits.ts';

const none = () => 0;
const all = () => 0.999_999;
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

describe('a wait whose end is unknown', () => {
  test.each([
    ['at the beginning', 0, 2 * SECOND],
    ['with a clock that runs behind', -MINUTE, 2 * SECOND],
    ['after six seconds', 6 * SECOND, 2 * SECOND],
    ['after a minute', MINUTE, 20 * SECOND],
    ['after an hour', HOUR, 20 * MINUTE],
    ['after three hours', 3 * HOUR, HOUR],
    ['after a week', 7 * 24 * HOUR, HOUR],
  ])('%s is a third of its age, from 2 seconds to an hour', (_when, ageMs, waitMs) => {
    expect(shareOfAgeMs(ageMs, none)).toBe(waitMs);
  });

  test('is shortened by up to a twentieth, after the cap', () => {
    expect(shareOfAgeMs(MINUTE, () => 0.5)).toBe(19_500);
    expect(shareOfAgeMs(7 * 24 * HOUR, all)).toBe(57 * MINUTE);
  });
});

describe('a wait before a deadline', () => {
  test.each([
    ['ends at half of the time left', HOUR, 40 * MINUTE, 20 * MINUTE],
    ['stays as it is if it is shorter', MINUTE, 40 * MINUTE, MINUTE],
    ['is a minute at the end, if it would be longer', HOUR, SECOND, MINUTE],
    ['is not made longer by the deadline', SECOND, MINUTE, SECOND],
    ['is not limited when the deadline has passed', HOUR, 0, HOUR],
    ['is not limited long after the deadline', HOUR, -HOUR, HOUR],
  ])('%s', (_what, waitMs, leftMs, cappedMs) => {
    expect(capByNeededBy(waitMs, { nowMs: HOUR, neededByMs: HOUR + leftMs })).toBe(cappedMs);
  });

  test('is not limited without a deadline', () => {
    expect(capByNeededBy(HOUR, { nowMs: 0, neededByMs: undefined })).toBe(HOUR);
  });
});
