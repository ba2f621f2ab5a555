import { CreateRoomCommand, ListRoomsCommand, ThrottlingException } from '@aws-sdk/client-ivschat';
import { describe, expect, test } from '@jest/globals';
import { isOperationName, type OperationName, operations } from '../../../emulator/ivschat/api.ts';
import { emulator, rawRequest, SIGNATURE_LIFETIME_MS, send, UNLIMITED } from './emulator.ts';
import { rejection, servedEmulator } from './sdk-client.ts';

const names = Object.keys(operations).filter(isOperationName);

/** A request that reaches the operation. Its outcome does not matter here. */
function requestFor(name: OperationName) {
  const { method, requestUri } = operations[name].http;
  return { method, path: requestUri.replace('{resourceArn}', 'arn%3Aaws'), body: '{}' };
}

/** https://docs.aws.amazon.com/ivs/latest/ChatUserGuide/service-quotas.html */
function quotaOf(name: OperationName): number {
  if (name === 'CreateChatToken') return 200;
  return /tag/i.test(name) ? 10 : name.includes('Logging') ? 3 : 5;
}

describe('throttling', () => {
  test.each(names)('allows the quota of %s every second, in each region', async (operation) => {
    const quota = quotaOf(operation);
    const emulated = emulator();
    const SECONDS = 20;
    const stepMs = quota > 100 ? 2 : 10;
    const steps = (SECONDS * 1_000) / stepMs;
    for (let step = 0; step < steps; step += 1) {
      for (const region of ['eu-west-1', 'us-east-1']) await send(emulated, { ...requestFor(operation), region });
      emulated.clock.nowMs += stepMs;
    }
    for (const region of ['eu-west-1', 'us-east-1']) {
      const count = emulated.ivsChat.admin.calls().counts.find((each) => each.region === region);
      expect(count).toMatchObject({ operation, count: steps });
      const admitted = (count?.count ?? 0) - (count?.throttled ?? 0);
      // Two calls may come together at the beginning (the burst). One of them counts towards the first second.
      expect(admitted).toBe(SECONDS * quota + 1);
    }
  });

  test('never affects a client that paces its calls at the quota', async () => {
    const emulated = emulator({ quotas: { burst: 1 } });
    for (let call = 0; call < 1_000; call += 1) {
      expect(await send(emulated, { path: '/CreateRoom', body: {} })).toMatchObject({ status: 200 });
      emulated.clock.nowMs += 200;
    }
    emulated.clock.nowMs -= 1;
    expect(await send(emulated, { path: '/CreateRoom', body: {} })).toMatchObject({ status: 429 });
  });

  test('allows the whole burst at any moment, although intervals such as a sixth of a second are rounded', async () => {
    for (let offsetMs = 0; offsetMs < 1_000; offsetMs += 7) {
      const emulated = emulator({ quotas: { tps: { ListLoggingConfigurations: 6 } } });
      emulated.clock.nowMs = 1_790_000_000_000 + offsetMs;
      const statuses: unknown[] = [];
      for (let call = 0; call < 3; call += 1) {
        const seen = await send(emulated, { path: '/ListLoggingConfigurations' });
        statuses.push(seen !== 'lost' && seen.status);
      }
      expect(statuses).toEqual([200, 200, 429]);
    }
  });

  test('is a ThrottlingException with status 429 and the limit, and one operation does not throttle another', async () => {
    await using emulated = await servedEmulator();
    const create = () => emulated.client.send(new CreateRoomCommand({}));
    await create();
    await create();
    const error = await rejection(create());
    expect(error).toBeInstanceOf(ThrottlingException);
    expect(error).toMatchObject({ limit: 5, resourceType: 'ROOM', $metadata: { httpStatusCode: 429 } });
    await emulated.client.send(new ListRoomsCommand({}));
    expect(emulated.ivsChat.admin.rooms()).toHaveLength(2);
  });
});

describe('the signing date', () => {
  const room = { path: '/CreateRoom', body: {} };

  test('may be as old as the signature lifetime, but not older', async () => {
    const emulated = emulator({ quotas: UNLIMITED });
    emulated.clock.nowMs = Date.UTC(2026, 10, 22, 12, 0, 0);
    const request = rawRequest(emulated.clock.nowMs, room);
    emulated.clock.nowMs += SIGNATURE_LIFETIME_MS;
    expect(await emulated.ivsChat.handle(request)).toMatchObject({ status: 200 });
    emulated.clock.nowMs += 1_000;
    expect(await emulated.ivsChat.handle(request)).toMatchObject({
      status: 403,
      headers: { 'x-amzn-errortype': 'InvalidSignatureException' },
      body: JSON.stringify({
        message:
          'Signature expired: 20261122T120000Z is now earlier than 20261122T120001Z (20261122T121501Z - 15 min.)',
      }),
    });
    expect(emulated.ivsChat.admin.rooms()).toHaveLength(1);
  });

  test('may be at most one signature lifetime in the future', async () => {
    const emulated = emulator({ quotas: UNLIMITED });
    emulated.clock.nowMs = Date.UTC(2026, 10, 22, 12, 0, 0);
    const request = rawRequest(emulated.clock.nowMs, room);
    emulated.clock.nowMs -= SIGNATURE_LIFETIME_MS + 1_000;
    expect(await emulated.ivsChat.handle(request)).toMatchObject({
      status: 403,
      body: expect.stringContaining('Signature not yet current: 20261122T120000Z is still later than 20261122T115959Z'),
    });
    emulated.clock.nowMs += 1_000;
    expect(await emulated.ivsChat.handle(request)).toMatchObject({ status: 200 });
  });

  test("of a call from the SDK's own client is refused if the call arrives too late", async () => {
    await using emulated = await servedEmulator({ signatureLifetimeMs: 300_000 });
    const create = () => emulated.client.send(new CreateRoomCommand({}));
    emulated.clock.nowMs += 290_000;
    await create();
    emulated.clock.nowMs += 20_000;
    expect(await rejection(emulated.clientOf('eu-west-1').send(new CreateRoomCommand({})))).toMatchObject({
      name: 'InvalidSignatureException',
      $metadata: { httpStatusCode: 403 },
    });
  });

  test.each([
    [{ 'x-amz-date': '20261122T120000Z' }, 'MissingAuthenticationTokenException'],
    [{ authorization: 'AWS4-HMAC-SHA256 …' }, 'IncompleteSignatureException'],
    [{ authorization: 'AWS4-HMAC-SHA256 …', 'x-amz-date': 'yesterday' }, 'IncompleteSignatureException'],
  ])('and the authorization are both required: headers %j are refused with %s', async (headers, name) => {
    const emulated = emulator();
    expect(await send(emulated, { ...room, headers })).toMatchObject({
      status: 403,
      headers: { 'x-amzn-errortype': name },
    });
    expect(emulated.ivsChat.admin.rooms()).toEqual([]);
  });
});
