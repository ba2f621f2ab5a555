import {
  type AttributeValue,
  BatchGetItemCommand,
  type DynamoDBClient,
  type KeysAndAttributes,
} from '@aws-sdk/client-dynamodb';
import { type BackoffPolicy, backoffMs, type Waiting } from './backoff.ts';

type Item = Record<string, AttributeValue>;

/** "A single operation can retrieve up to 16 MB of data, which can contain as many as 100 items." */
const MAX_KEYS = 100;
const BACKOFF: BackoffPolicy = { baseMs: 50, capMs: 5_000 };
/** How many calls in a row may leave all keys unprocessed. The waits after them add up to about 16 s on average. */
const MAX_CALLS_WITHOUT_PROGRESS = 12;

export interface BatchToGet extends Pick<KeysAndAttributes, 'ConsistentRead' | 'ProjectionExpression'> {
  tableName: string;
  keys: readonly Item[];
}

/**
 * Reads items by their keys, in as few calls as DynamoDB allows. Unprocessed keys are requested again: "If DynamoDB returns
 * any unprocessed items, you should retry the batch operation on those items. However, we strongly recommend that you use an
 * exponential backoff algorithm."
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
 * @returns the items that exist, in no particular order
 * @throws the error of DynamoDB; Error if DynamoDB repeatedly processes none of the keys; the signal's reason
 */
export async function batchGet(
  dynamodb: DynamoDBClient,
  { tableName, keys, ...reading }: BatchToGet,
  { clock, random, signal }: Waiting,
): Promise<Item[]> {
  const found: Item[] = [];
  let left = [...keys];
  let callsWithoutProgress = 0;
  while (left.length > 0) {
    const Keys = left.slice(0, MAX_KEYS);
    const command = new BatchGetItemCommand({ RequestItems: { [tableName]: { Keys, ...reading } } });
    const { Responses, UnprocessedKeys } = await dynamodb.send(command, { abortSignal: signal });
    found.push(...(Responses?.[tableName] ?? []));
    const unprocessed = UnprocessedKeys?.[tableName]?.Keys ?? [];
    left = [...left.slice(MAX_KEYS), ...unprocessed];
    callsWithoutProgress = unprocessed.length < Keys.length ? 0 : callsWithoutProgress + 1;
    if (callsWithoutProgress === MAX_CALLS_WITHOUT_PROGRESS)
      throw new Error(
        `DynamoDB left ${left.length} of ${keys.length} keys of ${tableName} unprocessed, ${callsWithoutProgress} times in a row`,
      );
    if (unprocessed.length > 0) await clock.sleep(backoffMs(callsWithoutProgress + 1, BACKOFF, random), signal);
  }
  return found;
}
