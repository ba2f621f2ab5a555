import {
  CreateLoggingConfigurationCommand,
  CreateRoomCommand,
  DeleteLoggingConfigurationCommand,
  DeleteRoomCommand,
  GetLoggingConfigurationCommand,
  GetRoomCommand,
  ListLoggingConfigurationsCommand,
  ListRoomsCommand,
  ListTagsForResourceCommand,
  paginateListLoggingConfigurations,
  paginateListRooms,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateLoggingConfigurationCommand,
  UpdateRoomCommand,
} from '@aws-sdk/client-ivschat';
import { describe, expect, test } from '@jest/globals';
import { UNLIMITED } from './emulator.ts';
import { rejection, servedEmulator } from './sdk-client.ts';

const HANDLER_ARN = 'arn:aws:lambda:eu-west-1:123456789012:function:review';
const ABSENT_ROOM = 'arn:aws:ivschat:eu-west-1:123456789012:room/absent000000';
const ABSENT_LOGGING = 'arn:aws:ivschat:eu-west-1:123456789012:logging-configuration/absent000000';

const s3Logging = new CreateLoggingConfigurationCommand({
  destinationConfiguration: { s3: { bucketName: 'chat-logs' } },
});

describe('rooms', () => {
  test('CreateRoom echoes every parameter', async () => {
    await using emulated = await servedEmulator();
    const { client, clock } = emulated;
    const { arn: logging = '' } = await client.send(s3Logging);
    const wanted = {
      name: 'main-stage_1',
      maximumMessageRatePerSecond: 100,
      maximumMessageLength: 1,
      messageReviewHandler: { uri: HANDLER_ARN, fallbackResult: 'DENY' as const },
      tags: { team: 'sports', empty: '' },
      loggingConfigurationIdentifiers: [logging],
    };
    const { $metadata, ...room } = await client.send(new CreateRoomCommand(wanted));
    expect($metadata).toMatchObject({ httpStatusCode: 200, requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    expect(room).toEqual({
      ...wanted,
      id: expect.stringMatching(/^[A-Za-z0-9]{12}$/),
      arn: `arn:aws:ivschat:eu-west-1:123456789012:room/${room.id}`,
      createTime: new Date(clock.nowMs),
      updateTime: new Date(clock.nowMs),
    });
  });

  test('CreateRoom without parameters fills in the defaults of the service', async () => {
    await using emulated = await servedEmulator();
    const { $metadata, id, arn, createTime, updateTime, ...room } = await emulated.client.send(
      new CreateRoomCommand({}),
    );
    expect(room).toEqual({
      name: '',
      maximumMessageRatePerSecond: 10,
      maximumMessageLength: 500,
      tags: {},
      loggingConfigurationIdentifiers: [],
    });
  });

  test('a message review handler falls back to ALLOW', async () => {
    await using emulated = await servedEmulator();
    const room = await emulated.client.send(new CreateRoomCommand({ messageReviewHandler: { uri: HANDLER_ARN } }));
    expect(room.messageReviewHandler).toEqual({ uri: HANDLER_ARN, fallbackResult: 'ALLOW' });
  });

  test('the same CreateRoom twice makes two rooms, even where chance always draws the same', async () => {
    await using emulated = await servedEmulator({ random: () => 0 });
    const create = () => emulated.client.send(new CreateRoomCommand({ name: 'same' }));
    const [first, second] = [await create(), await create()];
    expect(first.arn).not.toBe(second.arn);
    expect(emulated.ivsChat.admin.rooms('eu-west-1')).toHaveLength(2);
  });

  test('a logging configuration that does not exist is not found', async () => {
    await using emulated = await servedEmulator();
    const command = new CreateRoomCommand({ loggingConfigurationIdentifiers: [ABSENT_LOGGING] });
    expect(await rejection(emulated.client.send(command))).toMatchObject({
      name: 'ResourceNotFoundException',
      resourceId: 'absent000000',
      resourceType: 'ROOM',
      $metadata: { httpStatusCode: 404 },
    });
  });

  test('UpdateRoom changes what it is given and nothing else', async () => {
    await using emulated = await servedEmulator();
    const { client, clock } = emulated;
    const created = await client.send(
      new CreateRoomCommand({ name: 'before', maximumMessageLength: 7, tags: { a: 'b' } }),
    );
    clock.nowMs += 60_000;
    const updated = await client.send(
      new UpdateRoomCommand({ identifier: created.arn, name: 'after', messageReviewHandler: { uri: HANDLER_ARN } }),
    );
    const read = await client.send(new GetRoomCommand({ identifier: created.arn }));
    for (const room of [updated, read]) {
      expect(room).toMatchObject({
        ...created,
        $metadata: {},
        name: 'after',
        messageReviewHandler: { uri: HANDLER_ARN, fallbackResult: 'ALLOW' },
        updateTime: new Date(clock.nowMs),
      });
    }
  });

  test('DeleteRoom answers 204, and the room is gone', async () => {
    await using emulated = await servedEmulator();
    const { arn: identifier } = await emulated.client.send(new CreateRoomCommand({}));
    const { $metadata } = await emulated.client.send(new DeleteRoomCommand({ identifier }));
    expect($metadata.httpStatusCode).toBe(204);
    expect(await rejection(emulated.client.send(new GetRoomCommand({ identifier })))).toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  test('what an absent room is asked is not found', async () => {
    await using emulated = await servedEmulator();
    const { client } = emulated;
    const identifier = ABSENT_ROOM;
    for (const call of [
      () => client.send(new GetRoomCommand({ identifier })),
      () => client.send(new UpdateRoomCommand({ identifier })),
      () => client.send(new DeleteRoomCommand({ identifier })),
    ]) {
      expect(await rejection(call())).toMatchObject({ name: 'ResourceNotFoundException', resourceId: 'absent000000' });
    }
  });

  test('a room exists in its own region only', async () => {
    await using emulated = await servedEmulator();
    const { arn: identifier = '' } = await emulated.clientOf('us-east-1').send(new CreateRoomCommand({}));
    expect(identifier).toContain(':us-east-1:');
    expect(await rejection(emulated.client.send(new GetRoomCommand({ identifier })))).toMatchObject({
      name: 'ResourceNotFoundException',
    });
    expect((await emulated.client.send(new ListRoomsCommand({}))).rooms).toEqual([]);
  });

  test('more rooms than the quota are refused with 402 and the limit, until one is deleted', async () => {
    await using emulated = await servedEmulator({ quotas: { ...UNLIMITED, roomsPerRegion: 2 } });
    const create = (client = emulated.client) => client.send(new CreateRoomCommand({}));
    const { arn: identifier } = await create();
    await create();
    expect(await rejection(create())).toMatchObject({
      name: 'ServiceQuotaExceededException',
      limit: 2,
      resourceType: 'ROOM',
      $metadata: { httpStatusCode: 402 },
    });
    await create(emulated.clientOf('us-west-2'));
    await emulated.client.send(new DeleteRoomCommand({ identifier }));
    await create();
  });
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

describe('tags', () => {
  test('are added, overwritten, listed and removed, on rooms and logging configurations', async () => {
    await using emulated = await servedEmulator({ quotas: UNLIMITED });
    const { client } = emulated;
    const room = await client.send(new CreateRoomCommand({ tags: { kept: '1', changed: '1' } }));
    const logging = await client.send(
      new CreateLoggingConfigurationCommand({
        destinationConfiguration: { firehose: { deliveryStreamName: 'stream' } },
        tags: { kept: '1', changed: '1' },
      }),
    );
    for (const resourceArn of [room.arn, logging.arn]) {
      await client.send(new TagResourceCommand({ resourceArn, tags: { changed: '2', 'added é/+': 'x y' } }));
      await client.send(new UntagResourceCommand({ resourceArn, tagKeys: ['added é/+', 'absent'] }));
      await client.send(new TagResourceCommand({ resourceArn, tags: { added: '' } }));
      const { tags } = await client.send(new ListTagsForResourceCommand({ resourceArn }));
      expect(tags).toEqual({ kept: '1', changed: '2', added: '' });
    }
    const { rooms } = await client.send(new ListRoomsCommand({}));
    expect(rooms?.[0]?.tags).toEqual({ kept: '1', changed: '2', added: '' });
  });

  test('of an absent resource are not found', async () => {
    await using emulated = await servedEmulator({ quotas: UNLIMITED });
    const resourceArn = ABSENT_ROOM;
    for (const call of [
      () => emulated.client.send(new TagResourceCommand({ resourceArn, tags: {} })),
      () => emulated.client.send(new UntagResourceCommand({ resourceArn, tagKeys: ['a'] })),
      () => emulated.client.send(new ListTagsForResourceCommand({ resourceArn })),
    ]) {
      expect(await rejection(call())).toMatchObject({ name: 'ResourceNotFoundException' });
    }
  });

  test('are at most 50 per resource, counted after merging', async () => {
    await using emulated = await servedEmulator({ quotas: UNLIMITED });
    const numbered = (from: number, count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`tag-${from + index}`, '']));
    const { arn: resourceArn } = await emulated.client.send(new CreateRoomCommand({ tags: numbered(0, 30) }));
    const tooMany = new TagResourceCommand({ resourceArn, tags: numbered(25, 26) });
    expect(await rejection(emulated.client.send(tooMany))).toMatchObject({
      name: 'ValidationException',
      fieldList: [{ name: 'tags' }],
    });
    await emulated.client.send(new TagResourceCommand({ resourceArn, tags: numbered(25, 25) }));
  });

  test('whose keys begin with aws: are refused by name', async () => {
    await using emulated = await servedEmulator();
    const command = new CreateRoomCommand({ tags: { 'aws:x': '', 'AWS:y': '', fine: 'aws:z' } });
    expect(await rejection(emulated.client.send(command))).toMatchObject({
      name: 'ValidationException',
      fieldList: [{ name: 'tags.aws:x' }, { name: 'tags.AWS:y' }],
    });
    expect(emulated.ivsChat.admin.rooms()).toEqual([]);
  });
});

describe('logging configurations', () => {
  test.each([
    { s3: { bucketName: 'chat-logs' } },
    { cloudWatchLogs: { logGroupName: '/chat/logs' } },
    { firehose: { deliveryStreamName: 'stream' } },
  ])('are created, read, changed and deleted: %j', async (destinationConfiguration) => {
    await using emulated = await servedEmulator();
    const { client, clock } = emulated;
    const { $metadata, ...created } = await client.send(
      new CreateLoggingConfigurationCommand({ name: 'logs', destinationConfiguration, tags: { a: 'b' } }),
    );
    expect(created).toEqual({
      arn: `arn:aws:ivschat:eu-west-1:123456789012:logging-configuration/${created.id}`,
      id: expect.stringMatching(/^[A-Za-z0-9]{12}$/),
      name: 'logs',
      state: 'ACTIVE',
      destinationConfiguration,
      tags: { a: 'b' },
      createTime: new Date(clock.nowMs),
      updateTime: new Date(clock.nowMs),
    });
    clock.nowMs += 1_000;
    const changed = { s3: { bucketName: 'other-logs' } };
    const identifier = created.arn;
    await client.send(new UpdateLoggingConfigurationCommand({ identifier, destinationConfiguration: changed }));
    expect(await client.send(new GetLoggingConfigurationCommand({ identifier }))).toMatchObject({
      ...created,
      destinationConfiguration: changed,
      updateTime: new Date(clock.nowMs),
    });
    const deleted = await client.send(new DeleteLoggingConfigurationCommand({ identifier }));
    expect(deleted.$metadata.httpStatusCode).toBe(204);
    for (const call of [
      () => client.send(new GetLoggingConfigurationCommand({ identifier })),
      () => client.send(new UpdateLoggingConfigurationCommand({ identifier })),
      () => client.send(new DeleteLoggingConfigurationCommand({ identifier })),
    ]) {
      expect(await rejection(call())).toMatchObject({ name: 'ResourceNotFoundException' });
    }
  });

  test('are ten per region, and listed in pages', async () => {
    await using emulated = await servedEmulator({ quotas: UNLIMITED });
    const { client, clock } = emulated;
    for (let number = 0; number < 10; number += 1) {
      await client.send(s3Logging);
      clock.nowMs += 1;
    }
    expect(await rejection(client.send(s3Logging))).toMatchObject({ name: 'ServiceQuotaExceededException', limit: 10 });
    const times: number[] = [];
    for await (const page of paginateListLoggingConfigurations({ client, pageSize: 4 }, {})) {
      for (const { updateTime } of page.loggingConfigurations ?? []) times.push(updateTime?.getTime() ?? 0);
    }
    expect(new Set(times).size).toBe(10);
    expect(times).toEqual(times.toSorted((a, b) => b - a));
    const all = await client.send(new ListLoggingConfigurationsCommand({}));
    expect(all.loggingConfigurations).toHaveLength(10);
  });

  test('that a room uses can not be deleted; the conflict names the room', async () => {
    await using emulated = await servedEmulator();
    const { client } = emulated;
    const { arn: identifier = '' } = await client.send(s3Logging);
    const room = await client.send(new CreateRoomCommand({ loggingConfigurationIdentifiers: [identifier] }));
    const remove = () => client.send(new DeleteLoggingConfigurationCommand({ identifier }));
    expect(await rejection(remove())).toMatchObject({
      name: 'ConflictException',
      resourceId: room.id,
      resourceType: 'ROOM',
      $metadata: { httpStatusCode: 409 },
    });
    await client.send(new UpdateRoomCommand({ identifier: room.arn, loggingConfigurationIdentifiers: [] }));
    await remove();
  });
});
