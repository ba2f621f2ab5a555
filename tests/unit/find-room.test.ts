import { IvschatClient } from '@aws-sdk/client-ivschat';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { findRoom } from '../../lib/provisioning/find-room.ts';

const CLAIM = 'claim.0';
const NOT_BEFORE_MS = Date.parse('2026-01-01T00:00:00Z');

/** What the search did, in order: the slots that it took and the calls that it sent. */
let steps: unknown[];
let pages: Record<string, unknown>[];
beforeEach(() => {
  steps = [];
  pages = [];
});

/** A room as ListRooms has it, updated and created so many seconds after the bound. */
function listed(arn: string, seconds: number, tag: string | null = CLAIM) {
  const time = new Date(NOT_BEFORE_MS + seconds * 1000).toISOString();
  return { arn, createTime: time, updateTime: time, ...(tag && { tags: { 'greenroom:claim': tag } }) };
}

/** The SDK's client, and ListRooms answers with the pages one after the other. */
function search() {
  const handle = async ({ path, body }: { path: string; body: string }) => {
    const input = JSON.parse(body);
    steps.push([path, input]);
    const answer = path === '/GetRoom' ? { arn: input.identifier, maximumMessageLength: 77 } : pages.shift();
    const response = { statusCode: 200, headers: {}, body: Buffer.from(JSON.stringify(answer)) };
    return { response };
  };
  const client = new IvschatClient({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'AKID', secretAccessKey: 'SECRET' },
    requestHandler: { handle } as unknown as IvschatClient['config']['requestHandler'],
  });
  return findRoom({
    name: 'hall',
    claimTag: CLAIM,
    notBeforeMs: NOT_BEFORE_MS,
    call: (api, send) => {
      steps.push(api);
      return send(client, { abortSignal: new AbortController().signal });
    },
  });
}

const listedNames = () => steps.filter((step) => Array.isArray(step) && step[0] === '/ListRooms').length;

describe('the room of a claim', () => {
  test('is looked for by its name and returned whole; every call is made in a slot of its own', async () => {
    pages = [{ rooms: [listed('a', 1, 'claim.1'), listed('b', 1), listed('c', 1, null)] }];
    expect(await search()).toEqual({ arn: 'b', maximumMessageLength: 77 });
    expect(steps).toEqual([
      'ListRooms',
      ['/ListRooms', { name: 'hall', maxResults: 50 }],
      'GetRoom',
      ['/GetRoom', { identifier: 'b' }],
    ]);
  });

  test.each<[string, object[], string]>([
    ['the oldest, of several', [listed('a', 3), listed('b', 1), listed('c', 2)], 'b'],
    ['of one age the first by ARN', [listed('b', 1), listed('a', 1), listed('c', 1)], 'a'],
    ['one without a time before all others', [listed('a', 1), { ...listed('b', 1), createTime: undefined }], 'b'],
  ])('is %s', async (_which, rooms, arn) => {
    pages = [{ rooms }];
    expect(await search()).toMatchObject({ arn });
    pages = [{ rooms: rooms.toReversed() }];
    expect(await search()).toMatchObject({ arn });
  });

  test('is none if there is none, and GetRoom is not asked', async () => {
    pages = [{ rooms: [listed('a', 1, 'claim.1')] }];
    expect(await search()).toBeUndefined();
    expect(listedNames()).toBe(1);
    expect(steps).toHaveLength(2);
  });
});

describe('pages are listed', () => {
  test('to the last, whatever was found on the way', async () => {
    pages = [{ rooms: [listed('a', 3)], nextToken: 'two' }, { nextToken: 'three' }, { rooms: [listed('b', 1)] }];
    expect(await search()).toMatchObject({ arn: 'b' });
    expect(steps.slice(0, 6)).toEqual([
      'ListRooms',
      ['/ListRooms', { name: 'hall', maxResults: 50 }],
      'ListRooms',
      ['/ListRooms', { name: 'hall', maxResults: 50, nextToken: 'two' }],
      'ListRooms',
      ['/ListRooms', { name: 'hall', maxResults: 50, nextToken: 'three' }],
    ]);
  });

  test.each([
    ['the bound is passed', -0.001, 1],
    ['and not when it is just reached', 0, 2],
  ])('until %s', async (_when, seconds, count) => {
    pages = [{ rooms: [listed('a', 6), listed('b', 5), listed('c', seconds)], nextToken: 'two' }, { rooms: [] }];
    await search();
    expect(listedNames()).toBe(count);
  });

  test('on if the last room of a page has no time', async () => {
    pages = [{ rooms: [{ ...listed('a', -9), updateTime: undefined }], nextToken: 'two' }, { rooms: [] }];
    await search();
    expect(listedNames()).toBe(2);
  });
});
