import * as z from 'zod';
import { DynamoDbError, getTable, itemSchema, type Json } from './dynalite.ts';
import { itemPrefix } from './recording-store.ts';
import { type Database, isConditionFailure, parseRequest, writeItem } from './write-items.ts';

/** An expired item is removed at most this long after it expires. DynamoDB itself may take a few days. */
export const TTL_SWEEP_INTERVAL_MS = 10_000;

const PREFIX = 'time-to-live~';
const SPECIFICATION = z.object({ AttributeName: z.string().min(1), Enabled: z.boolean() });
const updateSchema = z.object({ TableName: z.string(), TimeToLiveSpecification: SPECIFICATION });
const describeSchema = z.object({ TableName: z.string() });

/** UpdateTimeToLive. Unlike DynamoDB, it accepts a call that repeats the current values. */
export async function updateTimeToLive({ store }: Database, input: Json): Promise<Json> {
  const { TableName, TimeToLiveSpecification } = parseRequest(updateSchema, input);
  await getTable(store, TableName);
  await store.db.put(PREFIX + TableName, TimeToLiveSpecification);
  return { TimeToLiveSpecification };
}

export async function describeTimeToLive({ store }: Database, input: Json): Promise<Json> {
  const { TableName } = parseRequest(describeSchema, input);
  await getTable(store, TableName);
  const specification = SPECIFICATION.optional().parse(await store.db.get(PREFIX + TableName));
  return {
    TimeToLiveDescription: specification?.Enabled
      ? { TimeToLiveStatus: 'ENABLED', AttributeName: specification.AttributeName }
      : { TimeToLiveStatus: 'DISABLED' },
  };
}

/** Removes a deleted table's setting, because a new table of the same name starts without one. */
export async function forgetTimeToLive({ store }: Database, tableName: string): Promise<void> {
  await store.db.del(PREFIX + tableName);
}

/** Removes the expired items of every table that has a time to live. */
export async function sweepExpiredItems(database: Database, nowMs: number): Promise<void> {
  const nowSeconds = Math.floor(nowMs / 1000);
  for await (const [key, value] of database.store.db.iterator(range(PREFIX))) {
    const { AttributeName, Enabled } = SPECIFICATION.parse(value);
    if (!Enabled) continue;
    try {
      await sweepTable(database, key.slice(PREFIX.length), AttributeName, nowSeconds);
    } catch (error) {
      if (!isAbsentTable(error)) throw error;
    }
  }
}

/** A table may be deleted while it is swept. */
function isAbsentTable(error: unknown): boolean {
  return error instanceof DynamoDbError && error.code === 'ResourceNotFoundException';
}

async function sweepTable(database: Database, tableName: string, attribute: string, nowSeconds: number): Promise<void> {
  const { KeySchema } = await getTable(database.store, tableName);
  for await (const [, value] of database.store.db.iterator(range(itemPrefix(tableName)))) {
    const item = itemSchema.parse(value);
    if (!(Number(item[attribute]?.N) <= nowSeconds)) continue;
    const Key = Object.fromEntries(KeySchema.map(({ AttributeName }) => [AttributeName, item[AttributeName]]));
    await deleteIfStillExpired(database, { TableName: tableName, Key }, attribute, nowSeconds);
  }
}

/** The condition matters because the item may have been given a later expiry since it was read. */
async function deleteIfStillExpired(
  database: Database,
  target: Json,
  attribute: string,
  nowSeconds: number,
): Promise<void> {
  try {
    await writeItem(database, 'DeleteItem', {
      ...target,
      ConditionExpression: '#expiry <= :now',
      ExpressionAttributeNames: { '#expiry': attribute },
      ExpressionAttributeValues: { ':now': { N: String(nowSeconds) } },
    });
  } catch (error) {
    if (!isConditionFailure(error)) throw error;
  }
}

function range(prefix: string): { gte: string; lt: string } {
  return { gte: prefix, lt: `${prefix}\uffff` };
}
