import * as z from 'zod';
import { type Action, DynamoDbError, type Json, type Operation, runAction, type Store, validate } from './dynalite.ts';
import {
  type Database,
  type ItemLocation,
  isConditionFailure,
  locationOf,
  parseRequest,
  prepareWrite,
  recordWrite,
  type Write,
} from './write-items.ts';

/** Quota of DynamoDB: items in one transaction. */
const MAX_TRANSACTION_ITEMS = 100;

const request = z.looseObject({});

const writesSchema = z.object({
  TransactItems: z
    .array(
      z
        .strictObject({
          Put: request.optional(),
          Update: request.optional(),
          Delete: request.optional(),
          ConditionCheck: request.optional(),
        })
        .refine((item) => Object.keys(item).length === 1, 'exactly one of Put, Update, Delete and ConditionCheck'),
    )
    .min(1)
    .max(MAX_TRANSACTION_ITEMS),
});

const capacitySchema = z.object({ ReturnConsumedCapacity: z.enum(['TOTAL', 'NONE']).exactOptional() });

interface Capacity {
  TableName: string;
  CapacityUnits: number;
}
const responseSchema = z.object({
  ConsumedCapacity: z.object({ TableName: z.string(), CapacityUnits: z.number() }).optional(),
});

const getsSchema = z.object({
  TransactItems: z
    .array(z.object({ Get: request }))
    .min(1)
    .max(MAX_TRANSACTION_ITEMS),
});

type TransactItem = z.output<typeof writesSchema>['TransactItems'][number];

interface TransactionWrite extends Write {
  /** A ConditionCheck is handled as a DeleteItem that is checked but never performed. */
  checksOnly: boolean;
}

/**
 * TransactWriteItems: all conditions are checked before anything is written, and everything is written in one atomic batch, except writes
 * that an index shows only later. `ClientRequestToken` is accepted and ignored: a repeated transaction is performed again.
 */
export async function transactWriteItems({ store, locks, indexes }: Database, input: Json): Promise<Json> {
  const { TransactItems } = parseRequest(writesSchema, input);
  const { ReturnConsumedCapacity } = parseRequest(capacitySchema, input);
  const reported = ReturnConsumedCapacity && { ReturnConsumedCapacity };
  const writes = await Promise.all(TransactItems.map((item) => prepareTransactItem(store, item, reported)));
  return locks(distinctLocks(writes.map(({ location }) => location)), async () => {
    const operations: Operation[] = [];
    const outcomes: Outcome[] = [];
    for (const write of writes) outcomes.push(await recordOrReason(store, write, operations));
    const reasons = outcomes.map(({ reason }) => reason);
    if (reasons.some(({ Code }) => Code !== 'None')) throw cancelled(reasons);
    await indexes.commit(operations);
    return reported ? { ConsumedCapacity: sumCapacities(outcomes) } : {};
  });
}

function prepareTransactItem(store: Store, item: TransactItem, reported: Json | undefined): Promise<TransactionWrite> {
  const { Put, Update, Delete, ConditionCheck } = item;
  const prepare = async (action: Action, input: Json, checksOnly = false) => ({
    ...(await prepareWrite(store, action, { ...input, ...reported })),
    checksOnly,
  });
  if (Put) return prepare('PutItem', Put);
  if (Update) return prepare('UpdateItem', Update);
  return Delete ? prepare('DeleteItem', Delete) : prepare('DeleteItem', ConditionCheck ?? {}, true);
}

function distinctLocks(locations: ItemLocation[]): string[] {
  const names = new Set(locations.map(({ lock }) => lock));
  if (names.size < locations.length)
    throw new DynamoDbError(
      'com.amazon.coral.validate#ValidationException',
      'Transaction request cannot include multiple operations on one item',
    );
  return [...names];
}

interface Outcome {
  reason: Json;
  capacity: Capacity | undefined;
}

async function recordOrReason(store: Store, write: TransactionWrite, operations: Operation[]): Promise<Outcome> {
  try {
    const response = await recordWrite(store, write, write.checksOnly ? [] : operations);
    return { reason: { Code: 'None' }, capacity: responseSchema.parse(response).ConsumedCapacity };
  } catch (error) {
    if (!isConditionFailure(error)) throw error;
    const reason = { Code: 'ConditionalCheckFailed', Message: error.message, Item: error.body.Item };
    return { reason, capacity: undefined };
  }
}

/**
 * The consumed units by table. "DynamoDB performs two underlying reads or writes of every item in the transaction: one to prepare the
 * transaction and one to commit the transaction":
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html
 */
function sumCapacities(outcomes: readonly Outcome[]): Capacity[] {
  const units = new Map<string, number>();
  for (const { capacity } of outcomes)
    if (capacity) units.set(capacity.TableName, (units.get(capacity.TableName) ?? 0) + 2 * capacity.CapacityUnits);
  return [...units].map(([TableName, CapacityUnits]) => ({ TableName, CapacityUnits }));
}

function cancelled(reasons: Json[]): DynamoDbError {
  const codes = reasons.map(({ Code }) => Code).join(', ');
  const message = `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`;
  return new DynamoDbError('com.amazonaws.dynamodb.v20120810#TransactionCanceledException', message, {
    // The SDK reads this exception's message only from the capitalised member.
    Message: message,
    CancellationReasons: reasons,
  });
}

/** TransactGetItems: no write takes place between its reads. */
export async function transactGetItems({ store, locks }: Database, input: Json): Promise<Json> {
  const { TransactItems } = parseRequest(getsSchema, input);
  const reads = TransactItems.map(({ Get }) => validate(store, 'GetItem', Get));
  const locations = await Promise.all(reads.map((read) => locationOf(store, read)));
  return locks(distinctLocks(locations), async () => {
    const Responses: Json[] = [];
    for (const read of reads) Responses.push(await runAction(store, 'GetItem', read));
    return { Responses };
  });
}
