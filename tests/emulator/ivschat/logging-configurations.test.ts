import {
  CreateLoggingConfigurationCommand,
  CreateRoomCommand,
  DeleteLoggingConfigurationCommand,
  GetLoggingConfigurationCommand,
  ListLoggingConfigurationsCommand,
  paginateListLoggingConfigurations,
  UpdateLoggingConfigurationCommand,
  UpdateRoomCommand,
} from '@aws-sdk/client-ivschat';
import { describe, expect, test } from '@jest/globals';
import { UNLIMITED } from './emulator.ts';
import { rejection, servedEmulator } from './sdk-client.ts';

const s3Logging = new CreateLoggingConfigurationCommand({
  destinationConfiguration: { s3: { bucketName: 'chat-logs' } },
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
      arn: `arn:aws:ivschat:eu-west-1:000000000000:logging-configuration/${created.id}`,
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

  test('are limited to ten per region, and are listed in pages', async () => {
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

  test('cannot be deleted while a room uses them, and the ConflictException names the room', async () => {
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
