import { describe, expect, test } from '@jest/globals';
import type { Count } from '../../../bench/costs/counts.ts';
import { dynamoDbUnits, withConsumedCapacity } from '../../../bench/costs/dynamodb-units.ts';
import { idleItems, itemsPerThousand, MONTH_SECONDS, scheduledItems } from '../../../bench/costs/items.ts';
import { snsUsage, sqsUsage } from '../../../bench/costs/messaging-units.ts';
import { createUsageMeter, type Usage } from '../../../bench/costs/usage.ts';
import { dollars } from '../../../bench/prices.ts';
import type { ServiceRequest } from '../../../emulator/service.ts';

const request = (target: string, body: unknown): ServiceRequest => ({
  method: 'POST',
  path: '/',
  query: new URLSearchParams(),
  headers: { 'x-amz-target': target },
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  region: 'eu-west-1',
});
const answer = (status: number, body: unknown) => ({ status, headers: {}, body: JSON.stringify(body) });
const plain = (counts: ReadonlyMap<Count, number>) => Object.fromEntries(counts);

describe('the units of DynamoDB', () => {
  const unitsOf = (action: string, input: object, answered: ReturnType<typeof answer>) => {
    const { counts } = dynamoDbUnits(request(`DynamoDB_20120810.${action}`, input), answered);
    return plain(counts);
  };

  test('are those that the answer states, for one table or several', () => {
    const consumed = { TableName: 'ledger', CapacityUnits: 2 };
    expect(unitsOf('UpdateItem', {}, answer(200, { ConsumedCapacity: consumed }))).toEqual({ writeUnits: 2 });
    expect(unitsOf('TransactWriteItems', {}, answer(200, { ConsumedCapacity: [consumed, consumed] }))).toEqual({
      writeUnits: 4,
    });
    expect(unitsOf('Query', {}, answer(200, { ConsumedCapacity: consumed }))).toEqual({ readUnits: 2 });
  });

  test('are at least those of a small item for a read, and for a refused write', () => {
    expect(unitsOf('Query', {}, answer(200, {}))).toEqual({ readUnits: 0.5 });
    expect(unitsOf('GetItem', { ConsistentRead: true }, answer(200, {}))).toEqual({ readUnits: 1 });
    expect(unitsOf('PutItem', {}, answer(400, { __type: 'ConditionalCheckFailedException' }))).toEqual({
      writeUnits: 1,
    });
    expect(unitsOf('TransactWriteItems', { TransactItems: [{}, {}] }, answer(400, {}))).toEqual({ writeUnits: 4 });
  });

  test('are requested, and the request is otherwise unchanged', () => {
    const changed = withConsumedCapacity(request('DynamoDB_20120810.GetItem', { TableName: 'ledger' }));
    expect(JSON.parse(String(changed.body))).toEqual({ TableName: 'ledger', ReturnConsumedCapacity: 'TOTAL' });
  });
});

describe('the billed requests for messages', () => {
  const QueueUrl = 'http://127.0.0.1/000000000000/greenroom-local-bulk';

  test('a request counts once for each 64 KB, and on a lane also as a request with a message group', () => {
    const send = request('AmazonSQS.SendMessage', { QueueUrl, MessageBody: 'x'.repeat(65_536) });
    expect(plain(sqsUsage(send, answer(200, {})))).toEqual({ sqsRequests: 2, sqsFairRequests: 2 });
    const check = request('AmazonSQS.SendMessage', { QueueUrl: QueueUrl.replace('bulk', 'rosters') });
    expect(plain(sqsUsage(check, answer(200, {})))).toEqual({ sqsRequests: 1, sqsFairRequests: 0 });
  });

  test('a receive counts by the size of its answer, and not at all if it returns no message', () => {
    const receive = request('AmazonSQS.ReceiveMessage', { QueueUrl });
    expect(plain(sqsUsage(receive, answer(200, {})))).toEqual({});
    const Messages = [{ MessageId: '1', Body: 'x'.repeat(130_000) }];
    expect(plain(sqsUsage(receive, answer(200, { Messages })))).toEqual({ sqsRequests: 2, sqsFairRequests: 2 });
  });

  test('only a completion with a roster reaches the roster queue', () => {
    const publish = (attribute: string) => request('', `Action=Publish&MessageAttributes.entry.1.Name=${attribute}`);
    expect(plain(snsUsage(publish('outcome')))).toEqual({ snsPublishes: 1, sqsRequests: 0 });
    expect(plain(snsUsage(publish('roster')))).toEqual({ snsPublishes: 1, sqsRequests: 1 });
  });
});

test('only calls of the stack’s roles count', async () => {
  const meter = createUsageMeter(() => 512);
  const call = (accessKeyId: string) => ({
    scope: { accessKeyId, region: 'eu-west-1', service: 'sns' },
    request: request('', 'Action=Publish'),
  });
  for (const key of ['ASIAROLE', 'local']) await meter.around(call(key), async () => answer(200, {}));
  meter.onInvocation('greenroom-local-provision-rooms', 1_000.2);
  const usage = meter.take();
  expect(usage.count('snsPublishes')).toBe(1);
  expect(usage.publishers).toEqual(new Set(['ASIAROLE']));
  // Each millisecond that has begun is billed.
  expect(usage.count('gbSeconds')).toBeCloseTo(0.5005);
  expect(usage.count('platformLogBytes')).toBeGreaterThan(200);
  expect(meter.take().count('snsPublishes')).toBe(0);
});

test('a call to a service without prices is an error, and calls that cost nothing are not', async () => {
  const meter = createUsageMeter(() => 512);
  const call = (service: string) => ({
    scope: { accessKeyId: 'ASIAROLE', region: 'eu-west-1', service },
    request: request('', '{}'),
  });
  const made = (service: string) => meter.around(call(service), async () => answer(200, {}));
  await expect(made('kinesis')).rejects.toThrow('what a call to kinesis costs');
  await expect(made('scheduler')).resolves.toMatchObject({ status: 200 });
  await expect(made('ivschat')).resolves.toMatchObject({ status: 200 });
});

const DECLARED = {
  memoryMb: new Map<string, number>(),
  schedules: [{ functionName: 'sweep', everySeconds: 300 }],
  alarms: 2,
  alarmMetrics: 3,
  dashboards: 1,
  eventSources: 9,
  logRetentionDays: 30,
  keyRetentionDays: 90,
  rosterRetentionDays: 90,
  manifestRetentionDays: 120,
  reportRetentionDays: 400,
};
const usageOf = (counts: Partial<Record<Count, number>>, metrics = ['a']): Usage => ({
  count: (name) => counts[name] ?? 0,
  metrics: new Set(metrics),
  tableUsers: new Set(['role ledger']),
  publishers: new Set(['role']),
});

test('an idle month has 2,592,000 seconds, with five pollers for each event source', () => {
  const usage = usageOf({ invocations: 1, logBytes: 1_000 });
  const invocations = [{ functionName: 'sweep', usage, everySeconds: 300 }];
  const items = idleItems(DECLARED, { invocations, packageBytes: 0 });
  const quantities = Object.fromEntries(items.map(({ what, quantity }) => [what, quantity]));
  expect(MONTH_SECONDS).toBe(2_592_000);
  expect(quantities).toMatchObject({
    'metrics of 2 alarms': 3,
    'empty receives of 9 event sources': (9 * 5 * 2_592_000) / 20,
    'invocations of scheduled functions': 8_640,
    'custom metrics that are sent all the time': 1,
    // One for the table, and two for the publisher.
    'requests to KMS': 3 * 8_640,
    'GB of log lines': (8_640 * 1_000) / 1e9,
  });
});

test('a function that runs every minute uses a key of KMS for five minutes', () => {
  const usage = usageOf({ invocations: 1, readUnits: 28 });
  const items = scheduledItems(DECLARED, [{ functionName: 'release', usage, everySeconds: 60 }]);
  expect(Object.fromEntries(items.map(({ what, quantity }) => [what, quantity]))).toMatchObject({
    'invocations of scheduled functions': 43_200,
    'DynamoDB read units': 28 * 43_200,
    'requests to KMS': 3 * 8_640,
  });
});

describe('the idle costs are refused', () => {
  const sweep = { functionName: 'sweep', usage: usageOf({ invocations: 1 }), everySeconds: 300 };

  test('if a schedule of the template was not measured', () => {
    const schedules = [...DECLARED.schedules, { functionName: 'release', everySeconds: 60 }];
    const declared = { ...DECLARED, schedules };
    const release = { ...sweep, functionName: 'release' };
    expect(() => idleItems(declared, { invocations: [sweep], packageBytes: 0 })).toThrow('not measured: release');
    expect(() => idleItems(declared, { invocations: [sweep, release], packageBytes: 0 })).not.toThrow();
  });

  test('if a scheduled function uses something that they do not contain', () => {
    const usage = usageOf({ invocations: 1, snsPublishes: 1, s3Reads: 1 });
    const invocations = [{ ...sweep, usage }];
    expect(() => idleItems(DECLARED, { invocations, packageBytes: 0 })).toThrow('sweep also causes costs');
    expect(() => idleItems(DECLARED, { invocations, packageBytes: 0 })).toThrow('snsPublishes, s3Reads');
  });
});

test('a run is scaled to 1,000 rooms, and stored data costs until it expires', () => {
  const stored = { ledgerBytes: 1e9, rosterBytes: 0, manifestBytes: 0, reportBytes: 0 };
  const run = {
    rooms: 500,
    made: 500,
    throttled: 0,
    errors: 0,
    seconds: 200,
    usage: usageOf({ snsPublishes: 500 }),
    sendRequests: 500,
    stored,
  };
  const items = itemsPerThousand(DECLARED, run);
  const find = (what: string) => items.find((item) => item.what === what);
  expect(find('SNS: publishes')?.quantity).toBe(1_000);
  expect(find('SQS: requests')?.quantity).toBe(1_000);
  expect(find('CloudWatch: metric-months')?.quantity).toBeCloseTo(1 / 720);
  // 400 seconds take two periods of five minutes.
  expect(find('KMS: requests')?.quantity).toBe(6);
  const ledger = find('stored: GB-months of the ledger');
  expect(ledger && dollars(ledger.price, ledger.quantity)).toBeCloseTo(2 * 3 * 0.25);
});
