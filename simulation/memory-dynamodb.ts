import * as z from 'zod';
import {
  type Action,
  DynamoDbError,
  type Item,
  isAction,
  type Json,
  runAction,
  type Store,
  type SubDatabase,
  validate,
} from '../emulator/dynamodb/dynalite.ts';
import { refuseIndexRead } from '../emulator/dynamodb/read-items.ts';
import type { ServiceRequest, ServiceResponse } from '../emulator/service.ts';
import { createMemoryIndexes } from './memory-indexes.ts';

type Callback<Result> = (error: null, result: Result) => void;

/** Every write is parsed with this schema. To be fast, it does not examine the attributes, which dynalite has checked. */
const storedItemSchema = z.custom<Item>((value) => typeof value === 'object' && value !== null);
const keySchema = z.object({ id: z.object({ S: z.string() }) });

/** The global indexes of a table, in the form in which the template declares them. */
export interface IndexedTable {
  AttributeDefinitions: { AttributeName: string; AttributeType: 'S' | 'N' | 'B' }[];
  GlobalSecondaryIndexes: {
    IndexName: string;
    KeySchema: { AttributeName: string; KeyType: 'HASH' | 'RANGE' }[];
    Projection: { ProjectionType: 'ALL' | 'KEYS_ONLY' | 'INCLUDE'; NonKeyAttributes?: string[] };
  }[];
}

export interface MemoryDynamoDbOptions {
  /** The tables that have indexes, by name. */
  indexed?: Record<string, IndexedTable>;
  /** The time of the service, in epoch milliseconds. */
  now?: () => number;
  /** Draws how long an index takes to show a change. Default: indexes show every change immediately */
  indexLagMs?: () => number;
}

const WITHOUT_INDEXES = { AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }] };
const KEY_SCHEMA = [{ AttributeName: 'id', KeyType: 'HASH' }];

/** The first checked request of each shape: its action, its expressions, and the names and types of its values. */
const checked = new Map<string, Json>();

/**
 * Checks a request as dynalite does, but parses equal expressions only once, because parsing them every time would take a third of a run's
 * time. The parsed form contains the value objects of the first request, which are replaced by those of the current request.
 */
function check(store: Store, action: Action, input: Json): Json {
  const values = valuesOf(input);
  const types = Object.entries(values).map(([name, value]) => name + Object.keys(value).join());
  const shape = [action, input.UpdateExpression, input.ConditionExpression, ...types].join('|');
  const known = checked.get(shape) ?? validate(store, action, input);
  checked.set(shape, known);
  const replaced = new Map<unknown, unknown>(
    Object.entries(valuesOf(known)).map(([name, value]) => [value, values[name]]),
  );
  return { ...Object(replaceIn(known, replaced)), ...input };
}

function valuesOf({ ExpressionAttributeValues = {} }: Json): Record<string, object> {
  return Object(ExpressionAttributeValues);
}

function replaceIn(node: unknown, replaced: Map<unknown, unknown>): unknown {
  if (typeof node !== 'object' || node === null) return node;
  if (replaced.has(node)) return replaced.get(node);
  if (Array.isArray(node)) return node.map((each) => replaceIn(each, replaced));
  const copy: Json = {};
  for (const [key, each] of Object.entries(node)) copy[key] = replaceIn(each, replaced);
  return copy;
}

export interface MemoryDynamoDb {
  handle(request: ServiceRequest): Promise<ServiceResponse>;
  /**
   * Performs one action without the JSON of a request and a response, which would take much of the time of a long run. Neither the input nor
   * the output may be changed afterwards.
   */
  perform(action: string, input: Json): Promise<{ status: number; output: Json }>;
  /** The items of a table as they are stored. */
  items(table: string): Item[];
  /** The entries of a global index as a query sees them now. */
  indexEntries(table: string, index: string): Item[];
}

/**
 * DynamoDB's rules as dynalite implements them, on in-memory tables and without delay, but with indexes that may be late. Every table has the
 * key `id`. Transactions, scans, queries of a table itself and time to live are not simulated.
 */
export function createMemoryDynamoDb(options: MemoryDynamoDbOptions = {}): MemoryDynamoDb {
  const { indexed = {}, now = () => 0, indexLagMs = () => 0 } = options;
  const indexes = createMemoryIndexes(now, indexLagMs);
  const shapeOf = (TableName: string) => ({
    TableName,
    KeySchema: KEY_SCHEMA,
    ...(indexed[TableName] ?? WITHOUT_INDEXES),
  });
  const tables = new Map<string, Map<string, Item>>();
  // By table and id: tables may have hundreds of thousands of items.
  const byId = new Map<string, Item>();
  const idOf = (table: string, item: Item | undefined) => `${table}~${item?.id?.S}`;
  const tableOf = (name: string) => {
    const table = tables.get(name) ?? new Map<string, Item>();
    tables.set(name, table);
    return table;
  };
  const itemDb = (name: string): SubDatabase => ({
    lock: (_key, work) => work((done) => done),
    // Items need no copies: dynalite copies an item before it changes it, and answers are serialized.
    get: (key, done) => done(null, tableOf(name).get(key)),
    put: (key, value, done) => {
      const item = storedItemSchema.parse(value);
      tableOf(name).set(key, item);
      byId.set(idOf(name, item), item);
      done(null, undefined);
    },
    del: (key, done) => {
      byId.delete(idOf(name, tableOf(name).get(key)));
      tableOf(name).delete(key);
      done(null, undefined);
    },
  });
  const parts = {
    options: { maxItemSize: 400 * 1024 },
    get db(): never {
      throw new Error('An in-memory store has no database');
    },
    tableDb: { ...itemDb('tables'), awsRegion: 'eu-west-1' },
    getTable: (name: string, done: Callback<ReturnType<typeof shapeOf>>) => done(null, shapeOf(name)),
    getItemDb: itemDb,
    getIndexDb: (_type: string, table: string, index: string) => indexes.of(table, index),
  };
  const store: Store = parts;

  function itemOf(input: Json): Item | undefined {
    return byId.get(idOf(String(input.TableName), keySchema.parse(input.Key ?? input.Item)));
  }

  /** Queries are checked every time, because their parsed form does not contain the value objects of the request. */
  function query(input: Json): Promise<Json> {
    if (input.IndexName === undefined) throw new Error('A query of a table itself is not simulated');
    const data = validate(store, 'Query', input);
    refuseIndexRead(shapeOf(String(input.TableName)), data);
    return runAction(store, 'Query', data);
  }

  async function perform(action: string, input: Json): Promise<{ status: number; output: Json }> {
    try {
      if (action === 'Query') return { status: 200, output: await query(input) };
      if (!isAction(action) || action === 'Scan') throw new Error(`${action} is not simulated`);
      return { status: 200, output: await runAction(store, action, check(store, action, input)) };
    } catch (error) {
      if (!(error instanceof DynamoDbError)) throw error;
      const old = input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' && itemOf(input);
      const failedItem = error.code === 'ConditionalCheckFailedException' && old && { Item: old };
      return { status: 400, output: { ...error.body, ...failedItem } };
    }
  }

  return {
    indexEntries: indexes.entries,
    items: (table) => [...tableOf(table).values()],
    perform,
    async handle({ headers, body }) {
      const action = headers['x-amz-target']?.split('.').at(-1) ?? '';
      const { status, output } = await perform(action, JSON.parse(body.toString('utf8')));
      return { status, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: JSON.stringify(output) };
    },
  };
}
