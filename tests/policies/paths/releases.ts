import { TagResourceCommand } from '@aws-sdk/client-ivschat';
import { until } from '../../support/gateway-clients.ts';
import { must } from '../../support/must.ts';
import type { Item, World } from './world.ts';

const isCompleted = ({ status }: Item) => status?.S === 'COMPLETED';

/** A room whose release becomes due a few seconds later. @returns its ARN */
export async function makeDueRoom(world: World, idempotencyKey: string): Promise<string> {
  const releaseAt = new Date(Date.now() + 5_000).toISOString();
  await world.send('InteractiveQueue', { idempotencyKey, room: {}, releaseAt });
  const { room_arn } = await world.untilItem(idempotencyKey, isCompleted);
  return must(room_arn?.S);
}

/** Invokes release-rooms, as its rule does each minute, until the item of a key is as expected. */
export async function releaseUntil(world: World, idempotencyKey: string, is: (item: Item) => boolean): Promise<Item> {
  return until(async () => {
    await world.stack.invoke('release-rooms', { source: 'aws.events', 'detail-type': 'Scheduled Event' });
    const item = await world.untilItem(idempotencyKey, () => true);
    return is(item) ? item : undefined;
  }, 60_000);
}

/** release-rooms: a room that is due. */
export async function releaseDueRoom(world: World): Promise<void> {
  await makeDueRoom(world, 'due');
  await releaseUntil(world, 'due', ({ released_at }) => released_at !== undefined);
}

/** Gives a room to another stage. */
export async function giveAway(world: World, arn: string): Promise<void> {
  await world.ivsChat.send(
    new TagResourceCommand({ resourceArn: arn, tags: { 'greenroom:stage': 'another.eu-west-1' } }),
  );
}
