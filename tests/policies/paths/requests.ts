import { CreateRoomCommand } from '@aws-sdk/client-ivschat';
import { PurgeQueueCommand } from '@aws-sdk/client-sqs';
import { ledgerKey } from '../../../lib/contract/keys.ts';
import { ownTags } from '../../../lib/ledger/room-tags.ts';
import { until } from '../../support/gateway-clients.ts';
import { must } from '../../support/must.ts';
import { type Item, REGION, type World } from './world.ts';

const request = (idempotencyKey: string) => ({ idempotencyKey, room: { name: idempotencyKey } });
const isDecided = ({ status }: Item) => status?.S === 'COMPLETED';
const hasIntent = ({ create_started_at }: Item) => create_started_at !== undefined;
const isLeased = ({ lease_end }: Item) => Number(lease_end?.N) > Date.now();
const isReleased = (item: Item) => hasIntent(item) && item.waits !== undefined;

/** Makes the next calls of CreateRoom lose their responses, and the next calls of ListRooms fail, so that no room is found immediately. */
function loseAnswers(world: World, times: number): void {
  world.stack.ivsChat.inject({ operation: 'CreateRoom', times, fault: { lostResponse: true } });
  world.stack.ivsChat.inject({ operation: 'ListRooms', times, fault: { error: 'InternalServerException' } });
}

/** provision-rooms: in each of its queues, a request whose response is lost, which waits and is then found; and a message to park. */
export async function provisionFromEveryQueue(world: World): Promise<void> {
  const queues = ['InteractiveQueue', 'BulkQueue', 'RedriveQueue'];
  loseAnswers(world, queues.length);
  for (const name of queues) await world.send(name, request(`lost-${name}`));
  for (const name of queues) await world.untilItem(`lost-${name}`, isDecided);
  await world.send('InteractiveQueue', 'no request');
  for (const name of queues) await world.untilDone(name);
}

/**
 * Takes keys from workers that wait for an answer of IVS Chat, until one of them has deleted its extra room. A worker waits for an answer for
 * two seconds. On a busy machine, the key may therefore be taken too late, and then the next one is taken.
 */
async function untilExtraRoomIsDeleted(world: World, takeKey: (attempt: number) => Promise<void>): Promise<void> {
  const before = world.callsOf('DeleteRoom');
  for (let attempt = 1; world.callsOf('DeleteRoom') === before; attempt++) {
    if (attempt > 10) throw new Error('Every key was taken too late');
    await takeKey(attempt);
  }
}

/** provision-rooms: the worker loses its key while it creates the room, which is therefore extra. */
export function loseKeyWhileCreating(world: World): Promise<void> {
  return untilExtraRoomIsDeleted(world, async (attempt) => {
    const key = `taken-${attempt}`;
    world.stack.ivsChat.inject({ operation: 'CreateRoom', fault: { latencyMs: 1_500 } });
    await world.send('InteractiveQueue', request(key));
    await world.untilItem(key, hasIntent);
    await world.nextGeneration(key);
    await world.untilDone('InteractiveQueue');
  });
}

/** Leaves a request whose room exists and whose message is gone. */
async function leaveIntent(world: World, key: string): Promise<void> {
  loseAnswers(world, 1);
  await world.send('InteractiveQueue', request(key));
  await world.untilItem(key, isReleased);
  await world.deployment.sqs.send(new PurgeQueueCommand({ QueueUrl: world.queue('InteractiveQueue') }));
}

/** announce-dead-letters: finds rooms for dead letters of both lanes, which wait for it once, and parks them. */
export async function announceFromEveryQueue(world: World): Promise<void> {
  for (const name of ['InteractiveDeadLetterQueue', 'BulkDeadLetterQueue']) {
    const key = `dead-${name}`;
    await leaveIntent(world, key);
    world.stack.ivsChat.inject({ operation: 'ListRooms', fault: { error: 'InternalServerException' } });
    await world.send(name, request(key));
    await world.untilItem(key, isDecided);
    await world.untilDone(name);
  }
}

/** announce-dead-letters: the worker loses its key while it adopts the room, which is therefore extra. */
export function loseKeyWhileAdopting(world: World): Promise<void> {
  return untilExtraRoomIsDeleted(world, async (attempt) => {
    const key = `taken-dead-${attempt}`;
    await leaveIntent(world, key);
    world.stack.ivsChat.inject({ operation: 'GetRoom', fault: { latencyMs: 1_500 } });
    await world.send('InteractiveDeadLetterQueue', request(key));
    await world.untilItem(key, isLeased);
    await world.nextGeneration(key);
    await world.untilDone('InteractiveDeadLetterQueue');
  });
}

/** sweep-rooms: deletes an extra room above the safe age. */
export async function sweepExtraRoom(world: World): Promise<void> {
  const key = 'lost-InteractiveQueue';
  const item = await world.untilItem(key, isDecided);
  const claim = { id: ledgerKey(key), claim_id: must(item.claim_id?.S), generation: Number(item.generation?.N) };
  const tags = ownTags(claim, { stage: 'local', deploymentRegion: REGION });
  const { arn } = await world.ivsChat.send(new CreateRoomCommand({ name: 'extra', tags }));
  await until(async () => {
    await world.stack.invoke('sweep-rooms', {});
    return world.stack.ivsChat.rooms().every((room) => room.arn !== arn) || undefined;
  }, 60_000);
}
