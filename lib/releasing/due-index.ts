import { type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import { releaseShards } from '../ledger/wish.ts';

/** A key that the due index lists. The index is eventually consistent, so this is only a hint: the item decides. */
export interface DueKey {
  /** The key's hash. */
  id: string;
  /** When the item was to be looked at, in epoch milliseconds. */
  lookAtMs: number;
}

/** The index of the ledger that lists the items whose rooms wait for their release. */
export const DUE_INDEX_NAME = 'release-due';

/** The number of keys that one query reads. A region releases five rooms a second at most, so the next query follows within the minute. */
const KEYS_PER_SHARD = 25;

const dueKeySchema = z
  .object({ id: z.string(), release_look_at: z.number() })
  .transform(({ id, release_look_at: lookAtMs }): DueKey => ({ id, lookAtMs }));

/**
 * The keys of a region whose items are to be looked at by now, oldest first: at most 25 of each shard.
 * @throws the SDK's error
 */
export async function listDue(
  { dynamodb, tableName, signal }: { dynamodb: DynamoDBClient; tableName: string; signal: AbortSignal },
  region: string,
  nowMs: number,
): Promise<DueKey[]> {
  const ofShard = async (shard: string) => {
    const command = new QueryCommand({
      TableName: tableName,
      IndexName: DUE_INDEX_NAME,
      KeyConditionExpression: 'release_shard = :shard AND release_look_at <= :now',
      ExpressionAttributeValues: { ':shard': { S: shard }, ':now': { N: String(nowMs) } },
      Limit: KEYS_PER_SHARD,
    });
    const { Items = [] } = await dynamodb.send(command, { abortSignal: signal });
    return Items.map((item) => dueKeySchema.parse(unmarshall(item)));
  };
  const shards = await Promise.all(releaseShards(region).map(ofShard));
  return shards.flat().sort((a, b) => a.lookAtMs - b.lookAtMs);
}
