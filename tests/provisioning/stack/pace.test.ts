import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { REGION } from '../../support/gateway-clients.ts';
import { openProvisioning, type Provisioning } from '../../support/provisioning.ts';

let stack: Provisioning;
beforeAll(async () => {
  stack = await openProvisioning();
});
afterAll(() => stack.close());
beforeEach(async () => {
  stack.ivsChat.reset();
  await stack.completions();
});

let count = 0;
const requests = (many: number, changes: object = {}) =>
  Array.from({ length: many }, () => {
    count += 1;
    return { idempotencyKey: `k${count}`, room: { name: `r${count}` }, ...changes };
  });

/** The names of the rooms in the order of their creation. */
const made = () =>
  stack.ivsChat
    .rooms()
    .toSorted((a, b) => a.createTime.localeCompare(b.createTime))
    .map(({ name }) => name);

const nextTick = () => new Promise((resolve) => setImmediate(resolve));

async function paceItem(region = REGION) {
  const Key = { id: { S: `${region}#CreateRoom` } };
  const { Item } = await stack.clients.dynamodb.send(
    new GetItemCommand({ TableName: 'pace', Key, ConsistentRead: true }),
  );
  return unmarshall(Item ?? {});
}

describe('lanes', () => {
  test('an interactive request overtakes the bulk requests that wait before it', async () => {
    const bulk = requests(10);
    const urgent = requests(1);
    await stack.send(bulk, 'bulk');
    const drain = stack.deliver('bulk');
    while (made().length === 0) await nextTick();
    await stack.send(urgent, 'interactive');
    await stack.deliver('interactive');
    const place = made().indexOf(urgent[0]?.room.name ?? '');
    await drain;
    expect(made()).toHaveLength(11);
    // Bulk reserves at most six slots within a second, and may have begun a few calls before.
    expect(place).toBeGreaterThanOrEqual(1);
    expect(place).toBeLessThan(10);
  });
});

describe('regions', () => {
  test('of one batch are served concurrently, each at its own pace', async () => {
    const regions = ['eu-central-1', 'us-east-1', 'us-west-2'];
    await stack.send(regions.flatMap((region) => requests(3, { region })));
    expect(await stack.deliver()).toMatchObject({ received: 9, done: 9 });
    for (const region of regions) expect(stack.ivsChat.rooms(region)).toHaveLength(3);
    expect(stack.ivsChat.calls().counts.filter(({ throttled }) => throttled > 0)).toEqual([]);
  });

  test('do not affect each other: one whose quota is reached postpones only its own requests', async () => {
    const fault = { error: 'ServiceQuotaExceededException' };
    // Each of these requests may already hold a slot when the first one finds the quota reached.
    stack.ivsChat.inject({ operation: 'CreateRoom', region: 'ap-south-1', times: 4, fault });
    await stack.send([...requests(4, { region: 'ap-south-1' }), ...requests(4, { region: 'ap-northeast-1' })]);
    expect(await stack.deliver()).toMatchObject({ received: 8, done: 4, postponed: 4 });
    expect(stack.ivsChat.rooms('ap-northeast-1')).toHaveLength(4);
    expect(stack.ivsChat.rooms('ap-south-1')).toHaveLength(0);
    // The next request of that region finds the breaker open and makes no call.
    const callsBefore = stack.ivsChat.calls();
    await stack.send(requests(1, { region: 'ap-south-1' }));
    expect(await stack.deliver()).toMatchObject({ received: 1, postponed: 1 });
    expect(stack.ivsChat.calls()).toEqual(callsBefore);
    // The region is probed without an operator, and continues.
    await stack.deliverAll();
    expect(stack.ivsChat.rooms('ap-south-1')).toHaveLength(5);
  });
});

describe('another program on the same quota', () => {
  test('gets its share, because a throttle lowers the rate of all workers', async () => {
    stack.ivsChat.inject({ operation: 'CreateRoom', region: 'us-west-2', fault: { error: 'ThrottlingException' } });
    await stack.send(requests(1, { region: 'us-west-2' }));
    expect(await stack.deliver()).toMatchObject({ done: 1 });
    expect((await paceItem('us-west-2')).rate).toBeCloseTo(3.98, 4);
    expect(await paceItem('eu-central-1')).not.toHaveProperty('rate');
  });

  test('gets its share of ListRooms, too', async () => {
    stack.ivsChat.inject({ operation: 'CreateRoom', fault: { lostResponse: true } });
    stack.ivsChat.inject({ operation: 'ListRooms', fault: { error: 'ThrottlingException' } });
    await stack.send(requests(1));
    expect(await stack.deliver()).toMatchObject({ postponed: 1 });
    const Key = { id: { S: `${REGION}#ListRooms` } };
    const { Item } = await stack.clients.dynamodb.send(new GetItemCommand({ TableName: 'pace', Key }));
    expect(Number(Item?.rate?.N)).toBeCloseTo(3.98, 4);
    await stack.deliverAll();
  });
});
