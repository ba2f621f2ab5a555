import { describe, expect, test } from '@jest/globals';
import {
  GRACE_MS,
  overdueOfPending,
  REARM_EVERY_MS,
  type Reminder,
  remindersAhead,
  remindersToExamine,
} from '../../../lib/live-events/lost-reminders.ts';

const NOW_MS = Date.parse('2026-12-18T12:00:00Z');
const MINUTE_MS = 60_000;
const SECOND_MS = 1_000;

const eventAt = (opensInMs: number, checksInMs: number, changes: object = {}) => ({
  ...{ live_event_id: 'final', tenant: 'sports', revision: 1, live_state: 'pending' as const },
  ...{ opens_at: NOW_MS + opensInMs, check_at: NOW_MS + checksInMs, starts_at: NOW_MS + checksInMs + MINUTE_MS },
  ...changes,
});
const occasions = (reminders: Reminder[]) => reminders.map(({ occasion }) => occasion);

describe('the reminders that must have a schedule', () => {
  test.each<[string, number, number, object, string[]]>([
    ['both, if both times are ahead', 30 * MINUTE_MS, 50 * MINUTE_MS, {}, ['open', 'check']],
    ['the check, once the event is opened', -MINUTE_MS, 50 * MINUTE_MS, { live_state: 'opened' }, ['check']],
    ['the check, while the event waits for its turn', -MINUTE_MS, 50 * MINUTE_MS, {}, ['check']],
    ['not one that may have fired already', 65 * SECOND_MS, 50 * MINUTE_MS, {}, ['check']],
    ['one that cannot have fired', 65 * SECOND_MS + 1, 50 * MINUTE_MS, {}, ['open', 'check']],
    ['none afterwards', -30 * MINUTE_MS, -1, {}, []],
  ])('%s', (_which, opensInMs, checksInMs, changes, expected) => {
    expect(occasions(remindersAhead(eventAt(opensInMs, checksInMs, changes), NOW_MS))).toEqual(expected);
  });
});

describe('a pending event is overdue', () => {
  const LATE_MS = -GRACE_MS - 1;
  test.each<[string, number, number, object, string[]]>([
    ['after the grace period', LATE_MS, MINUTE_MS, {}, ['open']],
    ['not within it', LATE_MS + 1, MINUTE_MS, {}, []],
    ['with its check, if that has passed too', LATE_MS, 0, {}, ['open', 'check']],
    ['not while its turn is expected', LATE_MS, MINUTE_MS, { expected_at: NOW_MS + 1 }, []],
    ['if its turn was expected long ago', 10 * LATE_MS, MINUTE_MS, { expected_at: NOW_MS + LATE_MS }, ['open']],
    ['not once it is opened', LATE_MS, LATE_MS, { live_state: 'opened' }, []],
  ])('%s', (_when, opensInMs, checksInMs, changes, expected) => {
    expect(occasions(overdueOfPending(eventAt(opensInMs, checksInMs, changes), NOW_MS))).toEqual(expected);
  });
});

describe('the reminders that a run examines', () => {
  const reminder = (index: number, inMs: number): Reminder => ({
    event: eventAt(inMs, inMs + MINUTE_MS, { live_event_id: `event-${index}` }),
    occasion: 'open',
    atMs: NOW_MS + inMs,
  });
  const far = Array.from({ length: 3_000 }, (_, index) => reminder(index, 60 * MINUTE_MS + index));
  const near = Array.from({ length: 30 }, (_, index) => reminder(10_000 + index, 15 * MINUTE_MS - index));

  test('always include those of the next quarter of an hour, the most urgent first', () => {
    for (let run = 0; run < 10; run++) {
      const examined = remindersToExamine([...far, ...near], NOW_MS + run * SECOND_MS);
      expect(examined.slice(0, near.length)).toEqual(near.toReversed());
      const times = examined.map(({ atMs }) => atMs);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
    }
  });

  test('are about 500 of the others, and successive runs examine all of these', () => {
    const seen = new Set<Reminder>();
    for (let run = 0; run < 6; run++) {
      const examined = remindersToExamine(far, NOW_MS + run * REARM_EVERY_MS);
      expect(Math.abs(examined.length - 500)).toBeLessThan(100);
      for (const each of examined) seen.add(each);
    }
    expect(seen.size).toBe(far.length);
  });

  test('are all of them, if they are few', () => {
    expect(remindersToExamine(far.slice(0, 500), NOW_MS)).toHaveLength(500);
    expect(remindersToExamine([], NOW_MS)).toEqual([]);
  });
});
