import {
  CreateLoggingConfigurationCommand,
  CreateRoomCommand,
  DeleteRoomCommand,
  GetRoomCommand,
  ListRoomsCommand,
  UpdateRoomCommand,
} from '@aws-sdk/client-ivschat';
import { describe, expect, test } from '@jest/globals';
import { UNLIMITED } from './emulator.ts';
import { rejection, servedEmulator } from './sdk-client.ts';

const HANDLER_ARN = 'arn:aws:lambda:eu-west-1:000000000000:function:review';
const ABSENT_ROOM = 'arn:aws:ivschat:eu-west-1:000000000000:room/absent000000';
const ABSENT_LOGGING = 'arn:aws:ivschat:eu-west-1:000000000000:logging-configuration/absent000000';
const s3Logging = new CreateLoggingConfigurationCommand({
  destinationConfiguration: { s3: { bucketName: 'chat-logs' } },
});

describe('rooms', () => {
  test('have every parameter of CreateRoom, which returns them', async () => {
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
      arn: `arn:aws:ivschat:eu-west-1:000000000000:room/${room.id}`,
      createTime: new Date(clock.nowMs),
      updateTime: new Date(clock.nowMs),
    });
  });

  test('have the defaults of the service after a CreateRoom without parameters', async () => {
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

  test('have ALLOW as the default fallback of a message review handler', async () => {
    await using emulated = await servedEmulator();
    const room = await emulated.client.send(new CreateRoomCommand({ messageReviewHandler: { uri: HANDLER_ARN } }));
    expect(room.messageReviewHandler).toEqual({ uri: HANDLER_ARN, fallbackResult: 'ALLOW' });
  });

  test('are created twice by two equal CreateRoom calls, even if all random numbers are equal', async () => {
    await using emulated = await servedEmulator({ random: () => 0 });
    const create = () => emulated.client.send(new CreateRoomCommand({ name: 'same' }));
    const [first, second] = [await create(), await create()];
    expect(first.arn).not.toBe(second.arn);
    expect(emulated.ivsChat.admin.rooms('eu-west-1')).toHaveLength(2);
  });

  test('cannot refer to a logging configuration that does not exist', async () => {
    await using emulated = await servedEmulator();
    const command = new CreateRoomCommand({ loggingConfigurationIdentifiers: [ABSENT_LOGGING] });
    expect(await rejection(emulated.client.send(command))).toMatchObject({
      name: 'ResourceNotFoundException',
      resourceId: 'absent000000',
      resourceType: 'ROOM',
      $metadata: { httpStatusCode: 404 },
    });
  });

  test('keep the parameters that UpdateRoom does not contain', async () => {
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

  test('no longer exist after DeleteRoom, which answers 204', async () => {
    await using emulated = await servedEmulator();
    const { arn: identifier } = await emulated.client.send(new CreateRoomCommand({}));
    const { $metadata } = await emulated.client.send(new DeleteRoomCommand({ identifier }));
    expect($metadata.httpStatusCode).toBe(204);
    expect(await rejection(emulated.client.send(new GetRoomCommand({ identifier })))).toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  test('that do not exist cause a ResourceNotFoundException in every operation', async () => {
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

  test('exist only in their own region', async () => {
    await using emulated = await servedEmulator();
    const { arn: identifier = '' } = await emulated.clientOf('us-east-1').send(new CreateRoomCommand({}));
    expect(identifier).toContain(':us-east-1:');
    expect(await rejection(emulated.client.send(new GetRoomCommand({ identifier })))).toMatchObject({
      name: 'ResourceNotFoundException',
    });
    expect((await emulated.client.send(new ListRoomsCommand({}))).rooms).toEqual([]);
  });

  test('beyond the quota are refused with 402 and the limit, until one is deleted', async () => {
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
