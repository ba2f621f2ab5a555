import { IvschatClient } from '@aws-sdk/client-ivschat';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { ListingPlace } from '../../../lib/ledger/listing-place.ts';
import { findRoom, RefusedTokenError, type RoomSearch } from '../../../lib/provisioning/find-room.ts';
import { createRoomListings, type RoomListings } from '../../../lib/provisioning/room-listings.ts';

const CLAIM = 'claim.0';
const NOT_BEFORE_MS = Date.parse('2026-01-01T00:00:00Z');
const INTENT_MS = NOT_BEFORE_MS + 330_000;
const SETTLED_MS = INTENT_MS + 1_020_000;
const LATE_MS = 90_000;

/** What the search did, in order: the slots that it took and the calls that it sent. */
let steps: unknown[];
let pages: (Record<string, unknown> | 'refused' | 'broken')[];
let nowMs: number;
let listings: RoomListings;
let kept: (ListingPlace | undefined)[];
beforeEach(() => {
  steps = [];
  pages = [];
  kept = [];
  nowMs = SETTLED_MS;
  listings = createRoomListings({ nowMs: () => nowMs });
});

/** A room as ListRooms has it, updated and created so many seconds after the bound. */
function listed(arn: string, seconds: number, tag: string | null = CLAIM) {
  const time = new Date(NOT_BEFORE_MS + seconds * 1000).toISOString();
  return { arn, createTime: time, updateTime: time, ...(tag && { tags: { 'greenroom:claim': tag } }) };
}

/** The SDK's client, and ListRooms answers with the pages one after the other, each a second after the one before. */
function search(changes: Partial<RoomSearch> = {}) {
  const handle = async ({ path, body }: { path: string; body: string }) => {
    const input = JSON.parse(body);
    steps.push([path, input]);
    const answer = path === '/GetRoom' ? { arn: input.identifier, maximumMessageLength: 77 } : pages.shift();
    nowMs += 1_000;
    if (answer === 'broken') throw new Error('out of order');
    const statusCode = answer === 'refused' ? 400 : 200;
    const headers = answer === 'refused' ? { 'x-amzn-errortype': 'ValidationException' } : {};
    return { response: { statusCode, headers, body: Buffer.from(JSON.stringify(answer ?? {})) } };
  };
  const client = new IvschatClient({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'AKID', secretAccessKey: 'SECRET' },
    requestHandler: { handle } as unknown as IvschatClient['config']['requestHandler'],
    maxAttempts: 1,
  });
  return findRoom({
    listed: { region: 'eu-west-1', name: 'hall' },
    listings,
    claimTag: CLAIM,
    intentMs: INTENT_MS,
    notBeforeMs: NOT_BEFORE_MS,
    sinceMs: SETTLED_MS,
    settledAtMs: SETTLED_MS,
    lateMs: LATE_MS,
    keepPlace: (place) => kept.push(place),
    call: (api, send) => {
      steps.push(api);
      return send(client, { abortSignal: new AbortController().signal });
    },
    ...changes,
  });
}

const asked = () =>
  steps.filter((step) => Array.isArray(step) && step[0] === '/ListRooms').map((step) => (step as [string, object])[1]);
const tokens = () => asked().map((input) => (input as { nextToken?: string }).nextToken);
const none = (listedSinceMs = SETTLED_MS) => ({ room: undefined, listedSinceMs });

describe('the room of a claim', () => {
  test('is looked for by its name and returned whole; every call is made in a slot of its own', async () => {
    pages = [{ rooms: [listed('a', 1, 'claim.1'), listed('b', 1), listed('c', 1, null)] }];
    expect(await search()).toEqual({ room: { arn: 'b', maximumMessageLength: 77 } });
    expect(steps).toEqual([
      'ListRooms',
      ['/ListRooms', { name: 'hall', maxResults: 50 }],
      'GetRoom',
      ['/GetRoom', { identifier: 'b' }],
    ]);
  });

  test.each<[string, object[], string]>([
    ['the oldest, of several on a page', [listed('a', 3), listed('b', 1), listed('c', 2)], 'b'],
    ['of one age the first by ARN', [listed('b', 1), listed('a', 1), listed('c', 1)], 'a'],
    ['one without a time before all others', [listed('a', 1), { ...listed('b', 1), createTime: undefined }], 'b'],
  ])('is %s', async (_which, rooms, arn) => {
    pages = [{ rooms }];
    expect(await search()).toMatchObject({ room: { arn } });
    listings = createRoomListings({ nowMs: () => nowMs });
    pages = [{ rooms: rooms.toReversed() }];
    expect(await search()).toMatchObject({ room: { arn } });
  });

  test('is none if there is none, and GetRoom is not asked; one page is proof', async () => {
    pages = [{ rooms: [listed('a', 1, 'claim.1')] }];
    expect(await search()).toEqual(none());
    expect(steps).toHaveLength(2);
  });
});

describe('pages are listed', () => {
  test('no further than to the room', async () => {
    pages = [
      { rooms: [listed('x', 4, null)], nextToken: 'two' },
      { rooms: [listed('a', 3)], nextToken: 'three' },
    ];
    expect(await search()).toMatchObject({ room: { arn: 'a' } });
    expect(tokens()).toEqual([undefined, 'two']);
  });

  test.each([
    ['the bound is passed', -0.001, [undefined]],
    ['and not when it is just reached', 0, [undefined, 'two']],
  ])('until %s', async (_when, seconds, expected) => {
    pages = [
      { rooms: [listed('a', 6, null), listed('c', seconds, null)], nextToken: 'two' },
      { rooms: [listed('d', -1, null)] },
      {},
    ];
    await search();
    expect(tokens().slice(0, expected.length)).toEqual(expected);
    expect(tokens()[expected.length]).toBeUndefined();
  });

  test('on if the last room of a page has no time', async () => {
    pages = [{ rooms: [{ ...listed('a', -9, null), updateTime: undefined }], nextToken: 'two' }, { rooms: [] }];
    await search();
    expect(tokens().slice(0, 2)).toEqual([undefined, 'two']);
  });

  test('only the first, for a quick look', async () => {
    pages = [{ rooms: [listed('a', 6, null)], nextToken: 'two' }];
    expect(await search({ quick: true })).toEqual(none());
    expect(tokens()).toEqual([undefined]);
  });
});

describe('a listing of several pages that shows nothing', () => {
  const secondsTo = (ms: number) => (ms - NOT_BEFORE_MS) / 1000;
  const firstTwo = [{ rooms: [listed('x', 400, null)], nextToken: 'two' }, { rooms: [listed('y', 0, null)] }];

  test('is followed by a last look, which finds the room that has moved to the top meanwhile', async () => {
    pages = [...firstTwo, { rooms: [listed('a', secondsTo(SETTLED_MS) + 1)], nextToken: 'more' }];
    expect(await search()).toMatchObject({ room: { arn: 'a' } });
    expect(tokens()).toEqual([undefined, 'two', undefined]);
  });

  test('is proof after a last look of one page, down to what was updated the listing lag and the clock error before', async () => {
    pages = [...firstTwo, { rooms: [listed('z', secondsTo(SETTLED_MS - LATE_MS) - 0.001, null)], nextToken: 'more' }];
    expect(await search()).toEqual(none());
    expect(tokens()).toEqual([undefined, 'two', undefined]);
  });

  test('is followed by one last look after the other until one is a single page', async () => {
    const down = (ms: number) => ({ rooms: [listed('z', secondsTo(ms), null)], nextToken: 'more' });
    pages = [
      ...firstTwo,
      down(SETTLED_MS - LATE_MS),
      down(SETTLED_MS - LATE_MS - 1),
      down(SETTLED_MS + 1_999 - LATE_MS),
    ];
    expect(await search()).toEqual(none());
    expect(tokens()).toEqual([undefined, 'two', undefined, 'more', undefined]);
  });

  test('needs no last look if it began too early to prove anything', async () => {
    nowMs = SETTLED_MS - 1;
    pages = firstTwo;
    expect(await search({ sinceMs: nowMs })).toEqual(none(SETTLED_MS - 1));
    expect(tokens()).toEqual([undefined, 'two']);
  });
});

describe('a search that is interrupted', () => {
  const place = { intent: INTENT_MS, started_at: SETTLED_MS, pass_started_at: SETTLED_MS, depth: NOT_BEFORE_MS };

  test('tells before every page where to go on, and that nowhere when it is over', async () => {
    pages = [{ nextToken: 'two' }, { nextToken: 'three' }, {}, {}];
    await search();
    const look = { ...place, depth: SETTLED_MS - LATE_MS };
    expect(kept).toEqual([{ ...place, token: 'two' }, { ...place, token: 'three' }, look, undefined]);
  });

  test('goes on at its place, with the time of its first page', async () => {
    nowMs += 600_000;
    pages = [{ rooms: [listed('x', 0, null)] }, {}];
    expect(await search({ place: { ...place, token: 'seven' } })).toEqual(none());
    expect(tokens()).toEqual(['seven', undefined]);
  });

  test('goes on with its last look', async () => {
    nowMs += 600_000;
    pages = [{ rooms: [listed('z', (SETTLED_MS - NOT_BEFORE_MS) / 1000 - 1, null)], nextToken: 'more' }];
    expect(await search({ place: { ...place, depth: SETTLED_MS } })).toEqual(none());
    expect(tokens()).toEqual([undefined]);
  });

  test('says so if its token is refused; no other error of ListRooms is taken for that', async () => {
    pages = ['refused'];
    await expect(search({ place: { ...place, token: 'old' } })).rejects.toThrow(RefusedTokenError);
    pages = ['refused'];
    await expect(search()).rejects.toMatchObject({ name: 'ValidationException' });
    pages = ['broken'];
    await expect(search({ place: { ...place, token: 'old' } })).rejects.toThrow('out of order');
  });
});

describe('one listing serves all requests of an invocation', () => {
  test('each as far down as it needs; a page is read once, also if two ask for it at a time', async () => {
    pages = [
      { rooms: [listed('x', 9, null)], nextToken: 'two' },
      { rooms: [listed('a', 1), listed('b', 1, 'claim.1')] },
    ];
    const both = [search(), search({ claimTag: 'claim.1' })];
    expect(await Promise.all(both)).toMatchObject([{ room: { arn: 'a' } }, { room: { arn: 'b' } }]);
    expect(await search({ notBeforeMs: NOT_BEFORE_MS + 10_000, claimTag: 'claim.2' })).toEqual(none());
    expect(tokens()).toEqual([undefined, 'two']);
  });

  test('but not one that began too early for it, nor one of another name or region', async () => {
    await search();
    await search({ sinceMs: SETTLED_MS + 1 });
    await search({ listed: { region: 'eu-west-1', name: 'stage' } });
    await search({ listed: { region: 'us-east-1', name: 'hall' } });
    expect(asked()).toHaveLength(4);
    expect(await search()).toEqual(none());
    expect(asked()).toHaveLength(4);
  });

  test('a last look that was read before the last page of another request is none for it', async () => {
    pages = [{ nextToken: 'two' }, { rooms: [] }, { rooms: [] }];
    await search({ notBeforeMs: 0 });
    expect(tokens()).toEqual([undefined, 'two', undefined]);
    // A second request resumes elsewhere, and its last page is read only now.
    pages = [{ rooms: [] }, { rooms: [listed('a', 9_999)] }];
    const place = {
      intent: INTENT_MS,
      started_at: SETTLED_MS - 5,
      pass_started_at: SETTLED_MS - 5,
      depth: 0,
      token: 'x',
    };
    expect(await search({ place, settledAtMs: SETTLED_MS - 5 })).toMatchObject({ room: { arn: 'a' } });
    expect(tokens().slice(3)).toEqual(['x', undefined]);
  });

  test('a page that fails is read again by who needs it', async () => {
    pages = ['broken', { rooms: [listed('a', 1)] }];
    await expect(search()).rejects.toThrow('out of order');
    expect(await search()).toMatchObject({ room: { arn: 'a' } });
  });
});
