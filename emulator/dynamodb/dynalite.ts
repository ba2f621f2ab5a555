import { createRequire } from 'node:module';
import type { Readable } from 'node:stream';
import * as z from 'zod';
import { type ExpressionParser, rememberExpressions } from './remember-expressions.ts';

/**
 * Dynalite without its HTTP server: its store, its validation and its actions are called as functions, so that the emulator can add locks,
 * transactions and atomic commits. The files of the package are not a documented interface, so its version is pinned.
 */
const require = createRequire(import.meta.url);

type Callback<Result> = (...outcome: [error: Error] | [error: null, result: Result]) => void;
export type Json = Record<string, unknown>;
/** Attribute values in the wire format, in which binary values are base64. */
export const itemSchema = z.record(z.string(), z.record(z.string(), z.unknown()));
export type Item = z.output<typeof itemSchema>;

export interface Table {
  KeySchema: { AttributeName: string }[];
}

export type Operation = { type: 'put'; key: string; value: unknown } | { type: 'del'; key: string };

interface Level {
  open(): Promise<void>;
  close(): Promise<void>;
  get(key: string): Promise<unknown>;
  put(key: string, value: unknown): Promise<void>;
  del(key: string): Promise<void>;
  batch(operations: Operation[]): Promise<void>;
  iterator(range: { gte: string; lt: string }): AsyncIterable<[key: string, value: unknown]>;
}

/** One key prefix of the database: a table's items, an index, or the list of tables. */
export interface SubDatabase {
  awsRegion?: string;
  lock(key: string, work: (release: (done: Callback<unknown>) => Callback<unknown>) => void): void;
  get(key: string, done: Callback<unknown>): void;
  put(key: string, value: unknown, done: Callback<unknown>): void;
  del(key: string, done: Callback<unknown>): void;
  /** The values of a range of keys, in the order of the keys. Dynalite's Query and Scan need it. */
  createValueStream?(range: KeyRange): Readable;
}

/** A negative limit means that there is no limit. */
export interface KeyRange {
  gt?: string;
  gte?: string;
  lt?: string;
  lte?: string;
  reverse?: boolean;
  limit?: number;
}

export interface Store {
  db: Level;
  tableDb: SubDatabase;
  getItemDb(table: string): SubDatabase;
  getIndexDb(indexType: string, table: string, index: string): SubDatabase;
  getTable(name: string, done: Callback<Table>): void;
}

interface StoreOptions {
  path?: string;
  createTableMs: number;
  updateTableMs: number;
  deleteTableMs: number;
}

const database: {
  create(options: StoreOptions): Store;
  createKey(keyOrItem: Item, table: Table): string;
  validateKey(key: Item, table: Table): Error | null | undefined;
  validateItem(item: Item, table: Table): Error | null | undefined;
} = require('dynalite/db');

const validations: {
  checkTypes(input: Json, types: Json): Json;
  checkValidations(data: Json, types: Json, custom: unknown, store: Store): void;
} = require('dynalite/validations');

const parsers: ExpressionParser[] = [require('dynalite/db/conditionParser'), require('dynalite/db/updateParser')];
for (const parser of parsers) rememberExpressions(parser);

const ACTIONS = [
  'BatchGetItem',
  'BatchWriteItem',
  'CreateTable',
  'DeleteItem',
  'DeleteTable',
  'DescribeTable',
  'GetItem',
  'ListTables',
  'ListTagsOfResource',
  'PutItem',
  'Query',
  'Scan',
  'TagResource',
  'UntagResource',
  'UpdateItem',
  'UpdateTable',
] as const;
export type Action = (typeof ACTIONS)[number];

interface Implementation {
  types: Json;
  custom: unknown;
  run(store: Store, data: Json, done: Callback<Json>): void;
}

function implementationOf(action: Action): Implementation {
  const file = `${action.charAt(0).toLowerCase()}${action.slice(1)}`;
  const { types, custom }: Pick<Implementation, 'types' | 'custom'> = require(`dynalite/validations/${file}`);
  return { types, custom, run: require(`dynalite/actions/${file}`) };
}

export function isAction(name: string): name is Action {
  return ACTIONS.some((action) => action === name);
}

/** An error response of DynamoDB. */
export class DynamoDbError extends Error {
  readonly type: string;
  readonly body: Json;

  constructor(type: string, message: string, details: Json = {}) {
    super(message);
    this.type = type;
    this.body = { __type: type, message, ...details };
  }

  /** The part of the type after `#`, for example `ConditionalCheckFailedException`. */
  get code(): string {
    return this.type.slice(this.type.indexOf('#') + 1);
  }
}

const responseSchema = z.object({
  body: z.looseObject({ __type: z.string(), message: z.string().optional(), Message: z.string().optional() }),
});

/** Converts dynalite's error responses. Any other error is a bug in the emulator, and is not converted. */
function asDynamoDbError(error: unknown): unknown {
  const response = responseSchema.safeParse(error);
  if (!response.success) return error;
  const { __type, message, Message } = response.data.body;
  return new DynamoDbError(__type, message ?? Message ?? '');
}

/** Opens the database, which is in memory if there is no path. Tables are usable as soon as they are created. */
export async function openStore(path: string | undefined): Promise<Store> {
  const store = database.create({ createTableMs: 0, updateTableMs: 0, deleteTableMs: 0, ...(path && { path }) });
  await store.db.open();
  return store;
}

/** Checks a request as DynamoDB does. @returns the input for `runAction` */
export function validate(store: Store, action: Action, input: Json): Json {
  const { types, custom } = implementationOf(action);
  try {
    const data = validations.checkTypes(structuredClone(input), types);
    validations.checkValidations(data, types, custom, store);
    return data;
  } catch (error) {
    throw asDynamoDbError(error);
  }
}

/** Runs an action with the result of `validate`. */
export function runAction(store: Store, action: Action, data: Json): Promise<Json> {
  return fromCallback((done) => implementationOf(action).run(store, data, done));
}

export function getTable(store: Store, name: string): Promise<Table> {
  return fromCallback((done) => store.getTable(name, done));
}

export async function getItem(store: Store, tableName: string, key: string): Promise<Item | undefined> {
  const stored = await fromCallback<unknown>((done) => store.getItemDb(tableName).get(key, done));
  return itemSchema.optional().parse(stored);
}

/** The key of an item in its table's part of the database. */
export function storageKey(table: Table, { Item, Key }: { Item?: Item | undefined; Key?: Item | undefined }): string {
  const invalid = Item ? database.validateItem(Item, table) : database.validateKey(Key ?? {}, table);
  if (invalid) throw asDynamoDbError(invalid);
  return database.createKey(Item ?? Key ?? {}, table);
}

function fromCallback<Result>(start: (done: Callback<Result>) => void): Promise<Result> {
  return new Promise((resolve, reject) => {
    start((...outcome) => (outcome[0] === null ? resolve(outcome[1]) : reject(asDynamoDbError(outcome[0]))));
  });
}
