import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { PendingEvent } from '../../../lib/live-events/live-event-item.ts';
import { takeTurn } from '../../../lib/live-events/take-turn.ts';
import { MINUTE_MS, NOW_MS, opened, pending } from './items.ts';
import { type LiveTables, openLiveTables } from './live-tables.ts';

let tables: LiveTables;
beforeEach(async () => {
  // With this quota, a room takes a second of the planned rate.
  tables = await openLiveTables({ GREENROOM_CREATE_ROOM_TPS: String(1 / 0.995) });
});
afterEach(() => tables.close());

const SECOND_MS = 1_000;
const HERE = 'eu-west-1';
const THERE = 'us-east-1';
const UNDERWAY_MS = 3_000;
const never = new AbortController().signal;

const roomsOf = (count: number, region?: typeof THERE) =>
  Array.from({ length: count }, (_, index) => ({
    key: `${region ?? 'room'}-${index}`,
    room: {},
    ...(region && { region }),
  }));

/** An event with two rooms that is due and starts in half an hour, unless the changes say otherwise. */
const due = (changes: Partial<PendingEvent> = {}) =>
  pending({
    opens_at: NOW_MS,
    starts_at: NOW_MS + 30 * MINUTE_MS,
    rooms: roomsOf(2),
    rooms_by_region: { [HERE]: 2 },
    ...changes,
  });

/** The event's turn, in milliseconds from now. */
async function turnOf(event: PendingEvent) {
  await tables.putEvent(event);
  const turn = await takeTurn(event, tables.services, never);
  if (turn.kind === 'changed') return turn;
  const readyMs = Math.round(turn.readyByMs - NOW_MS);
  return turn.kind === 'now' ? { kind: 'now', readyMs } : { kind: 'later', untilMs: turn.untilMs - NOW_MS, readyMs };
}
const busyFor = (ms: number, more: object = {}) => tables.putBacklog(HERE, { free_at: NOW_MS + ms, ...more });

describe('an event in an idle region', () => {
  test('has its turn now, and its rooms are ready after their time at the quota and on the way', async () => {
    expect(await turnOf(due())).toEqual({ kind: 'now', readyMs: 2 * SECOND_MS + UNDERWAY_MS });
  });

  test('is opened when it takes its turn, and its rooms are added to the backlog', async () => {
    await turnOf(due());
    expect(await tables.event()).toMatchObject({
      live_state: 'opened',
      opened_at: NOW_MS,
      ready_by: NOW_MS + 5 * SECOND_MS,
      opened_revisions: new Set([2]),
    });
    expect(rounded(await tables.backlog(HERE))).toEqual({
      free_at: NOW_MS + 2 * SECOND_MS,
      latest_start: NOW_MS + 30 * MINUTE_MS,
      latest_until: NOW_MS + 2 * SECOND_MS,
    });
  });

  test('is ready after whole milliseconds', async () => {
    await tables.close();
    tables = await openLiveTables();
    await turnOf(due());
    expect(await tables.event()).toMatchObject({ ready_by: NOW_MS + 403 + UNDERWAY_MS });
  });

  test('has its turn now if the backlog ended long ago', async () => {
    await busyFor(-MINUTE_MS, { latest_start: NOW_MS + 60 * MINUTE_MS, latest_until: NOW_MS - MINUTE_MS });
    expect(await turnOf(due())).toEqual({ kind: 'now', readyMs: 5 * SECOND_MS });
    expect(rounded(await tables.backlog(HERE))).toEqual({
      free_at: NOW_MS + 2 * SECOND_MS,
      latest_start: NOW_MS + 30 * MINUTE_MS,
      latest_until: NOW_MS + 2 * SECOND_MS,
    });
  });

  test('has its turn now if the backlog has just ended', async () => {
    await busyFor(0, { latest_start: NOW_MS, latest_until: NOW_MS });
    expect(await turnOf(due())).toEqual({ kind: 'now', readyMs: 5 * SECOND_MS });
    expect(rounded(await tables.backlog(HERE))).toMatchObject({ free_at: NOW_MS + 2 * SECOND_MS });
  });
});

const rounded = (backlog: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(backlog).map(([name, value]) => [name, Math.round(Number(value))]));

describe('an event in a region that is busy', () => {
  test('for up to eight seconds has its turn now, and its rooms are ready after the others', async () => {
    await busyFor(8 * SECOND_MS, { latest_start: NOW_MS + 20 * MINUTE_MS, latest_until: NOW_MS + SECOND_MS });
    expect(await turnOf(due())).toEqual({ kind: 'now', readyMs: 13 * SECOND_MS });
    expect(rounded(await tables.backlog(HERE))).toEqual({
      free_at: NOW_MS + 10 * SECOND_MS,
      latest_start: NOW_MS + 30 * MINUTE_MS,
      latest_until: NOW_MS + 10 * SECOND_MS,
    });
  });

  test('with rooms of an event that starts later keeps that event as the latest until its rooms are created', async () => {
    const latest = { latest_start: NOW_MS + 60 * MINUTE_MS, latest_until: NOW_MS + 1 };
    await busyFor(SECOND_MS, latest);
    await turnOf(due());
    expect(rounded(await tables.backlog(HERE))).toEqual({ free_at: NOW_MS + 3 * SECOND_MS, ...latest });
  });

  test.each([
    ['whose rooms are created now', { latest_start: NOW_MS + 60 * MINUTE_MS, latest_until: NOW_MS }],
    ['that starts at the same time', { latest_start: NOW_MS + 30 * MINUTE_MS, latest_until: NOW_MS + 1 }],
  ])('with rooms of an event %s becomes the latest itself', async (_which, latest) => {
    await busyFor(SECOND_MS, latest);
    await turnOf(due());
    expect(rounded(await tables.backlog(HERE))).toEqual({
      free_at: NOW_MS + 3 * SECOND_MS,
      latest_start: NOW_MS + 30 * MINUTE_MS,
      latest_until: NOW_MS + 3 * SECOND_MS,
    });
  });

  // It is examined again halfway to its turn, or five seconds before its turn if that is earlier.
  test.each([
    [8_001, 3_001],
    [10_000, 5_000],
    [30_000, 15_000],
  ])('for %d ms asks again after %d ms', async (busyMs, untilMs) => {
    await busyFor(busyMs);
    expect(await turnOf(due())).toEqual({ kind: 'later', untilMs, readyMs: busyMs + 5 * SECOND_MS });
    expect(await tables.event()).toMatchObject({ live_state: 'pending', expected_at: NOW_MS + untilMs });
    expect(await tables.backlog(HERE)).toEqual({ free_at: NOW_MS + busyMs });
  });

  test('is examined again when its last minute begins, so that a warning can be published', async () => {
    await busyFor(10 * MINUTE_MS);
    const turn = await turnOf(due({ starts_at: NOW_MS + 2 * MINUTE_MS }));
    expect(turn).toMatchObject({ kind: 'later', untilMs: MINUTE_MS });
  });

  test('is examined again after half of its wait in its last minute', async () => {
    await busyFor(10 * MINUTE_MS);
    const turn = await turnOf(due({ starts_at: NOW_MS + MINUTE_MS }));
    expect(turn).toMatchObject({ kind: 'later', untilMs: 5 * MINUTE_MS });
  });
});

describe('an event in its last minute', () => {
  const soon = due({ starts_at: NOW_MS + MINUTE_MS });
  const now = { kind: 'now', readyMs: 10 * MINUTE_MS + 5 * SECOND_MS };
  const later = { kind: 'later', untilMs: 5 * MINUTE_MS };
  const latest = { latest_start: NOW_MS + MINUTE_MS + 1, latest_until: NOW_MS + 1 };

  test('does not wait while rooms of an event that starts later are being created', async () => {
    await busyFor(10 * MINUTE_MS, latest);
    expect(await turnOf(soon)).toEqual(now);
  });

  test.each<[string, PendingEvent, object]>([
    [
      'for a busy region if no event in the backlog starts later',
      soon,
      { ...latest, latest_start: NOW_MS + MINUTE_MS },
    ],
    ['for a busy region if the rooms of the later event are created now', soon, { ...latest, latest_until: NOW_MS }],
    [
      'for a busy region before its last minute',
      due({ starts_at: NOW_MS + MINUTE_MS + 1 }),
      { ...latest, latest_start: NOW_MS + 2 * MINUTE_MS },
    ],
  ])('waits %s', async (_when, event, backlog) => {
    await busyFor(10 * MINUTE_MS, backlog);
    expect(await turnOf(event)).toMatchObject({ kind: 'later' });
  });

  test('waits for rooms that events with an earlier start have not requested yet', async () => {
    await busyFor(10 * MINUTE_MS, latest);
    await tables.putEvent(due({ live_event_id: 'earlier', starts_at: NOW_MS, rooms_by_region: { [HERE]: 600 } }));
    expect(await turnOf(soon)).toMatchObject(later);
  });
});

describe('an event waits for the rooms of events that start earlier and have not requested them:', () => {
  test.each([
    [8, { kind: 'now', readyMs: 13 * SECOND_MS }],
    [30, { kind: 'later', untilMs: 15 * SECOND_MS, readyMs: 35 * SECOND_MS }],
  ])('%d rooms', async (rooms, expected) => {
    await tables.putEvent(due({ live_event_id: 'earlier', starts_at: NOW_MS, rooms_by_region: { [HERE]: rooms } }));
    expect(await turnOf(due())).toEqual(expected);
  });

  test('after the rooms that are already requested', async () => {
    await busyFor(10 * SECOND_MS);
    await tables.putEvent(due({ live_event_id: 'earlier', starts_at: NOW_MS, rooms_by_region: { [HERE]: 20 } }));
    expect(await turnOf(due())).toEqual({ kind: 'later', untilMs: 15 * SECOND_MS, readyMs: 35 * SECOND_MS });
  });

  test('but not for rooms in another region', async () => {
    await tables.putEvent(due({ live_event_id: 'earlier', starts_at: NOW_MS, rooms_by_region: { [THERE]: 600 } }));
    expect(await turnOf(due())).toMatchObject({ kind: 'now' });
  });
});

describe('an event with rooms in two regions', () => {
  const both = due({
    rooms: [...roomsOf(2), ...roomsOf(4, THERE)],
    rooms_by_region: { [HERE]: 2, [THERE]: 4 },
  });

  test('is ready with the slower one, and is in the backlogs of both', async () => {
    expect(await turnOf(both)).toEqual({ kind: 'now', readyMs: 7 * SECOND_MS });
    expect(rounded(await tables.backlog(HERE))).toMatchObject({ free_at: NOW_MS + 2 * SECOND_MS });
    expect(rounded(await tables.backlog(THERE))).toMatchObject({ free_at: NOW_MS + 4 * SECOND_MS });
  });

  test('waits for the later turn', async () => {
    await busyFor(30 * SECOND_MS);
    expect(await turnOf(both)).toEqual({ kind: 'later', untilMs: 15 * SECOND_MS, readyMs: 35 * SECOND_MS });
  });

  test('does not wait for a region in which it lacks no rooms', async () => {
    await busyFor(30 * SECOND_MS);
    expect(await turnOf({ ...both, rooms_by_region: { [HERE]: 0, [THERE]: 4 } })).toMatchObject({ kind: 'now' });
    expect(await tables.backlog(HERE)).toEqual({ free_at: NOW_MS + 30 * SECOND_MS });
  });
});

describe('the planned rate', () => {
  const cutAt = (agoMs: number) => tables.putPace(HERE, { rate: 1, rate_at: NOW_MS - agoMs });

  test('is the observed rate, and less while others use the quota too', async () => {
    await tables.putPace(HERE, { rate: 0.1, rate_at: NOW_MS });
    expect(await turnOf(due())).toMatchObject({ readyMs: Math.ceil((2 * SECOND_MS) / (0.1 * 0.85)) + UNDERWAY_MS });
  });

  test.each([
    ['is lower until a minute after the last throttle', 59_999, Math.round((2 * SECOND_MS) / 0.85)],
    ['is the observed rate from a minute after the last throttle on', 60_000, 2 * SECOND_MS],
  ])('%s', async (_when, agoMs, takesMs) => {
    await cutAt(agoMs);
    expect(await turnOf(due())).toMatchObject({ readyMs: takesMs + UNDERWAY_MS });
  });

  test.each([
    ['if there was no throttle', {}],
    ['if an operator has just set a ceiling, because that is no throttle', { rate_at: NOW_MS }],
  ])('is that of the quota %s', async (_when, pace) => {
    await tables.putPace(HERE, pace);
    expect(await turnOf(due())).toMatchObject({ readyMs: 5 * SECOND_MS });
  });

  test('does not matter while the region accepts no rooms: they are late, but are requested', async () => {
    await tables.putPace(HERE, { open_until: NOW_MS + MINUTE_MS });
    expect(await turnOf(due())).toEqual({ kind: 'now', readyMs: MINUTE_MS + 5 * SECOND_MS });
  });
});

describe('an event that was moved after its opening', () => {
  const moved = (changes: Partial<PendingEvent> = {}) =>
    due({ opened_revisions: new Set([1]), sent_revisions: new Set([1]), ...changes });

  test('needs no quota for rooms that exist', async () => {
    await busyFor(30 * SECOND_MS);
    await tables.putRoster({ revision: 1 }, { 'room-0': { outcome: 'created' }, 'room-1': { outcome: 'adopted' } });
    expect(await turnOf(moved())).toEqual({ kind: 'now', readyMs: UNDERWAY_MS });
    expect(await tables.backlog(HERE)).toEqual({ free_at: NOW_MS + 30 * SECOND_MS });
  });

  test('is ready when its rooms under way are ready, and needs no quota for them either', async () => {
    await busyFor(30 * SECOND_MS + 0.5);
    await tables.putRoster({ revision: 1 }, { 'room-0': {}, 'room-1': {} });
    expect(await turnOf(moved())).toEqual({ kind: 'now', readyMs: 30 * SECOND_MS + 1 + UNDERWAY_MS });
  });

  test('is ready when the slower of its rooms under way and its missing rooms are ready', async () => {
    await tables.putBacklog(THERE, { free_at: NOW_MS + 30 * SECOND_MS });
    await tables.putRoster({ revision: 1 }, { 'us-east-1-0': { region: THERE } });
    const rooms = [...roomsOf(2), ...roomsOf(1, THERE)];
    expect(await turnOf(moved({ rooms }))).toEqual({ kind: 'now', readyMs: 33 * SECOND_MS });
    expect(await tables.event()).toMatchObject({ opened_revisions: new Set([1, 2]) });
  });

  test('records its missing rooms while it waits', async () => {
    await busyFor(30 * SECOND_MS);
    await tables.putRoster({ revision: 1 }, { 'room-0': { outcome: 'created' } });
    expect(await turnOf(moved())).toMatchObject({ kind: 'later', readyMs: 34 * SECOND_MS });
    expect(await tables.event()).toMatchObject({ rooms_by_region: { [HERE]: 1 } });
  });
});

describe('an event that has changed since it was read', () => {
  test.each([
    ['opened', opened()],
    ['moved', due({ revision: 3 })],
  ])('%s is not opened', async (_how, item) => {
    await tables.putEvent(item);
    expect(await takeTurn(due(), tables.services, never)).toEqual({ kind: 'changed' });
    expect(await tables.backlog(HERE)).toEqual({});
  });

  test('does not wait', async () => {
    await busyFor(30 * SECOND_MS);
    await tables.putEvent(due({ revision: 3 }));
    expect(await takeTurn(due(), tables.services, never)).toEqual({ kind: 'changed' });
  });
});
