import { DeleteItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { FaultPlan } from '../../../emulator/ivschat/faults.ts';
import { REGION } from '../../support/gateway-clients.ts';
import { openProvisioning, type Provisioning, SETTLE_MS } from '../../support/provisioning.ts';

let stack: Provisioning;
let key: string;
let number = 0;

beforeAll(async () => {
  // At this rate a call may be a quarter of a second late for its slot, so a busy machine does not postpone it.
  stack = await openProvisioning({ environment: { GREENROOM_CREATE_ROOM_TPS: '2' } });
});
afterAll(() => stack.close());
beforeEach(async () => {
  key = `key-${++number}`;
  stack.ivsChat.reset();
  await stack.clients.dynamodb.send(
    new DeleteItemCommand({ TableName: 'pace', Key: { id: { S: `${REGION}#CreateRoom` } } }),
  );
});
afterEach(async () => {
  await stack.deliverAll();
  await stack.completions();
});

const request = (changes: object = {}) => ({ idempotencyKey: key, room: { name: 'room' }, ...changes });
const createRoomFails = (fault: FaultPlan['fault'], times = 1) =>
  stack.ivsChat.inject({ operation: 'CreateRoom', times, fault });
const createRoomCalls = () => stack.ivsChat.calls().createRoom.length;
const liveRooms = () => stack.ivsChat.rooms().length;
const published = async () => (await stack.completions()).map(({ completion }) => completion.data);

describe('an error about the request itself fails the request with one call:', () => {
  test('ValidationException: refused, with its field list', async () => {
    const fieldList = [{ name: 'name', message: 'not to my liking' }];
    createRoomFails({ error: 'ValidationException', members: { reason: 'FIELD_VALIDATION_FAILED', fieldList } });
    await stack.send([request()]);
    expect(await stack.deliver()).toEqual({ received: 1, done: 1, postponed: 0 });
    expect(await published()).toEqual([
      expect.objectContaining({
        outcome: 'failed',
        reason: 'refused',
        error: { name: 'ValidationException', message: 'Injected by a fault plan' },
        fieldList,
        retryable: false,
      }),
    ]);
    expect([createRoomCalls(), liveRooms()]).toEqual([1, 0]);
  });

  test('ResourceNotFoundException: a logging configuration that does not exist', async () => {
    const identifier = `arn:aws:ivschat:${REGION}:123456789012:logging-configuration/ZZZZZZZZZZZZ`;
    await stack.send([request({ room: { loggingConfigurationIdentifiers: [identifier] } })]);
    expect(await stack.deliver()).toEqual({ received: 1, done: 1, postponed: 0 });
    const [data] = await published();
    expect(data).toMatchObject({ reason: 'not-found', error: { name: 'ResourceNotFoundException' }, retryable: true });
    expect([createRoomCalls(), liveRooms()]).toEqual([1, 0]);
  });

  test('a corrected request that is sent later claims the key again as the next generation', async () => {
    createRoomFails({ error: 'ValidationException', members: { reason: 'OTHER' } });
    await stack.send([request()]);
    await stack.deliver();
    await stack.send([request({ room: { name: 'corrected' } })]);
    await stack.deliver();
    const outcomes = await published();
    expect(outcomes).toHaveLength(2);
    expect(outcomes).toContainEqual(expect.objectContaining({ outcome: 'failed', generation: 0 }));
    const room = expect.objectContaining({ name: 'corrected' });
    expect(outcomes).toContainEqual(expect.objectContaining({ outcome: 'created', generation: 1, room }));
  });
});

describe('a temporary error is tried again:', () => {
  test.each([
    ['ThrottlingException, as 429', { error: 'ThrottlingException' }],
    ['ThrottlingException, as 400', { error: 'ThrottlingException', status: 400 }],
    ['ConflictException', { error: 'ConflictException' }],
  ])('after one %s, a second call creates the room within the invocation', async (_name, fault) => {
    createRoomFails(fault);
    await stack.send([request()]);
    expect(await stack.deliver()).toEqual({ received: 1, done: 1, postponed: 0 });
    expect(await published()).toEqual([expect.objectContaining({ outcome: 'created' })]);
    expect([createRoomCalls(), liveRooms()]).toEqual([2, 1]);
  });

  test.each([
    ['ThrottlingException', 3],
    ['ConflictException', 3],
    ['ServiceQuotaExceededException', 1],
    ['PendingVerification', 1],
    ['AccessDeniedException', 1],
  ])(
    'with %s for long, the request waits in its queue after %i calls, and gets its room later',
    async (error, calls) => {
      createRoomFails({ error }, calls);
      await stack.send([request()]);
      expect(await stack.deliver()).toEqual({ received: 1, done: 0, postponed: 1 });
      expect([createRoomCalls(), liveRooms()]).toEqual([calls, 0]);
      expect(await stack.ledgerItem(key)).toMatchObject({ status: 'INPROGRESS', lease_end: 0 });
      expect(await stack.ledgerItem(key)).not.toHaveProperty('create_started_at');
      await stack.deliverAll();
      expect(await published()).toEqual([expect.objectContaining({ outcome: 'created' })]);
      expect([createRoomCalls(), liveRooms()]).toEqual([calls + 1, 1]);
    },
  );

  test('a call whose signature AWS refuses counts as never sent, and nothing is reconciled', async () => {
    createRoomFails({ error: 'InvalidSignatureException', status: 403 });
    await stack.send([request()]);
    expect(await stack.deliver()).toEqual({ received: 1, done: 1, postponed: 0 });
    expect(operations()).toEqual({ CreateRoom: 2 });
  });
});

describe('a quota that is reached stops the whole region', () => {
  test.each(['ServiceQuotaExceededException', 'PendingVerification'])(
    'with %s, other requests do not call',
    async (error) => {
      createRoomFails({ error });
      await stack.send([request()]);
      await stack.deliver();
      await stack.send([{ ...request(), idempotencyKey: `${key}-other` }]);
      expect(await stack.deliver()).toEqual({ received: 1, done: 0, postponed: 1 });
      expect(createRoomCalls()).toBe(1);
      expect(await stack.ledgerItem(`${key}-other`)).not.toHaveProperty('create_started_at');
    },
  );

  test('AccessDeniedException stops the region only after three keys in a row', async () => {
    createRoomFails({ error: 'AccessDeniedException' }, 3);
    for (const each of ['a', 'b', 'c', 'd']) {
      await stack.send([{ ...request(), idempotencyKey: `${key}-${each}` }]);
      expect(await stack.deliver()).toEqual({ received: 1, done: 0, postponed: 1 });
    }
    expect(createRoomCalls()).toBe(3);
  });

  test('a key that is denied again while others succeed fails as access-denied', async () => {
    createRoomFails({ error: 'AccessDeniedException' });
    await stack.send([request()]);
    await stack.deliver();
    await stack.send([{ ...request(), idempotencyKey: `${key}-other` }]);
    await stack.deliver();
    createRoomFails({ error: 'AccessDeniedException' });
    await stack.deliverAll();
    const outcomes = await published();
    expect(outcomes).toContainEqual(expect.objectContaining({ idempotencyKey: key, reason: 'access-denied' }));
    expect(outcomes).toContainEqual(expect.objectContaining({ idempotencyKey: `${key}-other`, outcome: 'created' }));
  });
});

describe('a room is not created again when the response of a call is lost after the call took effect:', () => {
  test.each([
    ['the connection breaks', { lostResponse: true }],
    ['an InternalServerException', { errorAfterEffect: 500 }],
    ['a 503', { errorAfterEffect: 503 }],
    ['a 200 that cannot be read', { garbage: true }],
    ['a response that ends halfway', { truncated: true }],
  ] satisfies [string, FaultPlan['fault']][])('%s: the room is found and adopted', async (_name, fault) => {
    createRoomFails(fault);
    await stack.send([request()]);
    await stack.deliverAll();
    expect(await published()).toEqual([expect.objectContaining({ outcome: 'adopted' })]);
    expect([createRoomCalls(), liveRooms()]).toEqual([1, 1]);
    const [room] = stack.ivsChat.rooms();
    expect(await stack.ledgerItem(key)).toMatchObject({ decision: 'room', room_arn: room?.arn, status: 'COMPLETED' });
  });

  test.each([
    ['the connection breaks before the call takes effect', { unsent: true }],
    ['a proxy answers 403 with a page of its own', { proxyError: 403 }],
    ['a proxy answers 408', { proxyError: 408 }],
    ['an InternalServerException before the call takes effect', { error: 'InternalServerException' }],
  ] satisfies [string, FaultPlan['fault']][])(
    '%s: a second call is made only after the settle time',
    async (_name, fault) => {
      createRoomFails(fault);
      await stack.send([request()]);
      expect(await stack.deliver()).toEqual({ received: 1, done: 0, postponed: 1 });
      const intent = (await stack.ledgerItem(key))?.create_started_at ?? 0;
      await stack.deliverAll();
      const [first, second] = stack.ivsChat.calls().createRoom;
      expect(first).toBeDefined();
      expect(second?.arrivedAtMs).toBeGreaterThanOrEqual(intent + SETTLE_MS);
      expect(await published()).toEqual([expect.objectContaining({ outcome: 'created' })]);
      expect([createRoomCalls(), liveRooms()]).toEqual([2, 1]);
    },
  );

  test('a call that exceeds its timeout is ambiguous too', async () => {
    createRoomFails({ latencyMs: 2_500 });
    await stack.send([request()]);
    await stack.deliverAll();
    expect(await published()).toEqual([expect.objectContaining({ outcome: 'adopted' })]);
    expect([createRoomCalls(), liveRooms()]).toEqual([1, 1]);
  });
});

describe('a request is given up', () => {
  test('without a call after its neededBy, and fails as expired', async () => {
    const neededBy = new Date(Date.now() - 1).toISOString();
    await stack.send([request({ neededBy })]);
    await stack.deliver();
    expect(await published()).toEqual([expect.objectContaining({ reason: 'expired', retryable: true })]);
    expect(createRoomCalls()).toBe(0);
  });

  test('but not while an intent exists: the room is found late, and the completion says so (rule RESOLVE)', async () => {
    createRoomFails({ lostResponse: true });
    stack.ivsChat.inject({ operation: 'ListRooms', fault: { error: 'InternalServerException' } });
    await stack.send([request({ neededBy: new Date(Date.now() + 500).toISOString() })]);
    await stack.deliverAll();
    expect(await published()).toEqual([expect.objectContaining({ outcome: 'adopted', late: true })]);
  });
});

describe('one outcome per key', () => {
  test('a repeated request gets the same completion with the same id, and another payload fails without a change', async () => {
    await stack.send([request()]);
    await stack.deliver();
    await stack.send([request({ correlationId: 'again' }), request({ room: { name: 'another' } })]);
    await stack.deliverAll();
    const events = await stack.completions();
    const made = events.filter(({ completion }) => completion.data.outcome === 'created');
    expect(made).toHaveLength(2);
    expect(new Set(made.map(({ completion }) => completion.id)).size).toBe(1);
    expect(made.map(({ attributes }) => attributes.correlationId)).toEqual(expect.arrayContaining(['again']));
    expect(events.map(({ attributes }) => attributes.reason)).toContain('key-reused-with-different-payload');
    expect(liveRooms()).toBe(1);
  });

  test('a request with a damaged ledger item is parked unchanged, and no room is created', async () => {
    await stack.send([request()]);
    await stack.deliver();
    const { id = '' } = (await stack.ledgerItem(key)) ?? {};
    await stack.clients.dynamodb.send(
      new UpdateItemCommand({
        TableName: 'ledger',
        Key: { id: { S: id } },
        UpdateExpression: 'SET schema_version = :future',
        ExpressionAttributeValues: { ':future': { N: '99' } },
      }),
    );
    const body = `  ${JSON.stringify(request())}\n`;
    await stack.send([body]);
    await stack.deliverAll();
    const [parked] = await stack.parked();
    expect(parked?.Body).toBe(body);
    const note = JSON.parse(parked?.MessageAttributes?.['greenroom-parked']?.StringValue ?? '{}');
    expect(note).toMatchObject({ reason: 'damaged-item', sourceQueue: expect.stringMatching(/:interactive$/) });
    expect(createRoomCalls()).toBe(1);
  });
});

describe('a request without failures', () => {
  test('takes 4 ledger writes, 1 slot, 1 CreateRoom, 1 publish and no ListRooms', async () => {
    await stack.send([request()]);
    await stack.deliver();
    expect(operations()).toEqual({ CreateRoom: 1 });
    expect((await stack.ledgerItem(key))?.version).toBe(4);
    expect(await stack.completions()).toHaveLength(1);
  });
});

function operations(): Record<string, number> {
  return Object.fromEntries(stack.ivsChat.calls().counts.map(({ operation, count }) => [operation, count]));
}
