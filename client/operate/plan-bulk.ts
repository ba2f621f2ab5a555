import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import type { PlannedRow } from '../../lib/bulk/plan-rows.ts';
import { ledgerKey, payloadHash } from '../../lib/contract/keys.ts';
import type { Region } from '../../lib/contract/regions.ts';
import type { Waiting } from '../../lib/platform/backoff.ts';
import { batchGet } from '../../lib/platform/batch-get.ts';
import type { Deployment } from '../deployment.ts';

const MAX_BATCH_GET = 100;

/** What a manifest would do, seen from what the ledger knows now. */
export interface BulkPlan {
  /** How many rooms would be made in which region. */
  toMake: Record<string, number>;
  /** Keys that have their room already. */
  existing: number;
  /** Keys that were used for another room before: they would fail. */
  reused: number;
  /** How long it would take, nobody else using the quota. The regions work side by side. */
  seconds: number;
}

type Request = Extract<PlannedRow, { kind: 'request' }>['request'];

const itemSchema = z.object({ id: z.string(), payload_hash: z.string(), decision: z.string().optional() });

/**
 * Works out what would become of the requests of a manifest. Needs `dynamodb:BatchGetItem` on the ledger.
 * @param roomsPerSecond what the deployment may make in each region
 */
export async function planBulk(
  deployment: Deployment,
  requests: AsyncIterable<Request>,
  roomsPerSecond: number,
  waiting: Waiting,
): Promise<BulkPlan> {
  const toMake = new Map<Region, number>();
  const plan = { existing: 0, reused: 0 };
  for await (const batch of inBatches(requests)) {
    const items = await readItems(deployment, batch, waiting);
    for (const { idempotencyKey, room, region } of batch) {
      const item = items.get(ledgerKey(idempotencyKey));
      const isSame = item?.payload_hash === payloadHash({ room, region });
      // A key that has failed is taken again, whatever room it is for.
      if (item === undefined || item.decision === 'failed') toMake.set(region, (toMake.get(region) ?? 0) + 1);
      else if (isSame) plan.existing += 1;
      else plan.reused += 1;
    }
  }
  const seconds = Math.ceil(Math.max(0, ...toMake.values()) / roomsPerSecond);
  return { toMake: Object.fromEntries(toMake), ...plan, seconds };
}

async function readItems(
  { dynamodb, ledgerTable }: Deployment,
  requests: readonly Request[],
  waiting: Waiting,
): Promise<Map<string, z.infer<typeof itemSchema>>> {
  const keys = requests.map(({ idempotencyKey }) => ({ id: { S: ledgerKey(idempotencyKey) } }));
  const toGet = { tableName: ledgerTable, keys, ProjectionExpression: 'id, payload_hash, decision' };
  const items = await batchGet(dynamodb, toGet, waiting);
  return new Map(items.map((item) => itemSchema.parse(unmarshall(item))).map((item) => [item.id, item]));
}

async function* inBatches<T>(items: AsyncIterable<T>): AsyncGenerator<T[]> {
  let batch: T[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < MAX_BATCH_GET) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
