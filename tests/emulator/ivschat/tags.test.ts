import {
  CreateLoggingConfigurationCommand,
  CreateRoomCommand,
  ListRoomsCommand,
  ListTagsForResourceCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-ivschat';
import { describe, expect, test } from '@jest/globals';
import { UNLIMITED } from './emulator.ts';
import { rejection, servedEmulator } from './sdk-client.ts';

const ABSENT_ROOM = 'arn:aws:ivschat:eu-west-1:000000000000:room/absent000000';

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

  test('with keys that begin with aws: are refused by name', async () => {
    await using emulated = await servedEmulator();
    const command = new CreateRoomCommand({ tags: { 'aws:x': '', 'AWS:y': '', fine: 'aws:z' } });
    expect(await rejection(emulated.client.send(command))).toMatchObject({
      name: 'ValidationException',
      fieldList: [{ name: 'tags.aws:x' }, { name: 'tags.AWS:y' }],
    });
    expect(emulated.ivsChat.admin.rooms()).toEqual([]);
  });
});
