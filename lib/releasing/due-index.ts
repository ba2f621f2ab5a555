import { type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import { releaseShards } from '../ledger/wish.ts';

/** A key that the due index lists. The index is eventually consistent, so the key is only a hint: whether its room is due depends on the item. */
export interface DueKey {
  /** The key's hash. */
  id: string;
  /** The time from which a releaser should look at the item, in epoch milliseconds. */
  lookAtMs: number;
}

/** The ledger's index of the items whose rooms wait for their release. */
export const DUE_INDEX_NAME = 'release-due';

/**
 * The number of keys that one query reads. Overlapping invocations pick keys at random from those that they have read. If an invocation picks a
 * key that another one is working on, it wastes a GetRoom call, and the quota of GetRoom limits the releases. With 25 keys, 2% of the calls are
 * wasted; with 100 keys, 0.7%.
 */
const KEYS_PER_SHARD = 100;

const dueKeySchema = z.pipe(
  z.object({ id: z.string(), release_look_at: z.number() }),
  z.transform(({ id, release_look_at: lookAtMs }): DueKey => ({ id, lookAtMs })),
);

/**
 * The keys in a region for which a releaser should examine the item by now, oldest first: at most 100 from each shard.
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
