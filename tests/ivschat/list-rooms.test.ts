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
  async function listing(count: number) {
    const emulated = await servedEmulator({ quotas: UNLIMITED });
    for (let number = 0; number < count; number += 1) {
      const { client, clock } = emulated;
      await client.send(new CreateRoomCommand({ name: `room-${number}`, tags: { number: `${number}` } }));
      clock.nowMs += number % 2;
    }
    return emulated;
  }

  test('shows the last updated first, with exactly the members of RoomSummary', async () => {
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

  test('pages through all rooms once each, and a page has 50 rooms by default', async () => {
    await using emulated = await listing(103);
    const pages: string[][] = [];
    for await (const { rooms = [] } of paginateListRooms({ client: emulated.client }, {})) {
      pages.push(rooms.map(({ name = '' }) => name));
    }
    expect(pages.map(({ length }) => length)).toEqual([50, 50, 3]);
    expect(new Set(pages.flat()).size).toBe(103);
  });

  test('a page that ends with the last room carries no token', async () => {
    await using emulated = await listing(4);
    const { nextToken } = await emulated.client.send(new ListRoomsCommand({ maxResults: 2 }));
    const second = await emulated.client.send(new ListRoomsCommand({ maxResults: 2, nextToken }));
    expect(second.rooms).toHaveLength(2);
    expect(second.nextToken).toBeUndefined();
  });

  test('a room that is created while somebody pages is not on a later page, and shifts none', async () => {
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

  test('refuses a token that was tampered with', async () => {
    await using emulated = await listing(2);
    const { nextToken } = await emulated.client.send(new ListRoomsCommand({ maxResults: 1 }));
    expect(nextToken).toBeDefined();
    const tampered = new ListRoomsCommand({ nextToken: `${nextToken}!` });
    expect(await rejection(emulated.client.send(tampered))).toMatchObject({ fieldList: [{ name: 'nextToken' }] });
  });

  test('filters exactly by name, by handler and by logging configuration', async () => {
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

  test('shows creation, change and deletion only after the lag; GetRoom sees them at once', async () => {
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

  test('changes of one room become visible in their order', async () => {
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
