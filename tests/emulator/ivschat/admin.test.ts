import { describe, expect, test } from '@jest/globals';
import type { Fault } from '../../../emulator/ivschat/faults.ts';
import { emulator, type RawRequest, rawRequest, seen, send, UNLIMITED } from './emulator.ts';

function admin(emulated: ReturnType<typeof emulator>, name: string, raw: Partial<RawRequest> = {}) {
  const request = rawRequest(0, { path: `/_greenroom/ivschat/${name}`, headers: {}, ...raw });
  return emulated.ivsChat.adminHandle(request).then(seen);
}

describe('the admin interface over HTTP', () => {
  test('injects faults, changes quotas, lists rooms and calls, and resets all of them', async () => {
    const emulated = emulator();
    const create = (region: string) => send(emulated, { path: '/CreateRoom', body: '{ "name": "a" }', region });
    const fault = { error: 'ConflictException' };
    expect(
      await admin(emulated, 'faults', { body: { operation: 'CreateRoom', region: 'us-east-1', fault } }),
    ).toMatchObject({
      status: 200,
      json: {},
    });
    expect(await admin(emulated, 'quotas', { body: { burst: 1, tps: { CreateRoom: 1 } } })).toMatchObject({
      status: 200,
    });
    expect(await create('us-east-1')).toMatchObject({ status: 409 });
    expect(await create('eu-west-1')).toMatchObject({ status: 200 });
    emulated.clock.nowMs += 900;
    expect(await create('eu-west-1')).toMatchObject({ status: 429 });

    const room = expect.objectContaining({ name: 'a', arn: expect.stringContaining(':eu-west-1:') });
    expect(await admin(emulated, 'rooms', { method: 'GET' })).toMatchObject({ json: { rooms: [room] } });
    const query = new URLSearchParams({ region: 'us-east-1' });
    expect(await admin(emulated, 'rooms', { method: 'GET', query })).toMatchObject({ json: { rooms: [] } });
    const arrivedAtMs = emulated.clock.nowMs;
    expect(await admin(emulated, 'calls', { method: 'GET' })).toMatchObject({
      json: {
        counts: [
          { operation: 'CreateRoom', region: 'us-east-1', count: 1, throttled: 0 },
          { operation: 'CreateRoom', region: 'eu-west-1', count: 2, throttled: 1 },
        ],
        createRoom: [
          { region: 'us-east-1', arrivedAtMs: arrivedAtMs - 900 },
          { region: 'eu-west-1', arrivedAtMs: arrivedAtMs - 900, throttled: false },
          {
            region: 'eu-west-1',
            arrivedAtMs,
            body: '{ "name": "a" }',
            signedAt: expect.stringMatching(/^\d{8}T\d{6}Z$/),
            throttled: true,
          },
        ],
        createRoomDropped: 0,
      },
    });

    emulated.ivsChat.admin.inject({ operation: 'CreateRoom', fault: { unsent: true } });
    expect(await admin(emulated, 'reset', {})).toMatchObject({ status: 200 });
    expect(emulated.ivsChat.admin.rooms()).toEqual([]);
    expect(emulated.ivsChat.admin.calls()).toEqual({ counts: [], createRoom: [], createRoomDropped: 0 });
    expect(await create('eu-west-1')).toMatchObject({ status: 200 });
    expect(await create('eu-west-1')).toMatchObject({ status: 200 });
  });

  test.each<[string, string | object, string]>([
    ['faults', { operation: 'MakeRoom', fault: { unsent: true } }, 'operation'],
    ['faults', { operation: 'CreateRoom' }, 'fault'],
    ['faults', { operation: 'CreateRoom', fault: { explode: true } }, 'fault'],
    ['faults', { operation: 'CreateRoom', fault: { error: 'NobodyKnowsThis' } }, 'fault.status'],
    ['faults', { operation: 'CreateRoom', fault: { latencyMs: 5 } }, 'fault.latencyMs'],
    ['faults', { operation: 'CreateRoom', times: 0, fault: { unsent: true } }, 'times'],
    ['faults', { operation: 'CreateRoom', time: 1, fault: { unsent: true } }, ''],
    ['quotas', { roomsPerRegion: -1 }, 'roomsPerRegion'],
    ['quotas', { tps: { CreateRoom: 0 } }, 'tps.CreateRoom'],
    ['quotas', { tps: { MakeRoom: 1 } }, 'tps.MakeRoom'],
    ['quotas', '{', ''],
  ])('refuses POST %s with %j, and names %j', async (name, body, path) => {
    const emulated = emulator();
    expect(await admin(emulated, name, { body })).toMatchObject({
      status: 400,
      json: { problems: [{ path, message: expect.any(String) }] },
    });
    expect(await send(emulated, { path: '/CreateRoom', body: {} })).toMatchObject({ status: 200 });
  });

  test('answers 404 to other paths and methods', async () => {
    const emulated = emulator();
    expect(await admin(emulated, 'nothing')).toMatchObject({ status: 404 });
    expect(await admin(emulated, 'rooms', { method: 'POST' })).toMatchObject({ status: 404 });
    expect(await admin(emulated, '', { path: '/rooms', method: 'GET' })).toMatchObject({ status: 404 });
  });
});

test('the log of CreateRoom calls is bounded, and states how many it dropped', async () => {
  const emulated = emulator({ quotas: { ...UNLIMITED, roomsPerRegion: 0 } });
  for (let call = 0; call < 10_003; call += 1)
    await send(emulated, { path: '/CreateRoom', body: `{"name":"${call}"}` });
  const { counts, createRoom, createRoomDropped } = emulated.ivsChat.admin.calls();
  expect(counts).toMatchObject([{ count: 10_003 }]);
  expect(createRoom).toHaveLength(10_000);
  expect(createRoom[0]?.body).toBe('{"name":"3"}');
  expect(createRoomDropped).toBe(3);
});

test('creating an emulator takes less than a millisecond', () => {
  for (let warmUp = 0; warmUp < 100; warmUp += 1) emulator();
  const RUNS = 500;
  const startMs = performance.now();
  for (let run = 0; run < RUNS; run += 1) emulator();
  expect((performance.now() - startMs) / RUNS).toBeLessThan(1);
});

test('an unusable response is counted only if the call took effect', async () => {
  const emulated = emulator({ quotas: UNLIMITED });
  const { admin: direct } = emulated.ivsChat;
  const strike = async (fault: Fault, body: object) => {
    direct.inject({ operation: 'CreateRoom', fault });
    await send(emulated, { path: '/CreateRoom', body });
  };
  for (const fault of [
    { lostResponse: true },
    { garbage: true },
    { truncated: true },
    { errorAfterEffect: 500 },
  ] as const) {
    await strike(fault, {});
  }
  expect(direct.unusableResponses()).toBe(4);
  await strike({ lostResponse: true }, { name: 'not valid' });
  await strike({ unsent: true }, {});
  await strike({ error: 'InternalServerException' }, {});
  expect(direct.unusableResponses()).toBe(4);
  expect(direct.rooms()).toHaveLength(4);
  direct.reset();
  expect(direct.unusableResponses()).toBe(0);
});

test('rooms can refer to a seeded logging configuration in their region, and seeding it again does not replace it', async () => {
  const emulated = emulator({ quotas: UNLIMITED });
  const arn = 'arn:aws:ivschat:us-west-2:000000000000:logging-configuration/seeded000000';
  const create = (region: string) =>
    send(emulated, { path: '/CreateRoom', body: { loggingConfigurationIdentifiers: [arn] }, region });
  const read = () =>
    send(emulated, { path: '/GetLoggingConfiguration', body: { identifier: arn }, region: 'us-west-2' });
  expect(await create('us-west-2')).toMatchObject({ status: 404 });
  emulated.ivsChat.admin.seedLoggingConfiguration(arn);
  expect(await create('us-west-2')).toMatchObject({ status: 200 });
  expect(await create('eu-west-1')).toMatchObject({ status: 404 });
  const before = await read();
  emulated.clock.nowMs += 1_000;
  emulated.ivsChat.admin.seedLoggingConfiguration(arn);
  expect(await read()).toMatchObject({ text: before === 'lost' ? before : before.text });
  expect(() => emulated.ivsChat.admin.seedLoggingConfiguration('arn:aws:s3:::logs')).toThrow('is not the ARN');
});
