import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import { REGIONS, type Region } from '../../../lib/contract/regions.ts';
import { releaseShards } from '../../../lib/ledger/wish.ts';
import { DUE_INDEX_NAME } from '../../../lib/releasing/due-index.ts';
import type { Deployment } from '../../deployment.ts';
import { explainError } from '../../explain-error.ts';

/** Those rooms of one region that wait for their release, as the due index lists them. Rooms that do not exist yet are not in the index. */
export interface WaitingReleases {
  region: Region;
  /** How many rooms are to be released now. */
  due: number;
  /** How many are due, or will be retried, later. */
  waiting: number;
  /** Whether there are more than were counted, and which of them may be due. */
  more: 'none' | 'waiting' | 'due';
  /**
   * The time since which the longest overdue room has been due according to the index, in epoch milliseconds; undefined if no room is due.
   */
  dueSinceMs: number | undefined;
}

/** `unread`: why the index could not be read. The rest of the stage can be shown without it. */
export type ReleaseLoad = { kind: 'read'; regions: WaitingReleases[] } | { kind: 'unread'; why: string };

/** How many rooms of a shard are counted, so that a reading is at most 56 calls and 3 MB. A region has eight shards. */
const COUNTED_PER_SHARD = 1_000;

const entrySchema = z.object({ release_look_at: z.number() }).transform(({ release_look_at: lookAtMs }) => lookAtMs);

/**
 * Counts the rooms that wait for their release. Needs `dynamodb:Query` on the due index.
 * @throws network errors
 */
export async function readReleaseLoad(
  deployment: Pick<Deployment, 'dynamodb' | 'ledgerTable'>,
  nowMs: number,
): Promise<ReleaseLoad> {
  try {
    const regions = await Promise.all(REGIONS.map((region) => countRegion(deployment, region, nowMs)));
    return { kind: 'read', regions };
  } catch (error) {
    if (error instanceof Error && UNREADABLE.has(error.name)) return { kind: 'unread', why: explainError(error) };
    throw error;
  }
}

/** The permission is missing, or the stage was deployed by a version without the index. */
const UNREADABLE = new Set(['AccessDeniedException', 'ValidationException']);

async function countRegion(
  deployment: Pick<Deployment, 'dynamodb' | 'ledgerTable'>,
  region: Region,
  nowMs: number,
): Promise<WaitingReleases> {
  const shards = await Promise.all(releaseShards(region).map((shard) => readShard(deployment, shard)));
  const all = shards.flatMap(({ lookAtMs }) => lookAtMs);
  const due = all.filter((lookAtMs) => lookAtMs <= nowMs);
  // The entries of a shard are in the order of their times.
  const truncated = shards.filter(({ hasMore }) => hasMore);
  const isLastDue = truncated.some(({ lookAtMs }) => (lookAtMs.at(-1) ?? 0) <= nowMs);
  return {
    region,
    due: due.length,
    waiting: all.length - due.length,
    more: isLastDue ? 'due' : truncated.length > 0 ? 'waiting' : 'none',
    dueSinceMs: due.length === 0 ? undefined : due.reduce((first, each) => Math.min(first, each)),
  };
}

async function readShard(
  { dynamodb, ledgerTable: TableName }: Pick<Deployment, 'dynamodb' | 'ledgerTable'>,
  shard: string,
): Promise<{ lookAtMs: number[]; hasMore: boolean }> {
  const command = new QueryCommand({
    TableName,
    IndexName: DUE_INDEX_NAME,
    KeyConditionExpression: 'release_shard = :shard',
    ExpressionAttributeValues: { ':shard': { S: shard } },
    ProjectionExpression: 'release_look_at',
    Limit: COUNTED_PER_SHARD,
  });
  const { Items = [], LastEvaluatedKey } = await dynamodb.send(command);
  const lookAtMs = Items.map((item) => entrySchema.parse(unmarshall(item)));
  return { lookAtMs, hasMore: LastEvaluatedKey !== undefined };
}
