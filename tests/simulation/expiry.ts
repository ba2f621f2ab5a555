import type { Item } from '../../emulator/dynamodb/dynalite.ts';
import type { Config } from '../../lib/platform/config.ts';
import type { MemoryMessage } from '../../simulation/memory-queue.ts';
import { config } from '../fixtures/simulated-stage.ts';
import type { ReleasePart } from './release-part.ts';
import { count, note, type World } from './world.ts';

/** The configuration of the functions of a run. */
export function configOf({ releases }: World): Config {
  const { retentionSeconds } = releases?.plan.expiry ?? {};
  return retentionSeconds === undefined ? config : { ...config, keyRetentionSeconds: retentionSeconds };
}

/** The items of the ledger, including the last state of those that DynamoDB has removed. */
export function ledgerItems({ dynamodb, releases }: World): Item[] {
  return [...dynamodb.items('ledger'), ...(releases?.removed.values() ?? [])];
}

/**
 * Removes items whose time to live has ended, as DynamoDB does, at once or late.
 *
 * A stage keeps its items for longer than messages live, but a run with such a retention would last for months. Therefore an item is removed
 * only when all messages of its key are done. An item in progress, or with an index entry, must not have a time to live, so nothing delays its
 * removal: such a removal would break a promise.
 */
export function removeExpired(world: World): void {
  const { releases, dynamodb, time } = world;
  if (releases?.plan.expiry === undefined) return;
  const { random, plan } = releases;
  for (const item of dynamodb.items('ledger')) {
    if (!(Number(item.expires_at?.N) * 1000 < time.nowMs())) continue;
    if (random() > (plan.expiry?.removedEachMinute ?? 0)) continue;
    const isNeeded = item.status?.S === 'INPROGRESS' || item.release_shard !== undefined;
    if (isNeeded || !isAwaited(String(item.idempotency_key?.S), world, releases)) remove(item, world);
  }
}

/** Whether a message of a key is not done or not sent, or a worker may still handle one. */
function isAwaited(
  key: string,
  { sent, scenario, activeInvocations }: World,
  { plan, commands }: ReleasePart,
): boolean {
  const isDone = ([message, { idempotencyKey }]: readonly [MemoryMessage, { idempotencyKey: string }]) =>
    idempotencyKey === key && message.gone !== undefined;
  const done = [...sent, ...commands].filter(isDone).length;
  const all = [...scenario.requests, ...plan.commands].filter(({ idempotencyKey }) => idempotencyKey === key).length;
  return activeInvocations > 0 || done < all;
}

function remove(item: Item, world: World): void {
  count(world, 'item expired');
  note(world, undefined, `DynamoDB removes the expired item of ${item.idempotency_key?.S}`);
  world.releases?.removed.set(String(item.id?.S), item);
  void world.dynamodb.handle({
    method: 'POST',
    path: '/',
    query: new URLSearchParams(),
    headers: { 'x-amz-target': 'DynamoDB_20120810.DeleteItem' },
    body: Buffer.from(JSON.stringify({ TableName: 'ledger', Key: { id: item.id } })),
    region: 'eu-west-1',
  });
}
