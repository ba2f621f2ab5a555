import {
  DeleteTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  GetItemCommand,
  PutItemCommand,
  UpdateContinuousBackupsCommand,
  UpdateTimeToLiveCommand,
  waitUntilTableNotExists,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTable, openGateway, REGION, type Stack } from '../../support/gateway-clients.ts';

let nowSeconds = 1_000_000;
let stack: Stack;
beforeAll(async () => {
  stack = await openGateway({ now: () => nowSeconds * 1000 });
});
afterAll(() => stack.close());

test('a table is active immediately, even with settings that dynalite does not know', async () => {
  const TableName = await createTable(stack.dynamoDb, {
    SSESpecification: { Enabled: true, SSEType: 'KMS' },
    Tags: [{ Key: 'project', Value: 'greenroom' }],
    DeletionProtectionEnabled: true,
    StreamSpecification: { StreamEnabled: false },
    TableClass: 'STANDARD',
  });
  await stack.dynamoDb.send(new PutItemCommand({ TableName, Item: { id: { S: 'one' } } }));
  const { Table } = await stack.dynamoDb.send(new DescribeTableCommand({ TableName }));
  expect(Table).toMatchObject({
    TableStatus: 'ACTIVE',
    TableArn: `arn:aws:dynamodb:${REGION}:000000000000:table/${TableName}`,
    BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
  });

  const { ContinuousBackupsDescription } = await stack.dynamoDb.send(
    new UpdateContinuousBackupsCommand({
      TableName,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    }),
  );
  expect(ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus).toBe('ENABLED');
});

const enable = (TableName: string) =>
  stack.dynamoDb.send(
    new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: { AttributeName: 'expiry', Enabled: true } }),
  );
const describeTtl = async (TableName: string) =>
  (await stack.dynamoDb.send(new DescribeTimeToLiveCommand({ TableName }))).TimeToLiveDescription;
const idsLeft = async (TableName: string, ids: string[]) => {
  const items = await Promise.all(
    ids.map((id) => stack.dynamoDb.send(new GetItemCommand({ TableName, Key: { id: { S: id } } }))),
  );
  return items.flatMap(({ Item }) => Item?.id?.S ?? []);
};

test('items are removed after they expire, but only from tables with a time to live', async () => {
  const [expiring, keeping] = [await createTable(stack.dynamoDb), await createTable(stack.dynamoDb)];
  const expiries = { past: nowSeconds + 10, later: nowSeconds + 1000 };
  for (const TableName of [expiring, keeping]) {
    for (const [id, expiry] of Object.entries(expiries))
      await stack.dynamoDb.send(
        new PutItemCommand({ TableName, Item: { id: { S: id }, expiry: { N: String(expiry) } } }),
      );
    await stack.dynamoDb.send(new PutItemCommand({ TableName, Item: { id: { S: 'timeless' } } }));
    await stack.dynamoDb.send(
      new PutItemCommand({ TableName, Item: { id: { S: 'not a number' }, expiry: { S: '1' } } }),
    );
  }
  await enable(expiring);
  const all = ['past', 'later', 'timeless', 'not a number'];

  await stack.sweepExpiredItems();
  expect(await idsLeft(expiring, all)).toEqual(all);
  nowSeconds += 11;
  await stack.sweepExpiredItems();
  expect(await idsLeft(expiring, all)).toEqual(['later', 'timeless', 'not a number']);
  expect(await idsLeft(keeping, all)).toEqual(all);
});

test('the time to live can be described and set again, and is deleted with its table', async () => {
  const TableName = await createTable(stack.dynamoDb);
  expect(await describeTtl(TableName)).toEqual({ TimeToLiveStatus: 'DISABLED' });
  await enable(TableName);
  await enable(TableName);
  expect(await describeTtl(TableName)).toEqual({ TimeToLiveStatus: 'ENABLED', AttributeName: 'expiry' });

  await stack.dynamoDb.send(new DeleteTableCommand({ TableName }));
  await waitUntilTableNotExists({ client: stack.dynamoDb, maxWaitTime: 10, minDelay: 1 }, { TableName });
  await expect(describeTtl(TableName)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  await expect(stack.sweepExpiredItems()).resolves.toBeUndefined();
});
