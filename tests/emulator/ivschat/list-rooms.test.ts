import {
  CreateLoggingConfigurationCommand,
  CreateRoomCommand,
  DeleteRoomCommand,
  GetRoomCommand,
  ListRoomsCommand,
  paginateListRooms,
  UpdateRoomCommand,
} from '@aws-sdk/client-ivschat';
import { describe, expect, test } from '@jest/globals';
import { UNLIMITED } from './emulator.ts';
import { rejection, servedEmulator } from './sdk-client.ts';

const HANDLER_ARN = 'arn:aws:lambda:eu-west-1:000000000000:function:review';
const s3Logging = new CreateLoggingConfigurationCommand({
  destinationConfiguration: { s3: { bucketName: 'chat-logs' } },
});

describe('ListRooms', () => {
  async function listing(count: number, options: { signatureLifetimeMs?: number } = {}) {
    const emulated = await servedEmulator({ quotas: UNLIMITED, ...options });
    for (let number = 0; number < count; number += 1) {
      const { client, clock } = emulated;
      await client.send(new CreateRoomCommand({ name: `room-${number}`, tags: { number: `${number}` } }));
      clock.nowMs += number % 2;
    }
    return emulated;
  }

  test('shows the most recently updated room first, with exactly the members of RoomSummary', async () => {
    await using emulated = await listing(4);
    const { client, clock } = emulated;
    const before = await client.send(new ListRoomsCommand({ name: 'room-1' }));
    clock.nowMs += 5;
    await client.send(new UpdateRoomCommand({ identifier: before.rooms?.[0]?.arn, maximumMessageLength: 3 }));
    const { rooms = [] } = await client.send(new ListRoomsCommand({}));
    expect(rooms[0]).toMatchObject({ name: 'room-1', tags: { number: '1' }, loggingConfigurationIdentifiers: [] });
    expect(rooms[0]).not.toHaveProperty('maximumMessageLength');
    const times = rooms.map(({ updateTime }) => updateTime?.getTime() ?? 0);
    expect(times).toEqual(times.toSorted((a, b) => b - a));
    expect(new Set(times).size).toBeGreaterThan(2);
  });

  test('lists every room once over all pages, with 50 rooms on a page by default', async () => {
    await using emulated = await listing(103);
    const pages: string[][] = [];
    for await (const { rooms = [] } of paginateListRooms({ client: emulated.client }, {})) {
      pages.push(rooms.map(({ name = '' }) => name));
    }
    expect(pages.map(({ length }) => length)).toEqual([50, 50, 3]);
    expect(new Set(pages.flat()).size).toBe(103);
  });

  test('returns no token with the page that ends with the last room', async () => {
    await using emulated = await listing(4);
    const { nextToken } = await emulated.client.send(new ListRoomsCommand({ maxResults: 2 }));
    const second = await emulated.client.send(new ListRoomsCommand({ maxResults: 2, nextToken }));
    expect(second.rooms).toHaveLength(2);
    expect(second.nextToken).toBeUndefined();
  });

  test('does not shift the later pages when a room is created between two pages, and does not list that room', async () => {
    await using emulated = await listing(4);
    const { client, clock } = emulated;
    const first = await client.send(new ListRoomsCommand({ maxResults: 2 }));
    clock.nowMs += 1;
    await client.send(new CreateRoomCommand({ name: 'late' }));
    const second = await client.send(new ListRoomsCommand({ maxResults: 50, nextToken: first.nextToken }));
    const names = [...(first.rooms ?? []), ...(second.rooms ?? [])].map(({ name }) => name);
    expect(names.toSorted()).toEqual(['room-0', 'room-1', 'room-2', 'room-3']);
  });

  test.each(['nonsense', Buffer.from('2026-01-01 x').toString('base64url')])(
    'refuses the token %s',
    async (nextToken) => {
      await using emulated = await servedEmulator();
      expect(await rejection(emulated.client.send(new ListRoomsCommand({ nextToken })))).toMatchObject({
        name: 'ValidationException',
        reason: 'FIELD_VALIDATION_FAILED',
        fieldList: [{ name: 'nextToken', message: expect.any(String) }],
      });
    },
  );

  test('misses a room on the later pages that is updated between two pages, because it moves to the top', async () => {
    await using emulated = await listing(4);
    const { client, clock } = emulated;
    const all = await client.send(new ListRoomsCommand({}));
    const first = await client.send(new ListRoomsCommand({ maxResults: 2 }));
    clock.nowMs += 1;
    const identifier = all.rooms?.[3]?.arn;
    await client.send(new UpdateRoomCommand({ identifier, maximumMessageLength: 3 }));
    const second = await client.send(new ListRoomsCommand({ nextToken: first.nextToken }));
    expect(second.rooms?.map(({ arn }) => arn)).toEqual([all.rooms?.[2]?.arn]);
    const again = await client.send(new ListRoomsCommand({ maxResults: 1 }));
    expect(again.rooms?.[0]?.arn).toBe(identifier);
  });

  test('misses no other room when a room is deleted between two pages', async () => {
    await using emulated = await listing(4);
    const { client } = emulated;
    const all = await client.send(new ListRoomsCommand({}));
    const first = await client.send(new ListRoomsCommand({ maxResults: 2 }));
    await client.send(new DeleteRoomCommand({ identifier: first.rooms?.[0]?.arn }));
    const second = await client.send(new ListRoomsCommand({ nextToken: first.nextToken }));
    expect(second.rooms).toEqual(all.rooms?.slice(2));
  });

  // AWS does not say how long a ListRooms token is valid. The shortest lifetime that it documents for any API is 15 minutes:
  // https://docs.aws.amazon.com/botocore/latest/reference/services/resourcegroupstaggingapi/client/exceptions/PaginationTokenExpiredException.html
  test('accepts a token for 15 minutes, or until tokens are refused', async () => {
    await using emulated = await listing(4, { signatureLifetimeMs: 24 * 3_600_000 });
    const { client, clock, ivsChat } = emulated;
    const page = () => client.send(new ListRoomsCommand({ maxResults: 1 }));
    const next = (nextToken?: string) => client.send(new ListRoomsCommand({ nextToken }));
    const { nextToken } = await page();
    clock.nowMs += 15 * 60_000;
    expect((await next(nextToken)).rooms).toHaveLength(3);
    clock.nowMs += 1;
    const expired = { name: 'ValidationException', fieldList: [{ name: 'nextToken' }] };
    expect(await rejection(next(nextToken))).toMatchObject(expired);
    const { nextToken: another } = await page();
    ivsChat.admin.refuseTokens();
    expect(await rejection(next(another))).toMatchObject(expired);
    ivsChat.admin.reset();
  });

  test('lists 20,000 seeded rooms, which take no calls to create', async () => {
    await using emulated = await servedEmulator({ quotas: UNLIMITED });
    const { client, clock, ivsChat } = emulated;
    const seed = {
      region: 'eu-west-1',
      name: 'hall',
      count: 20_000,
      sinceMs: clock.nowMs - 60_000,
      untilMs: clock.nowMs,
    };
    ivsChat.admin.seedRooms({ ...seed, lagMs: 0 });
    expect(new Set(ivsChat.admin.rooms().map(({ arn }) => arn)).size).toBe(20_000);
    const { rooms = [], nextToken } = await client.send(new ListRoomsCommand({ name: 'hall' }));
    expect([rooms.length, typeof nextToken]).toEqual([50, 'string']);
    expect(rooms[0]?.updateTime?.getTime()).toBe(clock.nowMs - 3);
  });

  test('refuses a token that was tampered with', async () => {
    await using emulated = await listing(2);
    const { nextToken } = await emulated.client.send(new ListRoomsCommand({ maxResults: 1 }));
    expect(nextToken).toBeDefined();
    const tampered = new ListRoomsCommand({ nextToken: `${nextToken}!` });
    expect(await rejection(emulated.client.send(tampered))).toMatchObject({ fieldList: [{ name: 'nextToken' }] });
  });

  test('filters by exact name, handler and logging configuration', async () => {
    await using emulated = await servedEmulator({ quotas: UNLIMITED });
    const { client } = emulated;
    const { arn: logging = '' } = await client.send(s3Logging);
    await client.send(new CreateRoomCommand({ name: 'stage' }));
    await client.send(new CreateRoomCommand({ name: 'stage-2', messageReviewHandler: { uri: HANDLER_ARN } }));
    await client.send(new CreateRoomCommand({ name: 'logged', loggingConfigurationIdentifiers: [logging] }));
    const namesOf = async (filter: object) =>
      (await client.send(new ListRoomsCommand(filter))).rooms?.map(({ name }) => name);
    expect(await namesOf({ name: 'stage' })).toEqual(['stage']);
    expect(await namesOf({ messageReviewHandlerUri: HANDLER_ARN })).toEqual(['stage-2']);
    expect(await namesOf({ loggingConfigurationIdentifier: logging })).toEqual(['logged']);
    expect(await namesOf({ name: 'stage', messageReviewHandlerUri: HANDLER_ARN })).toEqual([]);
    expect((await namesOf({}))?.toSorted()).toEqual(['logged', 'stage', 'stage-2']);
  });

  test('shows a creation, change or deletion only after the lag, and GetRoom shows it immediately', async () => {
    const listingLagMs = 10_000;
    await using emulated = await servedEmulator({ listingLagMs, random: () => 0.5, quotas: UNLIMITED });
    const { client, clock, ivsChat } = emulated;
    const namesOf = async () => (await client.send(new ListRoomsCommand({}))).rooms?.map(({ name }) => name);
    const { arn: identifier } = await client.send(new CreateRoomCommand({ name: 'first' }));
    expect(await client.send(new GetRoomCommand({ identifier }))).toMatchObject({ name: 'first' });
    expect(ivsChat.admin.rooms()).toMatchObject([{ name: 'first' }]);
    clock.nowMs += 4_999;
    expect(await namesOf()).toEqual([]);
    clock.nowMs += 1;
    expect(await namesOf()).toEqual(['first']);

    await client.send(new UpdateRoomCommand({ identifier, name: 'second' }));
    expect(await client.send(new GetRoomCommand({ identifier }))).toMatchObject({ name: 'second' });
    expect(await namesOf()).toEqual(['first']);
    clock.nowMs += 5_000;
    expect(await namesOf()).toEqual(['second']);

    await client.send(new DeleteRoomCommand({ identifier }));
    expect(ivsChat.admin.rooms()).toEqual([]);
    expect(await namesOf()).toEqual(['second']);
    clock.nowMs += 5_000;
    expect(await namesOf()).toEqual([]);
  });

  test('shows the changes of one room in order', async () => {
    const draws = [...Array<number>(12).fill(0), 0.9, 0.1];
    await using emulated = await servedEmulator({ listingLagMs: 1_000, random: () => draws.shift() ?? 0 });
    const { client, clock } = emulated;
    const { arn: identifier } = await client.send(new CreateRoomCommand({ name: 'old' }));
    await client.send(new UpdateRoomCommand({ identifier, name: 'new' }));
    clock.nowMs += 500;
    expect((await client.send(new ListRoomsCommand({}))).rooms).toEqual([]);
    clock.nowMs += 400;
    expect((await client.send(new ListRoomsCommand({}))).rooms).toMatchObject([{ name: 'new' }]);
  });
});
