import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { missingByRegion, outstandingByRegion, roomsFound } from '../../../lib/live-events/rooms-found.ts';
import type { RosterMember } from '../../../lib/rosters/roster-item.ts';
import { pending } from './items.ts';
import { type LiveTables, openLiveTables } from './live-tables.ts';

let tables: LiveTables;
beforeEach(async () => {
  tables = await openLiveTables();
});
afterEach(() => tables.close());

type Rooms = Record<string, Partial<RosterMember>>;
const MADE = { outcome: 'created' } as const;
const FAILED = { outcome: 'failed', reason: 'refused' } as const;
const OPEN = {};

/** The third revision of an event with these room keys. The first two revisions are opened. */
const event = (keys: string[], changes: object = {}) => ({
  ...pending({ revision: 3, rooms: keys.map((key) => ({ key, room: {} })) }),
  opened_revisions: new Set([1, 2]),
  sent_revisions: new Set([1, 2]),
  ...changes,
});

async function putRosters(rosters: Record<number, Rooms>): Promise<void> {
  for (const [revision, rooms] of Object.entries(rosters))
    await tables.putRoster({ revision: Number(revision) }, rooms);
}

async function found(keys: string[], changes: object = {}): Promise<object> {
  const rooms = await roomsFound(event(keys, changes), tables.services);
  return Object.fromEntries([...rooms].map(([key, room]) => [key.replace('live/final/', ''), room]));
}

describe('a room of an event', () => {
  test.each<[string, Record<number, Rooms>, object]>([
    ['exists if any revision has it', { 1: { a: MADE } }, { a: MADE }],
    [
      'exists if it was adopted from an earlier attempt',
      { 2: { a: { outcome: 'adopted' } } },
      { a: { outcome: 'adopted' } },
    ],
    [
      'exists in an earlier revision although its own revision waits for it',
      { 1: { a: MADE }, 3: { a: OPEN } },
      { a: MADE },
    ],
    [
      'exists in an earlier revision although it failed in a later one',
      { 1: { a: MADE }, 2: { a: FAILED } },
      { a: MADE },
    ],
    ['has failed if its own revision says so', { 3: { a: FAILED } }, { a: FAILED }],
    ['has not failed if only an earlier revision says so', { 2: { a: FAILED } }, {}],
    ['is under way if an earlier revision has requested it', { 2: { a: OPEN } }, { a: OPEN }],
    ['is not under way if only its own revision has requested it', { 3: { a: OPEN } }, {}],
    ['is not found if no revision knows it', { 1: { b: MADE } }, {}],
  ])('%s', async (_what, rosters, expected) => {
    await putRosters(rosters);
    expect(await found(['a'])).toEqual(expected);
  });

  test('is under way only if all requests of that revision were sent', async () => {
    await putRosters({ 1: { a: OPEN }, 2: { b: OPEN } });
    expect(await found(['a', 'b'], { sent_revisions: new Set([2]) })).toEqual({ b: OPEN });
    expect(await found(['a', 'b'], { sent_revisions: undefined })).toEqual({});
  });

  test('is looked up in its own revision and in the opened revisions of the event', async () => {
    await putRosters({ 1: { a: MADE }, 3: { b: FAILED } });
    expect(await found(['a', 'b'], { opened_revisions: new Set() })).toEqual({ b: FAILED });
  });

  test('is not looked up any further once it is found', async () => {
    await putRosters({ 2: { a: MADE }, 1: { a: { ...MADE, outcome: 'unreadable' as 'created' } } });
    expect(await found(['a'])).toEqual({ a: MADE });
    expect(tables.errors).toEqual([]);
    expect(await found(['a', 'b'])).toEqual({ a: MADE });
    expect(tables.errors).toHaveLength(1);
  });
});

describe('a roster whose counters say that it is complete', () => {
  test.each([
    ['counts for all rooms of its revision', { state: 'announced', provisioned: 2 }, { a: MADE, b: MADE }],
    ['does not count while members may be added', { state: 'open', provisioned: 2 }, {}],
    ['does not count while a room is missing', { state: 'sealed', provisioned: 1 }, {}],
  ])('%s', async (_what, meta, expected) => {
    await tables.putRoster({ revision: 3 }, { a: OPEN, b: OPEN }, meta);
    expect(await found(['a', 'b'])).toEqual(expected);
  });

  test('says nothing about the rooms of another revision', async () => {
    await tables.putRoster({ revision: 2 }, { a: MADE }, { state: 'announced', provisioned: 1 });
    expect(await found(['a', 'b'])).toEqual({ a: MADE });
  });
});

test('a roster that cannot be read is logged, and the other rosters are read nevertheless', async () => {
  await putRosters({ 2: { a: { ...MADE, outcome: 'unreadable' as 'created' } }, 1: { b: MADE } });
  expect(await found(['a', 'b'])).toEqual({ b: MADE });
  expect(tables.errors).toEqual([
    [
      'A roster could not be read; its rooms count as missing',
      { roster: 'live/final/2', error: expect.objectContaining({ name: expect.stringMatching(/Error$/) }) },
    ],
  ]);
});

describe('the missing rooms of an event', () => {
  const rooms = [
    { key: 'made', room: {} },
    { key: 'failed', room: {} },
    { key: 'underWay', room: {} },
    { key: 'unknown', room: {} },
    { key: 'there', room: {}, region: 'us-east-1' },
  ];
  const planned = event([], { rooms });
  beforeEach(async () => {
    await putRosters({ 2: { made: MADE, underWay: OPEN, there: OPEN }, 3: { failed: FAILED } });
  });

  test('are counted separately as not requested and as under way', async () => {
    expect(await outstandingByRegion(planned, 'eu-west-1', tables.services)).toEqual({
      toRequest: { 'eu-west-1': 2, 'us-east-1': 0 },
      underWay: { 'eu-west-1': 1, 'us-east-1': 1 },
    });
  });

  test('are counted together for a forecast', async () => {
    const { services } = tables;
    expect(await missingByRegion(planned, 'eu-west-1', services)).toEqual({ 'eu-west-1': 3, 'us-east-1': 1 });
  });
});
