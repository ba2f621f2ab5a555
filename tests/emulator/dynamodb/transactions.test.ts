import {
  GetItemCommand,
  PutItemCommand,
  TransactGetItemsCommand,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createTable, openGateway, type Stack } from '../../support/gateway-clients.ts';

let stack: Stack;
let TableName: string;
beforeAll(async () => {
  stack = await openGateway();
});
afterAll(() => stack.close());
beforeEach(async () => {
  TableName = await createTable(stack.dynamoDb);
});

const put = (id: string, count: number) =>
  stack.dynamoDb.send(new PutItemCommand({ TableName, Item: { id: { S: id }, count: { N: String(count) } } }));
const countOf = async (id: string) =>
  (await stack.dynamoDb.send(new GetItemCommand({ TableName, Key: { id: { S: id } } }))).Item?.count?.N;
const transact = (...TransactItems: TransactWriteItem[]) =>
  stack.dynamoDb.send(new TransactWriteItemsCommand({ TransactItems }));

const exists = (id: string): TransactWriteItem => ({
  ConditionCheck: { TableName, Key: { id: { S: id } }, ConditionExpression: 'attribute_exists(id)' },
});
const add = (id: string, amount: number): TransactWriteItem => ({
  Update: {
    TableName,
    Key: { id: { S: id } },
    UpdateExpression: 'ADD #count :amount',
    ExpressionAttributeNames: { '#count': 'count' },
    ExpressionAttributeValues: { ':amount': { N: String(amount) } },
  },
});

test('a transaction puts, updates, deletes and checks', async () => {
  await Promise.all([put('updated', 1), put('deleted', 1), put('checked', 1)]);
  await transact(
    { Put: { TableName, Item: { id: { S: 'put' }, count: { N: '7' } } } },
    add('updated', 1),
    { Delete: { TableName, Key: { id: { S: 'deleted' } } } },
    exists('checked'),
  );
  expect(await Promise.all(['put', 'updated', 'deleted', 'checked'].map(countOf))).toEqual(['7', '2', undefined, '1']);
});

test('one failed condition cancels the transaction, and the reasons are in the order of the items', async () => {
  await Promise.all([put('first', 1), put('second', 5)]);
  const cancelled = await transact(add('first', 1), {
    Put: {
      TableName,
      Item: { id: { S: 'second' } },
      ConditionExpression: 'attribute_not_exists(id)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  }).catch((error: unknown) => error);

  if (!(cancelled instanceof TransactionCanceledException)) throw cancelled;
  expect(cancelled.CancellationReasons).toEqual([
    { Code: 'None' },
    {
      Code: 'ConditionalCheckFailed',
      Message: 'The conditional request failed',
      Item: { id: { S: 'second' }, count: { N: '5' } },
    },
  ]);
  expect(cancelled.message).toContain('[None, ConditionalCheckFailed]');
  expect(await countOf('first')).toBe('1');
});

test('a failed condition check cancels the transaction, and the reason has no item if the item does not exist', async () => {
  const cancelled = await transact(add('first', 1), exists('missing')).catch((error: unknown) => error);
  if (!(cancelled instanceof TransactionCanceledException)) throw cancelled;
  expect(cancelled.CancellationReasons?.map(({ Code, Item }) => ({ Code, Item }))).toEqual([
    { Code: 'None', Item: undefined },
    { Code: 'ConditionalCheckFailed', Item: undefined },
  ]);
  expect(await countOf('first')).toBeUndefined();
});

test('a transaction with two operations on the same item is refused', async () => {
  await expect(transact(add('one', 1), exists('one'))).rejects.toMatchObject({ name: 'ValidationException' });
});

test('transactions on the same items in different orders all take effect, and no reader sees half of one', async () => {
  await Promise.all([put('left', 0), put('right', 0)]);
  const readTotal = async () => {
    const { Responses = [] } = await stack.dynamoDb.send(
      new TransactGetItemsCommand({
        TransactItems: ['left', 'right'].map((id) => ({ Get: { TableName, Key: { id: { S: id } } } })),
      }),
    );
    return Responses.reduce((total, { Item }) => total + Number(Item?.count?.N), 0);
  };

  const totals = await Promise.all(
    Array.from({ length: 30 }, async (_, index) => {
      const moved = index + 1;
      const halves = [add('left', moved), add('right', -moved)];
      await transact(...(index % 2 ? halves : halves.reverse()));
      return readTotal();
    }),
  );
  expect(totals).toEqual(totals.map(() => 0));
  expect(await countOf('left')).toBe(String((30 * 31) / 2));
});

test('TransactGetItems answers in order, with an empty response for a missing item', async () => {
  await put('there', 3);
  const { Responses } = await stack.dynamoDb.send(
    new TransactGetItemsCommand({
      TransactItems: ['missing', 'there'].map((id) => ({ Get: { TableName, Key: { id: { S: id } } } })),
    }),
  );
  expect(Responses).toEqual([{}, { Item: { id: { S: 'there' }, count: { N: '3' } } }]);
});

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-capacity-handling */
test('a transaction consumes twice the capacity of the same separate writes, and reports that capacity on request', async () => {
  const TransactItems = [
    add('capacity', 1),
    { Put: { TableName, Item: { id: { S: 'large' }, text: { S: 'x'.repeat(1_500) } } } },
  ];
  const command = new TransactWriteItemsCommand({ TransactItems, ReturnConsumedCapacity: 'TOTAL' });
  const { ConsumedCapacity } = await stack.dynamoDb.send(command);
  expect(ConsumedCapacity).toEqual([{ TableName, CapacityUnits: 2 * (1 + 2) }]);
  expect(await transact(add('capacity', 1))).not.toHaveProperty('ConsumedCapacity');
});
