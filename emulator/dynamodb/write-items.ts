import * as z from 'zod';
import {
  type Action,
  DynamoDbError,
  getItem,
  getTable,
  itemSchema,
  type Json,
  type Operation,
  runAction,
  type Store,
  storageKey,
  validate,
} from './dynalite.ts';
import type { KeyedLocks } from './keyed-locks.ts';
import type { Indexes } from './late-indexes.ts';
import { createRecordingStore } from './recording-store.ts';

export interface Database {
  store: Store;
  /** Every write, and every consistent read of several items, holds the locks of its items (`ItemLocation.lock`). */
  locks: KeyedLocks;
  indexes: Indexes;
}

/** The identity of one item, in a request that dynalite has checked. */
const targetSchema = z.object({
  TableName: z.string(),
  Item: itemSchema.optional(),
  Key: itemSchema.optional(),
});

const returnOnFailureSchema = z.object({ ReturnValuesOnConditionCheckFailure: z.enum(['ALL_OLD', 'NONE']).optional() });

/** The location of an item, and the name of its lock. */
export interface ItemLocation {
  tableName: string;
  key: string;
  lock: string;
}

export async function locationOf(store: Store, request: unknown): Promise<ItemLocation> {
  const target = targetSchema.parse(request);
  const key = storageKey(await getTable(store, target.TableName), target);
  return { tableName: target.TableName, key, lock: `${target.TableName}/${key}` };
}

/** A checked write of one item. */
export interface Write {
  action: Action;
  data: Json;
  location: ItemLocation;
  returnsOldOnFailure: boolean;
}

/** Checks a PutItem, UpdateItem or DeleteItem, and writes nothing. */
export async function prepareWrite(store: Store, action: Action, input: Json): Promise<Write> {
  const data = validate(store, action, input);
  const { ReturnValuesOnConditionCheckFailure } = parseRequest(returnOnFailureSchema, input);
  return {
    action,
    data,
    location: await locationOf(store, data),
    returnsOldOnFailure: ReturnValuesOnConditionCheckFailure === 'ALL_OLD',
  };
}

/** The writer holds the item's lock, so the item that is read after a failed condition is the item for which the condition failed. */
export async function recordWrite(store: Store, write: Write, operations: Operation[]): Promise<Json> {
  try {
    return await runAction(createRecordingStore(store, operations), write.action, write.data);
  } catch (error) {
    if (!(isConditionFailure(error) && write.returnsOldOnFailure)) throw error;
    const old = await getItem(store, write.location.tableName, write.location.key);
    throw new DynamoDbError(error.type, error.message, old && { Item: old });
  }
}

export function isConditionFailure(error: unknown): error is DynamoDbError {
  return error instanceof DynamoDbError && error.code === 'ConditionalCheckFailedException';
}

/** PutItem, UpdateItem and DeleteItem, with `ReturnValuesOnConditionCheckFailure`, which dynalite lacks. */
export async function writeItem({ store, locks, indexes }: Database, action: Action, input: Json): Promise<Json> {
  const write = await prepareWrite(store, action, input);
  return locks([write.location.lock], async () => {
    const operations: Operation[] = [];
    const response = await recordWrite(store, write, operations);
    await indexes.commit(operations);
    return response;
  });
}

const batchSchema = z.object({
  RequestItems: z.record(
    z.string(),
    z.array(
      z.object({
        PutRequest: z.object({ Item: itemSchema }).optional(),
        DeleteRequest: z.object({ Key: itemSchema }).optional(),
      }),
    ),
  ),
});

/** BatchWriteItem under the locks of its items, so that no item changes during a conditional write. */
export async function batchWriteItem({ store, locks, indexes }: Database, input: Json): Promise<Json> {
  const data = validate(store, 'BatchWriteItem', input);
  const targets = Object.entries(batchSchema.parse(data).RequestItems).flatMap(([TableName, requests]) =>
    requests.map(({ PutRequest, DeleteRequest }) => ({ TableName, ...PutRequest, ...DeleteRequest })),
  );
  const locations = await Promise.all(targets.map((target) => locationOf(store, target)));
  return locks(
    locations.map(({ lock }) => lock),
    async () => {
      const operations: Operation[] = [];
      const response = await runAction(createRecordingStore(store, operations), 'BatchWriteItem', data);
      await indexes.commit(operations);
      return response;
    },
  );
}

/** Parses input that dynalite does not check. @throws DynamoDbError (DynamoDB's ValidationException) if the input is invalid */
export function parseRequest<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new DynamoDbError('com.amazon.coral.validate#ValidationException', z.prettifyError(parsed.error));
}
