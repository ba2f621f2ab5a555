import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import type { PlannedRow } from '../../lib/bulk/plan-rows.ts';
import { ledgerKey } from '../../lib/contract/keys.ts';
import { payloadHashes } from '../../lib/contract/payload-notations.ts';
import type { Region } from '../../lib/contract/regions.ts';
import type { Waiting } from '../../lib/platform/backoff.ts';
import { batchGet } from '../../lib/platform/batch-get.ts';
import type { Deployment } from '../deployment.ts';
import { inBatches } from './in-batches.ts';

/** The effects that a manifest would have, given the current state of the ledger. */
export interface BulkPlan {
  /** How many rooms would be created, by region. */
  toMake: Record<string, number>;
  /** The number of keys that already have their room, or for which the same request is in progress. */
  existing: number;
  /** The number of keys that were used for another room before. Their rows would fail. */
  reused: number;
  /** How long it would take to create the rooms, in all regions in parallel, if nothing else uses the quota. */
  seconds: number;
}

type Request = Extract<PlannedRow, { kind: 'request' }>['request'];

// An item that was rebuilt after a restore of the ledger has a room, but no hash until it is requested.
const itemSchema = z.object({
  id: z.string(),
  payload_hash: z.string().optional(),
  decision: z.string().optional(),
});

/**
 * Predicts the outcomes of the requests of a manifest. Needs `dynamodb:BatchGetItem` on the ledger.
 * @param roomsPerSecond how many rooms the deployment may create a second in each region
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
      const stored = item?.payload_hash;
      const isSame = stored === undefined || payloadHashes({ room, region }).includes(stored);
      // A failed key may be claimed again, for any room.
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
