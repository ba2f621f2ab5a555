import {
  type AttributeValue,
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTable, openGateway, type Stack } from '../../support/gateway-clients.ts';
import { must } from '../../support/must.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await openGateway();
});
afterAll(() => stack.close());

/** The item that is returned with the error of a failed condition. */
async function conditionFailure(write: Promise<unknown>): Promise<ConditionalCheckFailedException> {
  const outcome = await write.catch((error: unknown) => error);
  if (outcome instanceof ConditionalCheckFailedException) return outcome;
  throw new Error(`Expected a failed condition, not ${JSON.stringify(outcome)}`);
}

describe('numbers', () => {
  // "Numbers can have up to 38 digits of precision", and are not doubles:
  // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
  test('are decimals: two additions give a different sum than they would with doubles', async () => {
    const TableName = await createTable(stack.dynamoDb);
    const step = 1_000 / 3;
    const Key = { id: { S: 'sum' } };
    const update = (UpdateExpression: string, values: Record<string, number>, ConditionExpression?: string) =>
      stack.dynamoDb.send(
        new UpdateItemCommand({
          TableName,
          Key,
          UpdateExpression,
          ConditionExpression,
          ExpressionAttributeValues: Object.fromEntries(
            Object.entries(values).map(([name, value]) => [name, { N: String(value) }]),
          ),
          ReturnValues: 'ALL_NEW',
        }),
      );
    await update('SET free_at = :start', { ':start': 1_767_225_600_000 });
    await update('SET free_at = free_at + :step', { ':step': step });
    const { Attributes } = await update('SET free_at = free_at + :step', { ':step': step });
    expect(Attributes?.free_at).toEqual({ N: '1767225600666.6666666666666' });
    const seen = Number(Attributes?.free_at?.N);
    await conditionFailure(update('SET free_at = :now', { ':now': 0, ':seen': seen }, 'free_at = :seen'));
    await update('SET free_at = :now', { ':now': 0, ':less': seen - 1 }, 'free_at > :less');
  });
});

describe('ReturnValuesOnConditionCheckFailure', () => {
  const stored = { id: { S: 'one' }, colour: { S: 'red' } };
  const ifGreen = {
    ConditionExpression: 'colour = :green',
    ExpressionAttributeValues: { ':green': { S: 'green' } },
  };

  test('with ALL_OLD, a failed put, update or delete returns the current item', async () => {
    const TableName = await createTable(stack.dynamoDb);
    await stack.dynamoDb.send(new PutItemCommand({ TableName, Item: stored }));
    const target = { TableName, Key: { id: { S: 'one' } }, ...ifGreen };
    const asked = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;

    const failures = await Promise.all([
      conditionFailure(
        stack.dynamoDb.send(new PutItemCommand({ TableName, Item: { id: { S: 'one' } }, ...ifGreen, ...asked })),
      ),
      conditionFailure(
        stack.dynamoDb.send(new UpdateItemCommand({ ...target, UpdateExpression: 'REMOVE colour', ...asked })),
      ),
      conditionFailure(stack.dynamoDb.send(new DeleteItemCommand({ ...target, ...asked }))),
    ]);
    expect(failures.map(({ Item }) => Item)).toEqual([stored, stored, stored]);
  });

  test('without ALL_OLD, or if the item does not exist, a failed write returns no item', async () => {
    const TableName = await createTable(stack.dynamoDb);
    await stack.dynamoDb.send(new PutItemCommand({ TableName, Item: stored }));
    const unasked = await conditionFailure(
      stack.dynamoDb.send(new DeleteItemCommand({ TableName, Key: { id: { S: 'one' } }, ...ifGreen })),
    );
    expect(unasked.Item).toBeUndefined();

    const absent = await conditionFailure(
      stack.dynamoDb.send(
        new DeleteItemCommand({
          TableName,
          Key: { id: { S: 'none' } },
          ...ifGreen,
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      ),
    );
    expect(absent.Item).toBeUndefined();
  });
});

describe('100 concurrent conditional writers of one item', () => {
  const WRITERS = 100;
  const ROUNDS = 5;
  type Seen = { wanted: 'acquire' | 'release'; item: Record<string, AttributeValue> | undefined };

  /** Half of the writers acquire a free item, and half release a held one. Each success is appended to the item's trail. */
  async function contend(TableName: string, lookAgain: boolean) {
    const target = { TableName, Key: { id: { S: 'lock' } } };
    await stack.dynamoDb.send(new PutItemCommand({ TableName, Item: { id: { S: 'lock' }, trail: { L: [] } } }));
    const seen: Seen[] = [];

    async function write(wanted: Seen['wanted']) {
      const update = {
        acquire: ['attribute_not_exists(holder)', 'SET holder = :me, trail = list_append(trail, :step)'],
        release: ['attribute_exists(holder)', 'REMOVE holder SET trail = list_append(trail, :step)'],
      }[wanted];
      const outcome = await stack.dynamoDb
        .send(
          new UpdateItemCommand({
            ...target,
            ConditionExpression: update[0],
            UpdateExpression: update[1],
            ExpressionAttributeValues: {
              ':step': { L: [{ S: wanted }] },
              ...(wanted === 'acquire' && { ':me': { S: 'me' } }),
            },
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        )
        .catch((error: unknown) => error);
      if (!(outcome instanceof ConditionalCheckFailedException)) return;
      const item = lookAgain ? (await stack.dynamoDb.send(new GetItemCommand(target))).Item : outcome.Item;
      seen.push({ wanted, item });
    }

    for (let round = 0; round < ROUNDS; round += 1)
      await Promise.all(Array.from({ length: WRITERS }, (_, index) => write(index % 2 ? 'acquire' : 'release')));
    const { Item } = await stack.dynamoDb.send(new GetItemCommand(target));
    const contradicts = ({ wanted, item }: Seen) => (wanted === 'acquire') !== (item?.holder !== undefined);
    return { seen, contradictions: seen.filter(contradicts).length, trail: trailOf(Item) };
  }

  const trailOf = (item: Record<string, AttributeValue> | undefined) => must(item?.trail?.L).map(({ S }) => must(S));

  test('each get, on failure, an item that contradicts their condition, and all these items fit into one linear history', async () => {
    const { seen, contradictions, trail } = await contend(await createTable(stack.dynamoDb), false);

    expect(seen.length + trail.length).toBe(WRITERS * ROUNDS);
    expect(trail).toEqual(trail.map((_, index) => (index % 2 ? 'release' : 'acquire')));
    for (const { item } of seen) expect(trail.slice(0, trailOf(item).length)).toEqual(trailOf(item));
    expect(seen.length).toBeGreaterThan(0);
    expect(contradictions).toBe(0);
  });

  test('control: an item that is read after the failure may satisfy the failed condition', async () => {
    const { contradictions } = await contend(await createTable(stack.dynamoDb), true);
    expect(contradictions).toBeGreaterThan(0);
  });
});

test('a batch write puts and deletes, and a conditional writer sees all of it', async () => {
  const TableName = await createTable(stack.dynamoDb);
  await stack.dynamoDb.send(new PutItemCommand({ TableName, Item: { id: { S: 'old' } } }));
  await stack.dynamoDb.send(
    new BatchWriteItemCommand({
      RequestItems: {
        [TableName]: [{ PutRequest: { Item: { id: { S: 'new' } } } }, { DeleteRequest: { Key: { id: { S: 'old' } } } }],
      },
    }),
  );
  const get = async (id: string) =>
    (await stack.dynamoDb.send(new GetItemCommand({ TableName, Key: { id: { S: id } } }))).Item;
  expect(await get('new')).toEqual({ id: { S: 'new' } });
  expect(await get('old')).toBeUndefined();
});

test('an index follows the writes of its table', async () => {
  const TableName = await createTable(stack.dynamoDb, {
    AttributeDefinitions: [
      { AttributeName: 'id', AttributeType: 'S' },
      { AttributeName: 'state', AttributeType: 'S' },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'by-state',
        KeySchema: [{ AttributeName: 'state', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
  });
  const idsIn = async (state: string) => {
    const { Items = [] } = await stack.dynamoDb.send(
      new QueryCommand({
        TableName,
        IndexName: 'by-state',
        KeyConditionExpression: '#state = :state',
        ExpressionAttributeNames: { '#state': 'state' },
        ExpressionAttributeValues: { ':state': { S: state } },
      }),
    );
    return Items.map(({ id }) => id?.S);
  };

  await stack.dynamoDb.send(new PutItemCommand({ TableName, Item: { id: { S: 'one' }, state: { S: 'open' } } }));
  expect([await idsIn('open'), await idsIn('closed')]).toEqual([['one'], []]);
  await stack.dynamoDb.send(new PutItemCommand({ TableName, Item: { id: { S: 'one' }, state: { S: 'closed' } } }));
  expect([await idsIn('open'), await idsIn('closed')]).toEqual([[], ['one']]);
});

test('a malformed expression is a ValidationException', async () => {
  const TableName = await createTable(stack.dynamoDb);
  const write = stack.dynamoDb.send(
    new UpdateItemCommand({ TableName, Key: { id: { S: 'one' } }, UpdateExpression: 'SET SET' }),
  );
  await expect(write).rejects.toMatchObject({ name: 'ValidationException', $metadata: { httpStatusCode: 400 } });
});
