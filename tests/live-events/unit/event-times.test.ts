import { describe, expect, test } from '@jest/globals';
import {
  isAhead,
  isCheckDue,
  isNear,
  justDueUntilMs,
  nearTimeMs,
  nextTimeMs,
  timesAhead,
  timesOf,
} from '../../../lib/live-events/event-times.ts';
import { cancelled, MINUTE_MS, NOW_MS, opened, pending } from './items.ts';

const clock = { nowMs: () => NOW_MS };

test('an event may request its rooms up to five seconds before its opening', () => {
  expect(isAhead(NOW_MS + 5_000, clock)).toBe(false);
  expect(isAhead(NOW_MS + 5_001, clock)).toBe(true);
});

test('a time is near if it is at most 65 seconds away: a minute by which a schedule may be late, and five seconds', () => {
  expect(isNear(NOW_MS + 65_000, clock)).toBe(true);
  expect(isNear(NOW_MS + 65_001, clock)).toBe(false);
});

describe('the future times of an event are', () => {
  const [open, check] = [NOW_MS + 90 * MINUTE_MS, NOW_MS + 110 * MINUTE_MS];

  test.each([
    ['the opening and the check while it is pending', pending(), { open, check }],
    ['only the check from five seconds before the opening on', pending({ opens_at: NOW_MS + 5_000 }), { check }],
    ['only the check after it is opened', opened(), { check }],
    ['a check that is one millisecond ahead', opened({ check_at: NOW_MS + 1 }), { check: NOW_MS + 1 }],
    ['no check if the check is due', opened({ check_at: NOW_MS }), {}],
    ['no check if its revision was checked', pending({ checked_revision: 2 }), { open }],
    [
      'the opening and the check if only an earlier revision was checked',
      pending({ checked_revision: 1 }),
      { open, check },
    ],
    ['none if it is cancelled', cancelled(), {}],
  ])('%s', (_what, item, expected) => {
    expect(timesAhead(item, clock)).toEqual(expected);
  });
});

describe('the time of an event that is too near for a schedule is', () => {
  test.each([
    ['none if both are far away', pending(), undefined],
    ['its opening', pending({ opens_at: NOW_MS + 60_000 }), NOW_MS + 60_000],
    ['its check', opened({ check_at: NOW_MS + 1_000 }), NOW_MS + 1_000],
    ['the first of two near times', pending({ opens_at: NOW_MS + 60_000, check_at: NOW_MS + 61_000 }), NOW_MS + 60_000],
    [
      'the first of two near times in the other order',
      pending({ opens_at: NOW_MS + 61_000, check_at: NOW_MS + 60_000 }),
      NOW_MS + 60_000,
    ],
  ])('%s', (_what, item, expected) => {
    expect(nearTimeMs(item, clock)).toBe(expected);
  });
});

describe('the next due time of an event is', () => {
  const times = timesOf(pending());
  const at = (minute: number, ms = 0) => ({ nowMs: () => NOW_MS + minute * MINUTE_MS + ms });

  test.each<[string, number, number, number | undefined]>([
    ['its opening', 0, 0, 90],
    ['the opening until a millisecond before it', 90, -1, 90],
    ['the check from the opening on', 90, 0, 110],
    ['the start from the check on', 110, 0, 120],
    ['the end of the first hour from the start on', 120, 0, 180],
    ['none when the rooms are no longer needed', 180, 0, undefined],
  ])('%s', (_what, minute, ms, expected) => {
    expect(nextTimeMs(times, at(minute, ms))).toBe(expected === undefined ? undefined : NOW_MS + expected * MINUTE_MS);
  });

  test('none for a cancelled event', () => {
    expect(timesOf(cancelled())).toBeUndefined();
    expect(nextTimeMs(timesOf(cancelled()), clock)).toBeUndefined();
  });
});

describe('the check of an event is due', () => {
  test.each([
    ['from its time on', opened({ check_at: NOW_MS }), true],
    ['not before', opened({ check_at: NOW_MS + 1 }), false],
    ['only once for a revision', opened({ check_at: NOW_MS, checked_revision: 2 }), false],
    ['again for its next revision', opened({ check_at: NOW_MS, checked_revision: 1 }), true],
    ['only if the event is not cancelled', cancelled(), false],
  ])('%s', (_what, item, expected) => {
    expect(isCheckDue(item, clock)).toBe(expected);
  });
});

describe('a check waits ten seconds for rooms that could not be requested before now:', () => {
  const soonMs = NOW_MS + 10_000;
  const dueMs = NOW_MS - MINUTE_MS;

  test.each([
    [
      'for those of an event that was not examined since it became due',
      pending({ opens_at: dueMs, expected_at: dueMs }),
      soonMs,
    ],
    [
      'for those of an event that was due when it was accepted',
      pending({ opens_at: dueMs - 1, accepted_at: dueMs, expected_at: dueMs }),
      soonMs,
    ],
    ['for those of an event whose item does not state when it is examined next', pending({ opens_at: dueMs }), soonMs],
    [
      'but not for those of an event that waits for its turn',
      pending({ opens_at: dueMs, expected_at: dueMs + 1 }),
      undefined,
    ],
    ['for those of an event that was just opened', opened({ opened_at: NOW_MS - 9_999 }), NOW_MS + 1],
    [
      'but not for those of an event that was opened ten seconds ago',
      opened({ opened_at: NOW_MS - 10_000 }),
      undefined,
    ],
    ['but not for those of a cancelled event', cancelled(), undefined],
  ])('%s', (_what, item, expected) => {
    expect(justDueUntilMs(item, clock)).toBe(expected);
  });
});
