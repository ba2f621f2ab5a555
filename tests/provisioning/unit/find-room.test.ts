import { IvschatClient } from '@aws-sdk/client-ivschat';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { ListingProgress } from '../../../lib/ledger/listing-progress.ts';
import { findRoom, RefusedTokenError, type RoomSearch } from '../../../lib/provisioning/find-room.ts';
import { createRoomListings, type RoomListings } from '../../../lib/provisioning/room-listings.ts';

const CLAIM = 'claim.0';
const NOT_BEFORE_MS = Date.parse('2026-01-01T00:00:00Z');
const INTENT_MS = NOT_BEFORE_MS + 330_000;
const SETTLED_MS = INTENT_MS + 1_020_000;
const LATE_MS = 90_000;

/** The slots that the search took and the calls that it sent, in order. */
let steps: unknown[];
let pages: (Record<string, unknown> | 'refused' | 'broken')[];
let nowMs: number;
let listings: RoomListings;
let kept: (ListingProgress | undefined)[];
beforeEach(() => {
  steps = [];
  pages = [];
  kept = [];
  nowMs = SETTLED_MS;
  listings = createRoomListings({ nowMs: () => nowMs });
});

/** A room in an answer of ListRooms that was created and updated a number of seconds after the bound. */
function listed(arn: string, seconds: number, tag: string | null = CLAIM) {
  const time = new Date(NOT_BEFORE_MS + seconds * 1000).toISOString();
  return { arn, createTime: time, updateTime: time, ...(tag && { tags: { 'greenroom:claim': tag } }) };
}

/** Searches with the SDK's client. ListRooms answers with one page after the other, and each call takes a second. */
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
    saveProgress: (progress) => kept.push(progress),
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
  test('is searched for by its name and returned with all fields, and every call takes its own slot', async () => {
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
    ['the oldest one if a page has several', [listed('a', 3), listed('b', 1), listed('c', 2)], 'b'],
    ['the first by ARN if their ages are equal', [listed('b', 1), listed('a', 1), listed('c', 1)], 'a'],
    [
      'one without a time, which precedes all others',
      [listed('a', 1), { ...listed('b', 1), createTime: undefined }],
      'b',
    ],
  ])('is %s', async (_which, rooms, arn) => {
    pages = [{ rooms }];
    expect(await search()).toMatchObject({ room: { arn } });
    listings = createRoomListings({ nowMs: () => nowMs });
    pages = [{ rooms: rooms.toReversed() }];
    expect(await search()).toMatchObject({ room: { arn } });
  });

  test('is proved not to exist by a single page without it, and GetRoom is not called', async () => {
    pages = [{ rooms: [listed('a', 1, 'claim.1')] }];
    expect(await search()).toEqual(none());
    expect(steps).toHaveLength(2);
  });
});

describe('pages are listed', () => {
  test('only until the room is found', async () => {
    pages = [
      { rooms: [listed('x', 4, null)], nextToken: 'two' },
      { rooms: [listed('a', 3)], nextToken: 'three' },
    ];
    expect(await search()).toMatchObject({ room: { arn: 'a' } });
    expect(tokens()).toEqual([undefined, 'two']);
  });

  test.each([
    ['after the bound', -0.001, [undefined]],
    ['exactly at the bound, and the next page is read too', 0, [undefined, 'two']],
  ])('until a room is %s', async (_when, seconds, expected) => {
    pages = [
      { rooms: [listed('a', 6, null), listed('c', seconds, null)], nextToken: 'two' },
      { rooms: [listed('d', -1, null)] },
      {},
    ];
    await search();
    expect(tokens().slice(0, expected.length)).toEqual(expected);
    expect(tokens()[expected.length]).toBeUndefined();
  });

  test('further if the last room of a page has no time', async () => {
    pages = [{ rooms: [{ ...listed('a', -9, null), updateTime: undefined }], nextToken: 'two' }, { rooms: [] }];
    await search();
    expect(tokens().slice(0, 2)).toEqual([undefined, 'two']);
  });

  test('only once for a quick look', async () => {
    pages = [{ rooms: [listed('a', 6, null)], nextToken: 'two' }];
    expect(await search({ quick: true })).toEqual(none());
    expect(tokens()).toEqual([undefined]);
  });
});

describe('a listing of several pages without the room', () => {
  const secondsTo = (ms: number) => (ms - NOT_BEFORE_MS) / 1000;
  const firstTwo = [{ rooms: [listed('x', 400, null)], nextToken: 'two' }, { rooms: [listed('y', 0, null)] }];

  test('is followed by a last look, which finds the room that has moved to the top meanwhile', async () => {
    pages = [...firstTwo, { rooms: [listed('a', secondsTo(SETTLED_MS) + 1)], nextToken: 'more' }];
    expect(await search()).toMatchObject({ room: { arn: 'a' } });
    expect(tokens()).toEqual([undefined, 'two', undefined]);
  });

  test('is proof after a last look of one page, back to the listing lag and the clock error before the listing', async () => {
    pages = [...firstTwo, { rooms: [listed('z', secondsTo(SETTLED_MS - LATE_MS) - 0.001, null)], nextToken: 'more' }];
    expect(await search()).toEqual(none());
    expect(tokens()).toEqual([undefined, 'two', undefined]);
  });

  test('is followed by further last looks until one needs a single page only', async () => {
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
  const progress = { intent: INTENT_MS, started_at: SETTLED_MS, pass_started_at: SETTLED_MS, depth: NOT_BEFORE_MS };

  test('stores its progress before every page, and removes it at the end', async () => {
    pages = [{ nextToken: 'two' }, { nextToken: 'three' }, {}, {}];
    await search();
    const look = { ...progress, depth: SETTLED_MS - LATE_MS };
    expect(kept).toEqual([{ ...progress, token: 'two' }, { ...progress, token: 'three' }, look, undefined]);
  });

  test('continues from its progress, with the time of its first page', async () => {
    nowMs += 600_000;
    pages = [{ rooms: [listed('x', 0, null)] }, {}];
    expect(await search({ progress: { ...progress, token: 'seven' } })).toEqual(none());
    expect(tokens()).toEqual(['seven', undefined]);
  });

  test('continues with its last look', async () => {
    nowMs += 600_000;
    pages = [{ rooms: [listed('z', (SETTLED_MS - NOT_BEFORE_MS) / 1000 - 1, null)], nextToken: 'more' }];
    expect(await search({ progress: { ...progress, depth: SETTLED_MS } })).toEqual(none());
    expect(tokens()).toEqual([undefined]);
  });

  test('throws a special error if its token is refused, but not for other errors of ListRooms', async () => {
    pages = ['refused'];
    await expect(search({ progress: { ...progress, token: 'old' } })).rejects.toThrow(RefusedTokenError);
    pages = ['refused'];
    await expect(search()).rejects.toMatchObject({ name: 'ValidationException' });
    pages = ['broken'];
    await expect(search({ progress: { ...progress, token: 'old' } })).rejects.toThrow('out of order');
  });
});

describe('one listing serves all requests of an invocation', () => {
  test('as far back as each one needs, and reads a page once even if two need it concurrently', async () => {
    pages = [
      { rooms: [listed('x', 9, null)], nextToken: 'two' },
      { rooms: [listed('a', 1), listed('b', 1, 'claim.1')] },
    ];
    const both = [search(), search({ claimTag: 'claim.1' })];
    expect(await Promise.all(both)).toMatchObject([{ room: { arn: 'a' } }, { room: { arn: 'b' } }]);
    expect(await search({ notBeforeMs: NOT_BEFORE_MS + 10_000, claimTag: 'claim.2' })).toEqual(none());
    expect(tokens()).toEqual([undefined, 'two']);
  });

  test('but not those that need a later listing, or that of another name or region', async () => {
    await search();
    await search({ sinceMs: SETTLED_MS + 1 });
    await search({ listed: { region: 'eu-west-1', name: 'stage' } });
    await search({ listed: { region: 'us-east-1', name: 'hall' } });
    expect(asked()).toHaveLength(4);
    expect(await search()).toEqual(none());
    expect(asked()).toHaveLength(4);
  });

  test('but not with a last look that was read before the last page of the other request', async () => {
    pages = [{ nextToken: 'two' }, { rooms: [] }, { rooms: [] }];
    await search({ notBeforeMs: 0 });
    expect(tokens()).toEqual([undefined, 'two', undefined]);
    // A second request resumes at another page, and its last page is read only now.
    pages = [{ rooms: [] }, { rooms: [listed('a', 9_999)] }];
    const progress = {
      intent: INTENT_MS,
      started_at: SETTLED_MS - 5,
      pass_started_at: SETTLED_MS - 5,
      depth: 0,
      token: 'x',
    };
    expect(await search({ progress, settledAtMs: SETTLED_MS - 5 })).toMatchObject({ room: { arn: 'a' } });
    expect(tokens().slice(3)).toEqual(['x', undefined]);
  });

  test('and reads a failed page again for the next request that needs it', async () => {
    pages = ['broken', { rooms: [listed('a', 1)] }];
    await expect(search()).rejects.toThrow('out of order');
    expect(await search()).toMatchObject({ room: { arn: 'a' } });
  });
});
