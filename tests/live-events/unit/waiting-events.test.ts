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

/** An event that is due and starts in half an hour, unless the changes say otherwise. */
const waiting = (changes: Partial<PendingEvent> = {}) =>
  pending({ opens_at: NOW_MS - 1, starts_at: NOW_MS + 30 * MINUTE_MS, expected_at: NOW_MS, ...changes });
const OWN = waiting({ live_event_id: 'own', starts_at: NOW_MS + 40 * MINUTE_MS });
const roomsBefore = async (event: PendingEvent = OWN) =>
  Object.fromEntries(await roomsDueBefore(event, NOW_MS, tables.services));

test('an event is in its last minute from a minute before its start', () => {
  expect(isInLastMinute({ starts_at: NOW_MS + 60_000 }, NOW_MS)).toBe(true);
  expect(isInLastMinute({ starts_at: NOW_MS + 60_001 }, NOW_MS)).toBe(false);
});

describe('an event waits for the rooms of another event', () => {
  const counted = { 'eu-west-1': 1 };

  test.each<[string, LiveEventItem, object]>([
    ['that is due and starts earlier', waiting(), counted],
    ['that is due and starts a millisecond earlier', waiting({ starts_at: OWN.starts_at - 1 }), counted],
    ['but not if that starts at the same time', waiting({ starts_at: OWN.starts_at }), {}],
    ['that has just become due', waiting({ opens_at: NOW_MS }), counted],
    ['but not if that is not due yet', waiting({ opens_at: NOW_MS + 1 }), {}],
    ['that started an hour ago', waiting({ starts_at: NOW_MS - 60 * MINUTE_MS }), counted],
    [
      'but not if the rooms of that event are no longer needed',
      waiting({ starts_at: NOW_MS - 60 * MINUTE_MS - 1 }),
      {},
    ],
    ['that should have been examined two minutes ago', waiting({ expected_at: NOW_MS - 120_000 }), counted],
    ['but not if that has been stuck since then', waiting({ expected_at: NOW_MS - 120_001 }), {}],
    ['that was not examined since it became due', waiting({ opens_at: NOW_MS - 1, expected_at: undefined }), counted],
    ['but not if that was due long ago', waiting({ opens_at: NOW_MS - 120_001, expected_at: undefined }), {}],
    ['but not if that has requested them', opened({ starts_at: NOW_MS }), {}],
    ['but not if that is cancelled', cancelled({ starts_at: NOW_MS }), {}],
  ])('%s', async (_which, other, expected) => {
    await tables.putEvent(other);
    expect(await roomsBefore()).toEqual(expected);
  });

  test('and counts all such events by region', async () => {
    await tables.putEvent(waiting({ live_event_id: 'first', rooms_by_region: { 'eu-west-1': 2, 'us-east-1': 3 } }));
    await tables.putEvent(waiting({ live_event_id: 'second', rooms_by_region: { 'eu-west-1': 5 } }));
    expect(await roomsBefore()).toEqual({ 'eu-west-1': 7, 'us-east-1': 3 });
  });

  test('but not if its own rooms are no longer needed', async () => {
    await tables.putEvent(waiting({ starts_at: NOW_MS - 60 * MINUTE_MS }));
    expect(await roomsBefore({ ...OWN, starts_at: NOW_MS - 60 * MINUTE_MS + 1 })).toEqual(counted);
    tables.rejectQueries();
    expect(await roomsBefore({ ...OWN, starts_at: NOW_MS - 60 * MINUTE_MS })).toEqual({});
  });
});

describe('if there are more waiting events than are read at a time,', () => {
  const fill = async (rooms: number) => {
    for (let index = 0; index < 301; index++)
      await tables.putEvent(waiting({ live_event_id: `event-${index}`, rooms_by_region: { 'eu-west-1': rooms } }));
  };

  test('all are counted while they take less than five minutes of the quota', async () => {
    await fill(4);
    expect(await roomsBefore()).toEqual({ 'eu-west-1': 301 * 4 });
  });

  test('no more are counted once one of its regions has five minutes of work', async () => {
    await fill(5);
    expect(await roomsBefore()).toEqual({ 'eu-west-1': 300 * 5 });
    const inTwo = { ...OWN, rooms_by_region: { 'us-east-1': 1, 'eu-west-1': 1 } };
    expect(await roomsBefore(inTwo)).toEqual({ 'eu-west-1': 300 * 5 });
  });

  test('all are counted if only another region has five minutes of work', async () => {
    await fill(5);
    expect(await roomsBefore({ ...OWN, rooms_by_region: { 'us-east-1': 1 } })).toEqual({ 'eu-west-1': 301 * 5 });
  });
});

describe('the next examination of a waiting event is recorded with its missing rooms', () => {
  const note = () => noteExpected(OWN, { expectedAtMs: NOW_MS + 7, missing: { 'eu-west-1': 9 } }, tables.services);
  const noted = { expected_at: NOW_MS + 7, rooms_by_region: { 'eu-west-1': 9 } };

  test('while it waits', async () => {
    await tables.putEvent(OWN);
    expect(await note()).toBe(true);
    expect(await tables.event('own')).toMatchObject(noted);
  });

  test.each([
    ['once it is opened', opened({ live_event_id: 'own' })],
    ['if there is a newer revision', { ...OWN, revision: 3 }],
  ])('but not %s', async (_when, item) => {
    await tables.putEvent(item);
    expect(await note()).toBe(false);
    expect(await tables.event('own')).not.toMatchObject(noted);
  });
});
