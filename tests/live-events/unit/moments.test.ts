import { describe, expect, test } from '@jest/globals';
import {
  isAhead,
  isCheckDue,
  isNear,
  justDueUntilMs,
  momentsAhead,
  momentsOf,
  nearMomentMs,
  nextMomentMs,
} from '../../../lib/live-events/moments.ts';
import { cancelled, MINUTE_MS, NOW_MS, opened, pending } from './items.ts';

const clock = { nowMs: () => NOW_MS };

test('an event may ask for its rooms from five seconds before its opening', () => {
  expect(isAhead(NOW_MS + 5_000, clock)).toBe(false);
  expect(isAhead(NOW_MS + 5_001, clock)).toBe(true);
});

test('a moment is near for as long as a schedule may be late, and five seconds', () => {
  expect(isNear(NOW_MS + 65_000, clock)).toBe(true);
  expect(isNear(NOW_MS + 65_001, clock)).toBe(false);
});

describe('the moments that an event has ahead', () => {
  const [open, check] = [NOW_MS + 90 * MINUTE_MS, NOW_MS + 110 * MINUTE_MS];

  test.each([
    ['both, while it is pending', pending(), { open, check }],
    ['no opening within five seconds of it', pending({ opens_at: NOW_MS + 5_000 }), { check }],
    ['no opening after it is opened', opened(), { check }],
    ['a check of which a millisecond is left', opened({ check_at: NOW_MS + 1 }), { check: NOW_MS + 1 }],
    ['no check that is due', opened({ check_at: NOW_MS }), {}],
    ['no check that its revision had already', pending({ checked_revision: 2 }), { open }],
    ['a check that only an earlier revision had', pending({ checked_revision: 1 }), { open, check }],
    ['none when it is cancelled', cancelled(), {}],
  ])('%s', (_what, item, expected) => {
    expect(momentsAhead(item, clock)).toEqual(expected);
  });
});

describe('the near moment of an event', () => {
  test.each([
    ['none, if both are far', pending(), undefined],
    ['its opening', pending({ opens_at: NOW_MS + 60_000 }), NOW_MS + 60_000],
    ['its check', opened({ check_at: NOW_MS + 1_000 }), NOW_MS + 1_000],
    ['the first of two', pending({ opens_at: NOW_MS + 60_000, check_at: NOW_MS + 61_000 }), NOW_MS + 60_000],
    [
      'the first of two, in the other order',
      pending({ opens_at: NOW_MS + 61_000, check_at: NOW_MS + 60_000 }),
      NOW_MS + 60_000,
    ],
  ])('%s', (_what, item, expected) => {
    expect(nearMomentMs(item, clock)).toBe(expected);
  });
});

describe('the next moment by which something must be done', () => {
  const times = momentsOf(pending());
  const at = (minute: number, ms = 0) => ({ nowMs: () => NOW_MS + minute * MINUTE_MS + ms });

  test.each<[string, number, number, number | undefined]>([
    ['its opening', 0, 0, 90],
    ['its opening, while a millisecond is left', 90, -1, 90],
    ['its check, from the opening on', 90, 0, 110],
    ['its start, from the check on', 110, 0, 120],
    ['the end of its first hour, from its start on', 120, 0, 180],
    ['none when its rooms are not wanted any more', 180, 0, undefined],
  ])('%s', (_what, minute, ms, expected) => {
    expect(nextMomentMs(times, at(minute, ms))).toBe(
      expected === undefined ? undefined : NOW_MS + expected * MINUTE_MS,
    );
  });

  test('none of a cancelled event', () => {
    expect(momentsOf(cancelled())).toBeUndefined();
    expect(nextMomentMs(momentsOf(cancelled()), clock)).toBeUndefined();
  });
});

describe('whether the check of an event is due', () => {
  test.each([
    ['from its moment on', opened({ check_at: NOW_MS }), true],
    ['not before', opened({ check_at: NOW_MS + 1 }), false],
    ['not again for its revision', opened({ check_at: NOW_MS, checked_revision: 2 }), false],
    ['again for its next revision', opened({ check_at: NOW_MS, checked_revision: 1 }), true],
    ['not after it is cancelled', cancelled(), false],
  ])('%s', (_what, item, expected) => {
    expect(isCheckDue(item, clock)).toBe(expected);
  });
});

describe('rooms that could not have been requested before now are checked ten seconds later', () => {
  const soonMs = NOW_MS + 10_000;
  const dueMs = NOW_MS - MINUTE_MS;

  test.each([
    [
      'of an event that nobody has looked at since it became due',
      pending({ opens_at: dueMs, expected_at: dueMs }),
      soonMs,
    ],
    [
      'of one that was due when it was accepted',
      pending({ opens_at: dueMs - 1, accepted_at: dueMs, expected_at: dueMs }),
      soonMs,
    ],
    ['of one whose item does not tell when it is looked at', pending({ opens_at: dueMs }), soonMs],
    ['not of one that waits for its turn', pending({ opens_at: dueMs, expected_at: dueMs + 1 }), undefined],
    ['of an event that was just opened', opened({ opened_at: NOW_MS - 9_999 }), NOW_MS + 1],
    ['not of one that was opened ten seconds ago', opened({ opened_at: NOW_MS - 10_000 }), undefined],
    ['not of a cancelled one', cancelled(), undefined],
  ])('%s', (_what, item, expected) => {
    expect(justDueUntilMs(item, clock)).toBe(expected);
  });
});
