import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { Service, ServiceRequest, ServiceResponse } from '../service.ts';
import { DynamoDbError, isAction, type Json, openStore, runAction, validate } from './dynalite.ts';
import { createKeyedLocks } from './keyed-locks.ts';
import { openIndexes } from './late-indexes.ts';
import { readItems } from './read-items.ts';
import { createTable, deleteTable, updateContinuousBackups } from './tables.ts';
import { describeTimeToLive, sweepExpiredItems, TTL_SWEEP_INTERVAL_MS, updateTimeToLive } from './time-to-live.ts';
import { transactGetItems, transactWriteItems } from './transactions.ts';
import { batchWriteItem, type Database, writeItem } from './write-items.ts';

export interface DynamoDb extends Service {
  /** Removes the expired items immediately. A timer also removes them every `TTL_SWEEP_INTERVAL_MS`. */
  sweepExpiredItems(): Promise<void>;
}

type Handler = (database: Database, input: Json) => Promise<Json>;

/** The actions that dynalite lacks, or performs without the emulator's locks. All others are dynalite's own. */
const handlers = new Map(
  Object.entries<Handler>({
    PutItem: (database, input) => writeItem(database, 'PutItem', input),
    UpdateItem: (database, input) => writeItem(database, 'UpdateItem', input),
    DeleteItem: (database, input) => writeItem(database, 'DeleteItem', input),
    BatchWriteItem: batchWriteItem,
    Query: (database, input) => readItems(database, 'Query', input),
    Scan: (database, input) => readItems(database, 'Scan', input),
    TransactWriteItems: transactWriteItems,
    TransactGetItems: transactGetItems,
    CreateTable: createTable,
    DeleteTable: deleteTable,
    UpdateTimeToLive: updateTimeToLive,
    DescribeTimeToLive: describeTimeToLive,
    UpdateContinuousBackups: updateContinuousBackups,
  }),
);

/**
 * DynamoDB: dynalite, extended with the actions that it lacks.
 * @param path the directory of the database; undefined for an in-memory database
 * @param now the clock for the time to live and for the lag of indexes, in epoch milliseconds
 * @param indexLagMs draws how long a global index takes to show a change. Default: indexes show every change immediately
 */
export async function openDynamoDb(
  path: string | undefined,
  now: () => number,
  indexLagMs: () => number = () => 0,
): Promise<DynamoDb> {
  const store = await openStore(path);
  const indexes = await openIndexes(store, now, indexLagMs);
  const database: Database = { store, locks: createKeyedLocks(), indexes };
  let sweeping = Promise.resolve();
  const sweep = () => {
    sweeping = sweeping.then(() => sweepExpiredItems(database, now()));
    return sweeping;
  };
  const timer = setInterval(sweep, TTL_SWEEP_INTERVAL_MS).unref();

  return {
    handle: (request) => handle(database, request),
    sweepExpiredItems: sweep,
    async close() {
      clearInterval(timer);
      await sweeping;
      await database.store.db.close();
    },
  };
}

async function handle(database: Database, request: ServiceRequest): Promise<ServiceResponse> {
  try {
    const action = request.headers['x-amz-target']?.replace(/^DynamoDB_20120810\./, '') ?? '';
    // The regions share one set of tables. The ARN of a table names the region of the request that creates the table.
    database.store.tableDb.awsRegion = request.region;
    return respond(200, await perform(database, action, parseBody(request.body)));
  } catch (error) {
    if (error instanceof DynamoDbError) return respond(400, error.body);
    throw error;
  }
}

async function perform(database: Database, action: string, input: Json): Promise<Json> {
  const handler = handlers.get(action);
  if (handler) return handler(database, input);
  if (!isAction(action)) throw new DynamoDbError('com.amazon.coral.service#UnknownOperationException', '');
  return runAction(database.store, action, validate(database.store, action, input));
}

/** The schema is created only once, because creating it took longer than parsing a body. */
const bodySchema = z.record(z.string(), z.unknown());

function parseBody(body: Buffer): Json {
  try {
    return bodySchema.parse(JSON.parse(body.toString('utf8')));
  } catch {
    throw new DynamoDbError('com.amazon.coral.service#SerializationException', 'The body is not a JSON object');
  }
}

function respond(status: number, body: Json): ServiceResponse {
  return {
    status,
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': randomUUID() },
    body: JSON.stringify(body),
  };
}
