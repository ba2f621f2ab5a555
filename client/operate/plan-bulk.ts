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
  /** The rows with these keys, at most 100 of them. */
  reusedRows: { row: number; idempotencyKey: string }[];
  /** How long it would take to create the rooms, in all regions in parallel, if nothing else uses the quota. */
  seconds: number;
}

const MAX_ROWS_KEPT = 100;

/** A manifest row that requests a room. */
export type RequestRow = Pick<Extract<PlannedRow, { kind: 'request' }>, 'row' | 'request'>;

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
  rows: AsyncIterable<RequestRow>,
  roomsPerSecond: number,
  waiting: Waiting,
): Promise<BulkPlan> {
  const toMake = new Map<Region, number>();
  const plan: Pick<BulkPlan, 'existing' | 'reused' | 'reusedRows'> = { existing: 0, reused: 0, reusedRows: [] };
  for await (const batch of inBatches(rows)) {
    const items = await readItems(deployment, batch, waiting);
    for (const { row, request } of batch) {
      const { idempotencyKey, room, region } = request;
      const item = items.get(ledgerKey(idempotencyKey));
      const stored = item?.payload_hash;
      const isSame = stored === undefined || payloadHashes({ room, region }).includes(stored);
      // A failed key may be claimed again, for any room.
      if (item === undefined || item.decision === 'failed') toMake.set(region, (toMake.get(region) ?? 0) + 1);
      else if (isSame) plan.existing += 1;
      else {
        plan.reused += 1;
        if (plan.reusedRows.length < MAX_ROWS_KEPT) plan.reusedRows.push({ row, idempotencyKey });
      }
    }
  }
  const seconds = Math.ceil(Math.max(0, ...toMake.values()) / roomsPerSecond);
  return { toMake: Object.fromEntries(toMake), ...plan, seconds };
}

async function readItems(
  { dynamodb, ledgerTable }: Deployment,
  rows: readonly RequestRow[],
  waiting: Waiting,
): Promise<Map<string, z.infer<typeof itemSchema>>> {
  const keys = rows.map(({ request }) => ({ id: { S: ledgerKey(request.idempotencyKey) } }));
  const toGet = { tableName: ledgerTable, keys, ProjectionExpression: 'id, payload_hash, decision' };
  const items = await batchGet(dynamodb, toGet, waiting);
  return new Map(items.map((item) => itemSchema.parse(unmarshall(item))).map((item) => [item.id, item]));
}
