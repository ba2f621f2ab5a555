import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BatchWriteItemCommand,
  DeleteItemCommand,
  DeleteTableCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  ScanCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { IndexLag } from '../../../emulator/dynamodb/index-lag.ts';
import { createMemoryDynamoDb, type IndexedTable } from '../../../simulation/memory-dynamodb.ts';
import { createTable, openGateway, type Stack } from '../../support/gateway-clients.ts';
import { memoryDynamoDbClient } from '../../support/memory-dynamodb-client.ts';

/** Rooms by the moment at which they are due. Only the keys are in the index. */
const DUE: IndexedTable = {
  AttributeDefinitions: [
    { AttributeName: 'id', AttributeType: 'S' },
    { AttributeName: 'room_shard', AttributeType: 'S' },
    { AttributeName: 'due', AttributeType: 'N' },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'due-rooms',
      KeySchema: [
        { AttributeName: 'room_shard', KeyType: 'HASH' },
        { AttributeName: 'due', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'KEYS_ONLY' },
    },
  ],
};
const SLOW: IndexLag = { usualMs: 10_000, longShare: 0, longestMs: 0 };
const START_MS = 1_800_000_000_000;

interface Setting {
  dynamoDb: DynamoDBClient;
  table: string;
  clock: { nowMs: number };
}

const stacks: Stack[] = [];
afterEach(async () => {
  await Promise.all(stacks.splice(0).map((stack) => stack.close()));
});

async function openEmulated(
  indexLag: IndexLag | undefined,
  dataDir?: string,
  table: string | IndexedTable = DUE,
): Promise<Setting> {
  const clock = { nowMs: START_MS };
  const stack = await openGateway({
    now: () => clock.nowMs,
    ...(indexLag && { indexLag }),
    ...(dataDir !== undefined && { dataDir }),
  });
  stacks.push(stack);
  const name = typeof table === 'string' ? table : await createTable(stack.dynamoDb, table);
  return { dynamoDb: stack.dynamoDb, table: name, clock };
}

/** In memory, every change takes half of the usual lag. */
async function openSimulated(indexLag: IndexLag | undefined): Promise<Setting> {
  const clock = { nowMs: START_MS };
  const indexLagMs = () => (indexLag?.usualMs ?? 0) / 2;
  const dynamodb = createMemoryDynamoDb({ indexed: { rooms: DUE }, now: () => clock.nowMs, indexLagMs });
  return { dynamoDb: memoryDynamoDbClient(dynamodb), table: 'rooms', clock };
}

const put = ({ dynamoDb, table }: Setting, id: string, due?: number, rest: object = {}) =>
  dynamoDb.send(
    new PutItemCommand({
      TableName: table,
      Item: { id: { S: id }, ...(due !== undefined && { room_shard: { S: 'a' }, due: { N: String(due) } }), ...rest },
    }),
  );

const query = ({ dynamoDb, table }: Setting, input: Partial<QueryCommandInput> = {}) =>
  dynamoDb.send(
    new QueryCommand({
      TableName: table,
      IndexName: 'due-rooms',
      KeyConditionExpression: 'room_shard = :shard',
      ExpressionAttributeValues: { ':shard': { S: 'a' } },
      ...input,
    }),
  );

async function shown(setting: Setting): Promise<string[]> {
  const { Items = [] } = await query(setting);
  return Items.map(({ id, due }) => `${id?.S} ${due?.N}`);
}

const until = (due: number): Partial<QueryCommandInput> => ({
  KeyConditionExpression: 'room_shard = :shard AND due <= :due',
  ExpressionAttributeValues: { ':shard': { S: 'a' }, ':due': { N: String(due) } },
});

const BOTH: [string, (lag?: IndexLag) => Promise<Setting>][] = [
  ['of the embedded stack', (lag) => openEmulated(lag)],
  ['of the simulation', (lag) => openSimulated(lag)],
];

// The rules in quotation marks are from https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html
describe.each(BOTH)('a global index %s', (_whose, open) => {
  // "All reads from GSIs and streams are eventually consistent":
  // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.ReadConsistency.html
  test('shows an item late, although a read of the table shows it at once', async () => {
    const setting = await open(SLOW);
    await put(setting, 'one', 5);
    expect(await shown(setting)).toEqual([]);
    const read = new GetItemCommand({ TableName: setting.table, Key: { id: { S: 'one' } } });
    expect((await setting.dynamoDb.send(read)).Item).toMatchObject({ id: { S: 'one' } });
    setting.clock.nowMs += SLOW.usualMs;
    expect(await shown(setting)).toEqual(['one 5']);
  });

  test('control: without a lag, it shows an item at once', async () => {
    const setting = await open();
    await put(setting, 'one', 5);
    expect(await shown(setting)).toEqual(['one 5']);
  });

  test('shows an item for some time after it was deleted', async () => {
    const setting = await open(SLOW);
    await put(setting, 'one', 5);
    setting.clock.nowMs += SLOW.usualMs;
    expect(await shown(setting)).toEqual(['one 5']);
    const target = { TableName: setting.table, Key: { id: { S: 'one' } } };
    await setting.dynamoDb.send(new DeleteItemCommand(target));
    expect(await shown(setting)).toEqual(['one 5']);
    setting.clock.nowMs += SLOW.usualMs;
    expect(await shown(setting)).toEqual([]);
  });

  test('refuses a consistent read', async () => {
    const setting = await open();
    // "Strongly consistent reads from a global secondary index or a DynamoDB stream are not supported" (the page about read consistency)
    await expect(query(setting, { ConsistentRead: true })).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'Consistent reads are not supported on global secondary indexes',
    });
  });

  test('"only tracks data items where its key attributes actually exist"', async () => {
    const setting = await open();
    await put(setting, 'neither');
    await put(setting, 'only-shard', undefined, { room_shard: { S: 'a' } });
    await put(setting, 'only-due', undefined, { due: { N: '5' } });
    await put(setting, 'both', 5);
    expect(await shown(setting)).toEqual(['both 5']);
    await put(setting, 'both', undefined, { room_shard: { S: 'a' } });
    expect(await shown(setting)).toEqual([]);
  });

  test('with the projection KEYS_ONLY has "only the table partition key and sort key values, plus the index key values"', async () => {
    const setting = await open();
    await put(setting, 'one', 5, { body: { S: 'text' } });
    expect((await query(setting)).Items).toEqual([{ id: { S: 'one' }, room_shard: { S: 'a' }, due: { N: '5' } }]);
    expect((await query(setting, { ProjectionExpression: 'due' })).Items).toEqual([{ due: { N: '5' } }]);
    // "However, global secondary index queries cannot fetch attributes from the base table."
    await expect(query(setting, { ProjectionExpression: 'id, body' })).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining('Global secondary index due-rooms does not project [body]'),
    });
    await expect(query(setting, { Select: 'ALL_ATTRIBUTES' })).rejects.toMatchObject({ name: 'ValidationException' });
  });

  test('refuses an item whose attribute does not have the type of the index', async () => {
    const setting = await open();
    // "DynamoDB returns a ValidationException because of the data type mismatch."
    await expect(put(setting, 'one', undefined, { due: { S: 'soon' } })).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining('Type mismatch for Index Key due'),
    });
  });

  test('is read page by page, in the order of its sort key, up to a value', async () => {
    const setting = await open();
    for (const due of [30, 4, 100, 20, 3]) await put(setting, `room-${due}`, due);
    const first = await query(setting, { ...until(30), Limit: 2 });
    expect(first.Items?.map(({ due }) => due?.N)).toEqual(['3', '4']);
    const second = await query(setting, { ...until(30), ExclusiveStartKey: first.LastEvaluatedKey });
    expect(second.Items?.map(({ due }) => due?.N)).toEqual(['20', '30']);
    expect(second.LastEvaluatedKey).toBeUndefined();
    const newest = await query(setting, { ScanIndexForward: false, Limit: 2 });
    expect(newest.Items?.map(({ due }) => due?.N)).toEqual(['100', '30']);
  });
});

describe('a late index', () => {
  test('may show an item under its old key and under its new key, or under neither, and in the end only under the new key', async () => {
    const setting = await openEmulated({ usualMs: 1_000, longShare: 0.2, longestMs: 60_000 });
    const ITEMS = ['a', 'b', 'c', 'd'];
    const STATES = 12;
    /** What the index has shown, look by look. */
    const looks: string[][] = [];
    for (let state = 1; state <= STATES; state += 1) {
      for (const id of ITEMS) await put(setting, id, state % 3);
      for (let look = 0; look < 3; look += 1) {
        setting.clock.nowMs += 300;
        looks.push(await shown(setting));
      }
    }
    const keysOf = (id: string, look: string[]) => look.filter((entry) => entry.startsWith(`${id} `)).length;
    const firstShown = (id: string) => looks.findIndex((look) => keysOf(id, look) > 0);
    const counts = ITEMS.flatMap((id) => looks.slice(firstShown(id)).map((look) => keysOf(id, look)));
    // An item whose key changes may be under both keys, or under neither.
    expect(counts).toEqual(expect.arrayContaining([0, 1, 2]));
    expect(looks.every((look) => new Set(look).size === look.length)).toBe(true);
    setting.clock.nowMs += 60_000;
    expect((await shown(setting)).toSorted()).toEqual(ITEMS.map((id) => `${id} ${STATES % 3}`));
  });

  test('never returns to an older state of an item', async () => {
    const INCLUDING = structuredClone(DUE);
    for (const { Projection } of INCLUDING.GlobalSecondaryIndexes)
      Object.assign(Projection, { ProjectionType: 'INCLUDE', NonKeyAttributes: ['version'] });
    const setting = await openEmulated({ usualMs: 1_000, longShare: 0.2, longestMs: 60_000 }, undefined, INCLUDING);
    const versions: number[] = [];
    const STATES = 60;
    for (let state = 1; state <= STATES; state += 1) {
      await put(setting, 'one', 5, { version: { N: String(state) } });
      setting.clock.nowMs += 300;
      const { Items = [] } = await query(setting);
      versions.push(...Items.map(({ version }) => Number(version?.N)));
    }
    expect(versions).toEqual(versions.toSorted((a, b) => a - b));
    expect(new Set(versions).size).toBeGreaterThan(3);
    setting.clock.nowMs += 60_000;
    expect((await query(setting)).Items).toMatchObject([{ version: { N: String(STATES) } }]);
  });

  test('is usually late by the usual time, and for a share of the changes by minutes. The seed decides which', async () => {
    const lag: IndexLag = { usualMs: 2_000, longShare: 0.1, longestMs: 120_000 };
    async function lateItems() {
      const setting = await openEmulated(lag);
      for (let item = 0; item < 200; item += 1) await put(setting, `${item}`, item);
      setting.clock.nowMs += lag.usualMs;
      const usual = await shown(setting);
      setting.clock.nowMs += lag.longestMs;
      return { usual, all: (await shown(setting)).length };
    }
    const first = await lateItems();
    expect(first.all).toBe(200);
    expect(first.usual.length).toBeGreaterThan(160);
    expect(first.usual.length).toBeLessThan(195);
    expect(await lateItems()).toEqual(first);
  });

  test('shows nothing of a write whose condition failed', async () => {
    const setting = await openEmulated(SLOW);
    const { dynamoDb, table, clock } = setting;
    const Item = { id: { S: 'one' }, room_shard: { S: 'a' }, due: { N: '5' } };
    const ConditionExpression = 'attribute_exists(id)';
    await dynamoDb.send(new PutItemCommand({ TableName: table, Item, ConditionExpression })).catch(() => undefined);
    const Put = { TableName: table, Item, ConditionExpression };
    const transaction = new TransactWriteItemsCommand({ TransactItems: [{ Put }] });
    await dynamoDb.send(transaction).catch(() => undefined);
    clock.nowMs += SLOW.usualMs;
    expect(await shown(setting)).toEqual([]);
  });

  test('is late for transactions and batches too, and for scans', async () => {
    const setting = await openEmulated(SLOW);
    const { dynamoDb, table, clock } = setting;
    const itemOf = (id: string) => ({ id: { S: id }, room_shard: { S: 'a' }, due: { N: '5' } });
    const Put = { TableName: table, Item: itemOf('transaction') };
    await dynamoDb.send(new TransactWriteItemsCommand({ TransactItems: [{ Put }] }));
    const RequestItems = { [table]: [{ PutRequest: { Item: itemOf('batch') } }] };
    await dynamoDb.send(new BatchWriteItemCommand({ RequestItems }));
    const scan = () => dynamoDb.send(new ScanCommand({ TableName: table, IndexName: 'due-rooms' }));
    expect((await scan()).Count).toBe(0);
    clock.nowMs += SLOW.usualMs;
    expect((await scan()).Count).toBe(2);
    const consistent = new ScanCommand({ TableName: table, IndexName: 'due-rooms', ConsistentRead: true });
    await expect(dynamoDb.send(consistent)).rejects.toMatchObject({ name: 'ValidationException' });
  });

  test('does not fill the index of a new table with the items of a deleted table of the same name', async () => {
    const setting = await openEmulated(SLOW);
    const { dynamoDb, table, clock } = setting;
    await put(setting, 'old', 5);
    await dynamoDb.send(new DeleteTableCommand({ TableName: table }));
    await createTable(dynamoDb, { ...DUE, TableName: table });
    clock.nowMs += SLOW.usualMs;
    expect(await shown(setting)).toEqual([]);
  });

  test('catches up after a restart, even if the new stack has no lag', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'late-indexes-'));
    try {
      const before = await openEmulated(SLOW, dataDir);
      await put(before, 'deleted', 4);
      await put(before, 'kept', 5);
      await Promise.all(stacks.splice(0).map((stack) => stack.close()));

      const after = await openEmulated(undefined, dataDir, before.table);
      const Key = { id: { S: 'deleted' } };
      await after.dynamoDb.send(new DeleteItemCommand({ TableName: after.table, Key }));
      expect(await shown(after)).toEqual([]);
      after.clock.nowMs += SLOW.usualMs;
      expect(await shown(after)).toEqual(['kept 5']);
      await Promise.all(stacks.splice(0).map((stack) => stack.close()));
    } finally {
      rmSync(dataDir, { recursive: true });
    }
  });
});
