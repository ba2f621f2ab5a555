import {
  AccessDeniedException,
  ConflictException,
  CreateRoomCommand,
  DeleteRoomCommand,
  GetRoomCommand,
  InternalServerException,
  IvschatClient,
  IvschatServiceException,
  ListRoomsCommand,
  PendingVerification,
  ResourceNotFoundException,
  ThrottlingException,
  ValidationException,
} from '@aws-sdk/client-ivschat';
import { describe, expect, test } from '@jest/globals';
import { operations } from '../../../emulator/ivschat/api.ts';
import type { Fault } from '../../../emulator/ivschat/faults.ts';
import { createRandom } from '../../../emulator/random.ts';
import { until } from '../../support/gateway-clients.ts';
import { serveService } from '../../support/serve-service.ts';
import { emulator, send, UNLIMITED } from './emulator.ts';
import { rejection, servedEmulator } from './sdk-client.ts';

type Served = Awaited<ReturnType<typeof servedEmulator>>;

async function newRoom({ client }: Pick<Served, 'client'>): Promise<string> {
  const { arn = '' } = await client.send(new CreateRoomCommand({ name: 'room' }));
  return arn;
}

/** Deletes the room with a fault. @returns the error, or the status of the response */
async function deleteWith({ ivsChat, client }: Served, identifier: string, fault: Fault): Promise<unknown> {
  ivsChat.admin.inject({ operation: 'DeleteRoom', fault });
  return deleteAgain({ client }, identifier);
}

function deleteAgain({ client }: Pick<Served, 'client'>, identifier: string): Promise<unknown> {
  return client.send(new DeleteRoomCommand({ identifier })).then(
    ({ $metadata }) => $metadata.httpStatusCode,
    (error: unknown) => error,
  );
}

/** Whether GetRoom finds the room. */
async function isFound({ client }: Pick<Served, 'client'>, identifier: string): Promise<boolean> {
  const answer = await client.send(new GetRoomCommand({ identifier })).catch((error: unknown) => error);
  return !(answer instanceof ResourceNotFoundException);
}

// https://docs.aws.amazon.com/ivs/latest/ChatAPIReference/API_DeleteRoom.html
describe('DeleteRoom, as AWS documents it,', () => {
  test('"sends back an HTTP 204 response with an empty HTTP body" if it is successful', async () => {
    const emulated = emulator();
    await send(emulated, { path: '/CreateRoom', body: {} });
    const [room] = emulated.ivsChat.admin.rooms();
    expect(await send(emulated, { path: '/DeleteRoom', body: { identifier: room?.arn } })).toMatchObject({
      status: 204,
      text: '',
    });
  });

  test('has the errors AccessDeniedException, PendingVerification, ResourceNotFoundException and ValidationException', () => {
    expect(operations.DeleteRoom.errors.toSorted()).toEqual([
      'AccessDeniedException',
      'PendingVerification',
      'ResourceNotFoundException',
      'ValidationException',
    ]);
  });

  test.each([
    ['"Required: Yes"', {}],
    ['"Currently this must be an ARN"', { identifier: 'AbCdEfGhIjKl' }],
    [
      'the pattern contains `:room/`',
      { identifier: 'arn:aws:ivschat:eu-west-1:000000000000:logging-configuration/AbCdEfGhIjKl' },
    ],
    ['"Maximum length of 128"', { identifier: `arn:aws:ivschat:eu-west-1:000000000000:room/${'a'.repeat(90)}` }],
  ])('refuses an identifier because %s', async (_rule, body) => {
    expect(await send(emulator(), { path: '/DeleteRoom', body })).toMatchObject({
      status: 400,
      json: { reason: 'FIELD_VALIDATION_FAILED', fieldList: [{ name: 'identifier' }] },
    });
  });

  // AWS does not say how it answers to the ARN of another account or region. A caller cannot conclude from this 404 that the room is deleted.
  test.each(['arn:aws:ivschat:us-east-1:000000000000', 'arn:aws:ivschat:eu-west-1:123456789012'])(
    'answers 404 to the ARN of a room elsewhere (%s)',
    async (elsewhere) => {
      await using emulated = await servedEmulator();
      const identifier = `${elsewhere}:room/AbCdEfGhIjKl`;
      expect(await deleteAgain(emulated, identifier)).toBeInstanceOf(ResourceNotFoundException);
    },
  );
});

describe('a DeleteRoom with a fault', () => {
  test.each<[string, Fault, unknown]>([
    ['is throttled', { error: 'ThrottlingException' }, expect.any(ThrottlingException)],
    ['fails with a 500', { error: 'InternalServerException' }, expect.any(InternalServerException)],
    ['fails with a 503', { error: 'ServiceUnavailable', status: 503 }, expect.any(IvschatServiceException)],
    ['fails in a proxy', { proxyError: 502 }, expect.any(SyntaxError)],
    ['is denied', { error: 'AccessDeniedException' }, expect.any(AccessDeniedException)],
    ['is blocked by a verification', { error: 'PendingVerification' }, expect.any(PendingVerification)],
    ['conflicts', { error: 'ConflictException' }, expect.any(ConflictException)],
    ['is invalid', { error: 'ValidationException' }, expect.any(ValidationException)],
    ['does not find the room', { error: 'ResourceNotFoundException' }, expect.any(ResourceNotFoundException)],
    ['is never sent', { unsent: true }, expect.objectContaining({ code: 'ECONNRESET' })],
  ])('deletes nothing if it %s, and the next call does', async (_title, fault, outcome) => {
    await using emulated = await servedEmulator({ quotas: UNLIMITED });
    const arn = await newRoom(emulated);
    expect(await deleteWith(emulated, arn, fault)).toEqual(outcome);
    expect(await isFound(emulated, arn)).toBe(true);
    expect(await deleteAgain(emulated, arn)).toBe(204);
    expect(await isFound(emulated, arn)).toBe(false);
  });

  test.each<[string, Fault, unknown]>([
    ['its response is lost', { lostResponse: true }, expect.objectContaining({ code: 'ECONNRESET' })],
    ['its response is a 500', { errorAfterEffect: 500 }, expect.any(InternalServerException)],
  ])('deletes the room although %s, and the next call answers 404', async (_title, fault, outcome) => {
    await using emulated = await servedEmulator({ quotas: UNLIMITED });
    const arn = await newRoom(emulated);
    expect(await deleteWith(emulated, arn, fault)).toEqual(outcome);
    expect(await isFound(emulated, arn)).toBe(false);
    expect(await deleteAgain(emulated, arn)).toBeInstanceOf(ResourceNotFoundException);
    expect(emulated.ivsChat.admin.unusableResponses()).toBe(1);
  });

  test('may answer a 200 with an unreadable body. The SDK reports this as a success, and only the status differs from 204', async () => {
    const { ivsChat } = emulator({ quotas: UNLIMITED });
    const served = await serveService(ivsChat.handle);
    const credentials = { accessKeyId: 'AKID', secretAccessKey: 'SECRET' };
    const client = new IvschatClient({ endpoint: served.url, region: 'eu-west-1', credentials, maxAttempts: 1 });
    const identifier = await newRoom({ client });
    ivsChat.admin.inject({ operation: 'DeleteRoom', fault: { garbage: true } });
    expect(await deleteAgain({ client }, identifier)).toBe(200);
    expect(ivsChat.admin.rooms()).toEqual([]);
    client.destroy();
    await served.close();
  });

  test('cannot have a truncated response, because its response has no body', () => {
    const { admin } = emulator().ivsChat;
    expect(() => admin.inject({ operation: 'DeleteRoom', fault: { truncated: true } })).toThrow(
      'is not supported for an operation whose responses have no body',
    );
    admin.inject({ operation: 'TagResource', fault: { truncated: true } });
  });
});

describe('a DeleteRoom that its caller gives up', () => {
  /** An emulator whose waits end when the test says so. */
  async function waitingEmulator() {
    const waits: { ms: number; end: () => void }[] = [];
    const sleep = (ms: number) => new Promise<void>((end) => waits.push({ ms, end }));
    const emulated = await servedEmulator({ quotas: UNLIMITED, sleep });
    const arn = await newRoom(emulated);
    return {
      emulated,
      arn,
      /** Sends DeleteRoom with the fault, and gives up while the emulator waits. */
      async giveUp(fault: Fault): Promise<void> {
        emulated.ivsChat.admin.inject({ operation: 'DeleteRoom', fault });
        const impatient = new AbortController();
        const command = new DeleteRoomCommand({ identifier: arn });
        const call = emulated.client.send(command, { abortSignal: impatient.signal });
        await until(async () => waits[0]);
        impatient.abort();
        expect(await rejection(call)).toMatchObject({ name: 'AbortError' });
      },
      arrive: () => waits[0]?.end(),
      [Symbol.asyncDispose]: () => emulated[Symbol.asyncDispose](),
    };
  }

  test('may arrive afterwards, and then deletes the room', async () => {
    await using late = await waitingEmulator();
    await late.giveUp({ latencyMs: 60_000 });
    expect(await isFound(late.emulated, late.arn)).toBe(true);
    late.arrive();
    await until(async () => ((await isFound(late.emulated, late.arn)) ? undefined : true));
  });

  test('may have deleted the room already, because only its response is late', async () => {
    await using late = await waitingEmulator();
    await late.giveUp({ responseAfterMs: 60_000 });
    expect(await isFound(late.emulated, late.arn)).toBe(false);
    late.arrive();
  });
});

describe('an accepted DeleteRoom that takes effect later', () => {
  const AFTER_MS = 30_000;

  test.each<[string, Fault, unknown]>([
    ['is answered with 204', { effectAfterMs: AFTER_MS }, 204],
    [
      'loses its response',
      { effectAfterMs: AFTER_MS, response: 'lost' },
      expect.objectContaining({ code: 'ECONNRESET' }),
    ],
    ['is answered with a 500', { effectAfterMs: AFTER_MS, response: 500 }, expect.any(InternalServerException)],
  ])('%s, and the room exists until then', async (_title, fault, outcome) => {
    await using emulated = await servedEmulator({ quotas: { ...UNLIMITED, roomsPerRegion: 1 } });
    const { client, clock, ivsChat } = emulated;
    const arn = await newRoom(emulated);
    expect(await deleteWith(emulated, arn, fault)).toEqual(outcome);
    clock.nowMs += AFTER_MS - 1;
    expect(await isFound(emulated, arn)).toBe(true);
    expect(ivsChat.admin.rooms()).toHaveLength(1);
    expect(await rejection(newRoom(emulated))).toMatchObject({ name: 'ServiceQuotaExceededException' });
    clock.nowMs += 1;
    expect(ivsChat.admin.rooms()).toEqual([]);
    expect(await isFound(emulated, arn)).toBe(false);
    expect(await deleteAgain(emulated, arn)).toBeInstanceOf(ResourceNotFoundException);
    expect((await client.send(new ListRoomsCommand({}))).rooms).toEqual([]);
    await newRoom(emulated);
  });

  test('control: without the fault, the room does not exist as soon as the call is answered', async () => {
    await using emulated = await servedEmulator({ quotas: UNLIMITED });
    const arn = await newRoom(emulated);
    expect(await deleteAgain(emulated, arn)).toBe(204);
    expect(emulated.ivsChat.admin.rooms()).toEqual([]);
  });

  test('does not delay another DeleteRoom of the room, and does nothing afterwards', async () => {
    await using emulated = await servedEmulator({ quotas: UNLIMITED });
    const arn = await newRoom(emulated);
    await deleteWith(emulated, arn, { effectAfterMs: AFTER_MS });
    expect(await deleteAgain(emulated, arn)).toBe(204);
    expect(await isFound(emulated, arn)).toBe(false);
    emulated.clock.nowMs += AFTER_MS;
    expect(emulated.ivsChat.admin.rooms()).toEqual([]);
  });

  test('takes effect at the earlier time if two calls were accepted', async () => {
    await using emulated = await servedEmulator({ quotas: UNLIMITED });
    const arn = await newRoom(emulated);
    await deleteWith(emulated, arn, { effectAfterMs: AFTER_MS });
    await deleteWith(emulated, arn, { effectAfterMs: 2 * AFTER_MS });
    emulated.clock.nowMs += AFTER_MS;
    expect(emulated.ivsChat.admin.rooms()).toEqual([]);
  });

  test('is shown by ListRooms after the listing lag, which begins with the effect', async () => {
    const listingLagMs = 10_000;
    await using emulated = await servedEmulator({ quotas: UNLIMITED, listingLagMs, random: () => 0.5 });
    const { client, clock } = emulated;
    const listed = async () => (await client.send(new ListRoomsCommand({}))).rooms?.length;
    const arn = await newRoom(emulated);
    await deleteWith(emulated, arn, { effectAfterMs: AFTER_MS });
    clock.nowMs += AFTER_MS + listingLagMs / 2 - 1;
    expect(await listed()).toBe(1);
    clock.nowMs += 1;
    expect(await listed()).toBe(0);
  });

  test('is refused for other operations, whose responses describe their effect', () => {
    const { admin } = emulator().ivsChat;
    expect(() => admin.inject({ operation: 'CreateRoom', fault: { effectAfterMs: 1 } })).toThrow(
      'is supported only for DeleteRoom',
    );
  });
});

describe('a room that is too new', () => {
  const LAG_MS = 20_000;
  const options = { quotas: { ...UNLIMITED, roomsPerRegion: 1 }, newRoomLagMs: LAG_MS, random: () => 0.5 };

  test('is not found by calls that name it, although it exists', async () => {
    const emulated = emulator(options);
    await send(emulated, { path: '/CreateRoom', body: { tags: { a: 'b' } } });
    const [{ arn } = { arn: '' }] = emulated.ivsChat.admin.rooms();
    const tags = `/tags/${encodeURIComponent(arn)}`;
    const calls = [
      { path: '/GetRoom', body: { identifier: arn } },
      { path: '/UpdateRoom', body: { identifier: arn, name: 'new' } },
      { path: tags, body: { tags: { c: 'd' } } },
      { method: 'GET', path: tags },
      { path: '/DeleteRoom', body: { identifier: arn } },
    ];
    const statuses = async () =>
      (await Promise.all(calls.map((call) => send(emulated, call)))).map((seen) => seen !== 'lost' && seen.status);
    emulated.clock.nowMs += LAG_MS / 2 - 1;
    expect(await statuses()).toEqual([404, 404, 404, 404, 404]);
    expect(emulated.ivsChat.admin.rooms()).toMatchObject([{ arn, name: '', tags: { a: 'b' } }]);
    expect(emulated.ivsChat.tagsOf(arn)).toEqual({ a: 'b' });
    expect(await send(emulated, { path: '/CreateRoom', body: {} })).toMatchObject({ status: 402 });
    emulated.clock.nowMs += 1;
    expect(await statuses()).toEqual([200, 200, 200, 200, 204]);
    expect(emulated.ivsChat.admin.rooms()).toEqual([]);
  });

  test('control: without a lag, it is found as soon as CreateRoom answers', async () => {
    await using emulated = await servedEmulator({ ...options, newRoomLagMs: 0 });
    expect(await isFound(emulated, await newRoom(emulated))).toBe(true);
  });

  test('takes a random share of the longest lag', async () => {
    const emulated = emulator({ ...options, quotas: UNLIMITED, random: createRandom(3) });
    const body = {};
    for (let room = 0; room < 200; room += 1) await send(emulated, { path: '/CreateRoom', body });
    const foundAfter = async (ms: number) => {
      emulated.clock.nowMs += ms;
      const rooms = emulated.ivsChat.admin.rooms().map(({ arn: identifier }) => identifier);
      const calls = rooms.map((identifier) => send(emulated, { path: '/GetRoom', body: { identifier } }));
      return (await Promise.all(calls)).filter((seen) => seen !== 'lost' && seen.status === 200).length;
    };
    const half = await foundAfter(LAG_MS / 2);
    expect(half).toBeGreaterThan(60);
    expect(half).toBeLessThan(140);
    expect(await foundAfter(LAG_MS / 2)).toBe(200);
  });
});

test('random faults of DeleteRoom occur at their rates, and each of them leaves what it promises', async () => {
  const faultRates = { DeleteRoom: { lostResponse: 0.1, internalError: 0.2, lateEffect: 0.2, lateEffectMs: 1_000 } };
  const emulated = emulator({ faultRates, random: createRandom(7), quotas: UNLIMITED });
  const counts = new Map<string, number>();
  const CALLS = 2_000;
  for (let call = 0; call < CALLS; call += 1) {
    await send(emulated, { path: '/CreateRoom', body: {} });
    const [{ arn } = { arn: '' }] = emulated.ivsChat.admin.rooms();
    const seen = await send(emulated, { path: '/DeleteRoom', body: { identifier: arn } });
    const answer = seen === 'lost' ? seen : `${seen.status}`;
    const isGone = emulated.ivsChat.admin.rooms().length === 0;
    emulated.clock.nowMs += 1_001;
    const isGoneLater = emulated.ivsChat.admin.rooms().length === 0;
    const outcome = `${answer}, ${isGone ? 'deleted' : isGoneLater ? 'deleted later' : 'kept'}`;
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
    if (!isGoneLater) emulated.ivsChat.admin.reset();
  }
  const shares = Object.fromEntries([...counts].map(([outcome, count]) => [outcome, count / CALLS]));
  expect(shares).toEqual({
    '204, deleted': expect.closeTo(0.5, 1),
    '204, deleted later': expect.closeTo(0.1, 1),
    'lost, deleted': expect.closeTo(0.1, 1),
    'lost, deleted later': expect.closeTo(0.1, 1),
    '500, deleted': expect.closeTo(0.1, 1),
    '500, kept': expect.closeTo(0.1, 1),
  });
});
