import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { LiveEventItem, PendingEvent } from '../../../lib/live-events/live-event-item.ts';
import { isInLastMinute, noteExpected, roomsDueBefore } from '../../../lib/live-events/waiting-events.ts';
import { cancelled, MINUTE_MS, NOW_MS, opened, pending } from './items.ts';
import { type LiveTables, openLiveTables } from './live-tables.ts';

let tables: LiveTables;
beforeEach(async () => {
  tables = await openLiveTables();
});
afterEach(() => tables.close());

/** An event that is due and starts in half an hour, or at another time. */
const waiting = (changes: Partial<PendingEvent> = {}) =>
  pending({ opens_at: NOW_MS - 1, starts_at: NOW_MS + 30 * MINUTE_MS, expected_at: NOW_MS, ...changes });
const OWN = waiting({ live_event_id: 'own', starts_at: NOW_MS + 40 * MINUTE_MS });
const roomsBefore = async (event: PendingEvent = OWN) =>
  Object.fromEntries(await roomsDueBefore(event, NOW_MS, tables.services));

test('an event is in its last minute from a minute before its start', () => {
  expect(isInLastMinute({ starts_at: NOW_MS + 60_000 }, NOW_MS)).toBe(true);
  expect(isInLastMinute({ starts_at: NOW_MS + 60_001 }, NOW_MS)).toBe(false);
});

describe('an event waits for the rooms of another one', () => {
  const counted = { 'eu-west-1': 1 };

  test.each<[string, LiveEventItem, object]>([
    ['that is due and starts earlier', waiting(), counted],
    ['by a millisecond', waiting({ starts_at: OWN.starts_at - 1 }), counted],
    ['not of one that starts at the same time', waiting({ starts_at: OWN.starts_at }), {}],
    ['that is due just now', waiting({ opens_at: NOW_MS }), counted],
    ['not of one that is not due yet', waiting({ opens_at: NOW_MS + 1 }), {}],
    ['that started an hour ago', waiting({ starts_at: NOW_MS - 60 * MINUTE_MS }), counted],
    ['not of one whose rooms are not wanted any more', waiting({ starts_at: NOW_MS - 60 * MINUTE_MS - 1 }), {}],
    ['that was to be looked at two minutes ago', waiting({ expected_at: NOW_MS - 120_000 }), counted],
    ['not of one that is stuck since', waiting({ expected_at: NOW_MS - 120_001 }), {}],
    [
      'that has not been looked at since it was due',
      waiting({ opens_at: NOW_MS - 1, expected_at: undefined }),
      counted,
    ],
    ['not if it was due long ago', waiting({ opens_at: NOW_MS - 120_001, expected_at: undefined }), {}],
    ['not of one that has requested them', opened({ starts_at: NOW_MS }), {}],
    ['not of one that is cancelled', cancelled({ starts_at: NOW_MS }), {}],
  ])('%s', async (_which, other, expected) => {
    await tables.putEvent(other);
    expect(await roomsBefore()).toEqual(expected);
  });

  test('of all of them, by region', async () => {
    await tables.putEvent(waiting({ live_event_id: 'first', rooms_by_region: { 'eu-west-1': 2, 'us-east-1': 3 } }));
    await tables.putEvent(waiting({ live_event_id: 'second', rooms_by_region: { 'eu-west-1': 5 } }));
    expect(await roomsBefore()).toEqual({ 'eu-west-1': 7, 'us-east-1': 3 });
  });

  test('but not if its own are not wanted any more', async () => {
    await tables.putEvent(waiting({ starts_at: NOW_MS - 60 * MINUTE_MS }));
    expect(await roomsBefore({ ...OWN, starts_at: NOW_MS - 60 * MINUTE_MS + 1 })).toEqual(counted);
    tables.rejectQueries();
    expect(await roomsBefore({ ...OWN, starts_at: NOW_MS - 60 * MINUTE_MS })).toEqual({});
  });
});

describe('of more events than are read at a time', () => {
  const fill = async (rooms: number) => {
    for (let index = 0; index < 301; index++)
      await tables.putEvent(waiting({ live_event_id: `event-${index}`, rooms_by_region: { 'eu-west-1': rooms } }));
  };

  test('all are counted, while they are less than five minutes of the quota', async () => {
    await fill(4);
    expect(await roomsBefore()).toEqual({ 'eu-west-1': 301 * 4 });
  });

  test('no more are, once one of its regions has so many', async () => {
    await fill(5);
    expect(await roomsBefore()).toEqual({ 'eu-west-1': 300 * 5 });
    const inTwo = { ...OWN, rooms_by_region: { 'us-east-1': 1, 'eu-west-1': 1 } };
    expect(await roomsBefore(inTwo)).toEqual({ 'eu-west-1': 300 * 5 });
  });

  test('all are, if another region has so many', async () => {
    await fill(5);
    expect(await roomsBefore({ ...OWN, rooms_by_region: { 'us-east-1': 1 } })).toEqual({ 'eu-west-1': 301 * 5 });
  });
});

describe('when a waiting event is looked at again, is noted with the rooms that it lacks', () => {
  const note = () => noteExpected(OWN, { expectedAtMs: NOW_MS + 7, missing: { 'eu-west-1': 9 } }, tables.services);
  const noted = { expected_at: NOW_MS + 7, rooms_by_region: { 'eu-west-1': 9 } };

  test('while it waits', async () => {
    await tables.putEvent(OWN);
    expect(await note()).toBe(true);
    expect(await tables.event('own')).toMatchObject(noted);
  });

  test.each([
    ['once it is opened', opened({ live_event_id: 'own' })],
    ['of a newer revision', { ...OWN, revision: 3 }],
  ])('not %s', async (_when, item) => {
    await tables.putEvent(item);
    expect(await note()).toBe(false);
    expect(await tables.event('own')).not.toMatchObject(noted);
  });
});
