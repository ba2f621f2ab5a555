import {
  AccessDeniedException,
  ConflictException,
  CreateRoomCommand,
  InternalServerException,
  IvschatServiceException,
  ListTagsForResourceCommand,
  PendingVerification,
  ResourceNotFoundException,
  ServiceQuotaExceededException,
  ThrottlingException,
  ValidationException,
} from '@aws-sdk/client-ivschat';
import { describe, expect, test } from '@jest/globals';
import { declaredErrors } from '../../../emulator/ivschat/api.ts';
import type { Fault, FaultPlan } from '../../../emulator/ivschat/faults.ts';
import { createRandom } from '../../../emulator/random.ts';
import { emulator, send, UNLIMITED } from './emulator.ts';
import { rejection, servedEmulator } from './sdk-client.ts';

const resource = { resourceId: 'abc123', resourceType: 'ROOM' };

const TYPED_ERRORS = [
  { type: AccessDeniedException, name: 'AccessDeniedException', status: 403, members: {} },
  { type: PendingVerification, name: 'PendingVerification', status: 403, members: {} },
  { type: ConflictException, name: 'ConflictException', status: 409, members: resource },
  { type: ResourceNotFoundException, name: 'ResourceNotFoundException', status: 404, members: resource },
  {
    type: ServiceQuotaExceededException,
    name: 'ServiceQuotaExceededException',
    status: 402,
    members: { ...resource, limit: 50_000 },
  },
  { type: ThrottlingException, name: 'ThrottlingException', status: 429, members: { ...resource, limit: 5 } },
  { type: InternalServerException, name: 'InternalServerException', status: 500, members: {} },
  {
    type: ValidationException,
    name: 'ValidationException',
    status: 400,
    members: { reason: 'OTHER', fieldList: [{ name: 'name', message: 'too long' }] },
  },
];

const create = new CreateRoomCommand({ name: 'fault' });
const onCreateRoom = (fault: Fault): FaultPlan => ({ operation: 'CreateRoom', fault });

describe('an injected error', () => {
  test('can be every error that the model declares', () => {
    expect(TYPED_ERRORS.map(({ name }) => name).toSorted()).toEqual([...declaredErrors.keys()].toSorted());
  });

  test.each(TYPED_ERRORS)('$name arrives as the typed exception with all its members', async (row) => {
    await using emulated = await servedEmulator();
    const { type, name, status, members } = row;
    emulated.ivsChat.admin.inject(onCreateRoom({ error: name, message: 'because', members }));
    const error = await rejection(emulated.client.send(create));
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ name, message: 'because', ...members, $metadata: { httpStatusCode: status } });
    expect(emulated.ivsChat.admin.rooms()).toEqual([]);
  });

  test.each(TYPED_ERRORS)('$name has all required members even if the plan gives none', async ({ name, members }) => {
    await using emulated = await servedEmulator();
    emulated.ivsChat.admin.inject(onCreateRoom({ error: name }));
    const { fieldList, ...required } = { fieldList: undefined, ...members };
    expect(Object.keys(Object(await rejection(emulated.client.send(create))))).toEqual(
      expect.arrayContaining(Object.keys(required)),
    );
  });

  test('that throttles may have status 400, and still arrives as ThrottlingException', async () => {
    await using emulated = await servedEmulator();
    emulated.ivsChat.admin.inject(onCreateRoom({ error: 'ThrottlingException', status: 400 }));
    const error = await rejection(emulated.client.send(create));
    expect(error).toBeInstanceOf(ThrottlingException);
    expect(error).toMatchObject({ $metadata: { httpStatusCode: 400 } });
  });

  test('that the model does not declare keeps its name and status', async () => {
    await using emulated = await servedEmulator();
    emulated.ivsChat.admin.inject(onCreateRoom({ error: 'ServiceUnavailable', status: 503 }));
    const error = await rejection(emulated.client.send(create));
    expect(error).toBeInstanceOf(IvschatServiceException);
    expect(error).toMatchObject({ name: 'ServiceUnavailable', $metadata: { httpStatusCode: 503 } });
  });

  test('from a proxy is an HTML page without an error type', async () => {
    const emulated = emulator();
    emulated.ivsChat.admin.inject(onCreateRoom({ proxyError: 408 }));
    const seen = await send(emulated, { path: '/CreateRoom', body: {} });
    expect(seen).toMatchObject({ status: 408, text: expect.stringContaining('<html>') });
    expect(seen).not.toHaveProperty(['headers', 'x-amzn-errortype']);
    expect(emulated.ivsChat.admin.rooms()).toEqual([]);
  });

  test('happens as often as planned, in the planned operation and region', async () => {
    await using emulated = await servedEmulator({ quotas: UNLIMITED });
    const { client, ivsChat } = emulated;
    ivsChat.admin.inject({ ...onCreateRoom({ error: 'ConflictException' }), times: 2, region: 'eu-west-1' });
    await emulated.clientOf('us-west-2').send(create);
    const missing = new ListTagsForResourceCommand({ resourceArn: 'arn:aws:ivschat:eu-west-1:1:room/a' });
    expect(await rejection(client.send(missing))).toBeInstanceOf(ResourceNotFoundException);
    expect(await rejection(client.send(create))).toBeInstanceOf(ConflictException);
    expect(await rejection(client.send(create))).toBeInstanceOf(ConflictException);
    await client.send(create);
  });

  test('is kept for the next call if this call is throttled', async () => {
    await using emulated = await servedEmulator({ quotas: { burst: 1 } });
    await emulated.client.send(create);
    emulated.ivsChat.admin.inject(onCreateRoom({ error: 'ConflictException' }));
    expect(await rejection(emulated.client.send(create))).toBeInstanceOf(ThrottlingException);
    emulated.clock.nowMs += 200;
    expect(await rejection(emulated.client.send(create))).toBeInstanceOf(ConflictException);
  });
});

describe('when a call has a fault:', () => {
  test.each<[string, Fault, number]>([
    ['a lost response leaves a room', { lostResponse: true }, 1],
    ['an error after the call took effect leaves a room', { errorAfterEffect: 500 }, 1],
    ['an unreadable response leaves a room', { garbage: true }, 1],
    ['a truncated response leaves a room', { truncated: true }, 1],
    ['a request that is never sent leaves no room', { unsent: true }, 0],
    ['an internal error leaves no room', { error: 'InternalServerException' }, 0],
  ])('%s', async (_title, fault, rooms) => {
    await using emulated = await servedEmulator({ quotas: UNLIMITED });
    emulated.ivsChat.admin.inject(onCreateRoom(fault));
    await rejection(emulated.client.send(create));
    expect(emulated.ivsChat.admin.rooms()).toHaveLength(rooms);
    await emulated.client.send(create);
  });

  test('unreadable responses have status 200', async () => {
    const emulated = emulator({ quotas: UNLIMITED });
    for (const fault of [{ garbage: true }, { truncated: true }] as const) {
      emulated.ivsChat.admin.inject(onCreateRoom(fault));
      expect(await send(emulated, { path: '/CreateRoom', body: {} })).toMatchObject({ status: 200, json: undefined });
    }
  });

  test('latency delays a call before its signature is checked, and can be combined with another fault', async () => {
    const waits: number[] = [];
    const emulated = emulator({
      sleep: async (ms) => {
        waits.push(ms);
        emulated.clock.nowMs += ms;
      },
    });
    const { admin } = emulated.ivsChat;
    admin.inject(onCreateRoom({ latencyMs: 60_000 }));
    admin.inject(onCreateRoom({ lostResponse: true }));
    expect(await send(emulated, { path: '/CreateRoom', body: {} })).toBe('lost');
    admin.inject(onCreateRoom({ latencyMs: 16 * 60_000 }));
    expect(await send(emulated, { path: '/CreateRoom', body: {} })).toMatchObject({
      headers: { 'x-amzn-errortype': 'InvalidSignatureException' },
    });
    expect(waits).toEqual([60_000, 16 * 60_000]);
    expect(admin.rooms()).toHaveLength(1);
  });

  test('a delay is refused without the option `sleep`', () => {
    for (const fault of [{ latencyMs: 1 }, { responseAfterMs: 1 }])
      expect(() => emulator().ivsChat.admin.inject(onCreateRoom(fault))).toThrow(
        'is supported only with the option `sleep`',
      );
  });
});

test('random faults affect only the operations that have rates, at these rates', async () => {
  const faultRates = { CreateRoom: { lostResponse: 0.1, internalError: 0.2 } };
  const emulated = emulator({ faultRates, random: createRandom(7), quotas: { ...UNLIMITED, roomsPerRegion: 10_000 } });
  const outcomes = new Map<string, number>();
  const CALLS = 2_000;
  for (let call = 0; call < CALLS; call += 1) {
    const seen = await send(emulated, { path: '/CreateRoom', body: {} });
    const outcome = seen === 'lost' ? seen : `${seen.status}`;
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    expect(await send(emulated, { path: '/ListLoggingConfigurations' })).toMatchObject({ status: 200 });
  }
  expect((outcomes.get('lost') ?? 0) / CALLS).toBeCloseTo(0.1, 1);
  expect((outcomes.get('500') ?? 0) / CALLS).toBeCloseTo(0.2, 1);
  expect((outcomes.get('200') ?? 0) / CALLS).toBeCloseTo(0.7, 1);
  // Half of the internal errors occur before the call takes effect.
  expect(emulated.ivsChat.admin.rooms().length / CALLS).toBeCloseTo(0.9, 1);
});
