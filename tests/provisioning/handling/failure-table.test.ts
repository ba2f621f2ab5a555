import { beforeEach, describe, expect, test } from '@jest/globals';
import type { FaultPlan } from '../../../emulator/ivschat/faults.ts';
import { ledgerKey } from '../../../lib/contract/keys.ts';
import { type Bench, createBench, START_MS } from '../../support/memory-bench.ts';

const REQUEST = { idempotencyKey: 'key', room: { name: 'hall' } };
const SETTLE_MS = 1_020_000;
/** The listing lag and the clock error. After that time, a room is likely to be listed. */
const LIKELY_MS = 90_000;
const throttled = { error: 'ThrottlingException' };
const conflict = { error: 'ConflictException' };
const badSignature = { error: 'InvalidSignatureException', status: 403 };
const denied = { error: 'AccessDeniedException' };
const quota = { error: 'ServiceQuotaExceededException' };
const blocked = { error: 'PendingVerification' };
const unsent = { unsent: true } as const;
const lost = { lostResponse: true } as const;

let bench: Bench;
beforeEach(() => {
  bench = createBench();
});

const createRoomFails = (fault: FaultPlan['fault'], times = 1) =>
  bench.ivsChat.inject({ operation: 'CreateRoom', times, fault });
const sinceStart = (name: string) => bench.callsOf(name).map(({ atMs }) => Math.round(atMs - START_MS));
const deliver = (body: object = REQUEST) =>
  bench.handle(bench.record(body, { attributes: { ApproximateReceiveCount: 1, SentTimestamp: START_MS } }));
const postponed = (reason: string, sinceStartMs: number) =>
  expect.objectContaining({ kind: 'postponed', reason, untilMs: expect.closeTo(START_MS + sinceStartMs, 0) });

describe('the response of CreateRoom decides when it is called and until when the request is postponed:', () => {
  test.each([
    // Two seconds, less half of the jitter. The backoff of 250 ms before the second call ends before its slot.
    ['throttled three times', throttled, 3, [0, 301, 801], postponed('throttled', 2_751)],
    ['a bad signature three times', badSignature, 3, [0, 301, 801], postponed('never-sent', 2_751)],
    ['a conflict three times', conflict, 3, [0, 301, 801], postponed('conflict', 2_751)],
    // Six minutes, because the key that opened the breaker may probe after two steps, and jitter: an eighth of that and half a second.
    ['the quota is reached', quota, 1, [0], postponed('quota', 405_500)],
    ['the account is blocked', blocked, 1, [0], postponed('blocked', 405_500)],
    ['denied', denied, 1, [0], postponed('denied', 1_950)],
    ['no answer, and no room', unsent, 1, [0], postponed('unsettled', LIKELY_MS)],
  ] as const)('first delivery, %s', async (_what, fault, times, callsAtMs, outcome) => {
    createRoomFails(fault, times);
    expect(await deliver()).toEqual(outcome);
    expect(sinceStart('CreateRoom')).toEqual(callsAtMs);
    expect(bench.item('key')).toMatchObject({ status: 'INPROGRESS', lease_end: 0 });
    expect(bench.completions()).toEqual([]);
  });

  test.each([
    ['throttled', throttled, 2, [0, 301, 801]],
    ['a conflict', conflict, 2, [0, 301, 801]],
    ['a bad signature', badSignature, 1, [0, 301]],
  ])('%s, and then a room, which one more call creates', async (_what, fault, times, callsAtMs) => {
    createRoomFails(fault, times);
    expect(await deliver()).toMatchObject({ kind: 'answered', how: 'created' });
    expect(sinceStart('CreateRoom')).toEqual(callsAtMs);
    expect(bench.ivsChat.rooms()).toHaveLength(1);
  });
});

describe('an intent', () => {
  test.each([
    ['throttled', throttled, 3],
    ['a conflict', conflict, 3],
    ['a bad signature', badSignature, 3],
    ['the quota was reached', quota, 1],
    ['denied', denied, 1],
  ])('is taken back after this answer, because nothing was created: %s', async (_what, fault, times) => {
    createRoomFails(fault, times);
    await deliver();
    expect(bench.item('key')).not.toHaveProperty('create_started_at');
  });

  test('is kept after an ambiguous response', async () => {
    createRoomFails(unsent);
    await deliver();
    expect(bench.item('key')?.create_started_at).toBe(START_MS);
  });

  test('that was settled is restored when the attempt that replaced it had no effect', async () => {
    createRoomFails(unsent);
    await deliver();
    bench.pass(SETTLE_MS);
    createRoomFails(throttled, 3);
    await deliver();
    expect(sinceStart('CreateRoom')).toHaveLength(4);
    expect(bench.item('key')?.create_started_at).toBe(START_MS);
  });
});

describe('an ambiguous response', () => {
  test('is followed by one search after a second, and the room is adopted', async () => {
    createRoomFails(lost);
    expect(await deliver()).toMatchObject({ kind: 'answered', how: 'adopted' });
    expect([sinceStart('CreateRoom'), sinceStart('ListRooms'), sinceStart('GetRoom')]).toEqual([[0], [1_000], [1_000]]);
    const [room] = bench.ivsChat.rooms();
    expect(bench.item('key')).toMatchObject({ decision: 'room', room_arn: room?.arn });
    expect(bench.completions()).toEqual([expect.objectContaining({ data: expect.objectContaining({ late: false }) })]);
  });

  test.each([
    ['ListRooms', 'is denied', { error: 'AccessDeniedException' }],
    ['GetRoom', 'is interrupted', unsent],
  ] as const)('makes the request wait if %s %s, and the reason is logged', async (operation, _how, fault) => {
    createRoomFails(lost);
    bench.ivsChat.inject({ operation, fault });
    const outcome = await deliver();
    expect(outcome).toEqual(postponed('reconcile-failed', 2_950));
    expect(outcome).toHaveProperty('cause', expect.any(Error));
  });
});

describe('a connection that loses its route', () => {
  const without = (syscall: string) =>
    bench.before('CreateRoom', () => {
      throw Object.assign(new Error(`${syscall} EHOSTUNREACH`), { code: 'EHOSTUNREACH', syscall });
    });

  test('while the response is read makes the call ambiguous, and the room is searched for', async () => {
    without('read');
    expect(await deliver()).toEqual(postponed('unsettled', LIKELY_MS));
    expect(bench.item('key')?.create_started_at).toBe(START_MS);
  });

  test('before it is established means that nothing was sent', async () => {
    without('connect');
    expect(await deliver()).toMatchObject({ kind: 'postponed', reason: 'never-sent' });
    expect(bench.item('key')).not.toHaveProperty('create_started_at');
  });
});

describe('the breaker', () => {
  const other = { ...REQUEST, idempotencyKey: 'other' };

  test.each([
    ['quota', quota],
    ['blocked', blocked],
  ])(
    'opens for the region immediately (%s), and other requests wait for the probe without a call',
    async (_kind, fault) => {
      createRoomFails(fault);
      await deliver();
      bench.pass(10_000);
      expect(await deliver(other)).toMatchObject({ kind: 'postponed', reason: 'breaker-open' });
      expect(sinceStart('CreateRoom')).toEqual([0]);
      expect(bench.item('other')).not.toHaveProperty('create_started_at');
    },
  );

  test('lets the first other request probe after a minute, and its success closes the breaker', async () => {
    createRoomFails(quota);
    await deliver();
    bench.pass(60_000);
    expect(await deliver(other)).toMatchObject({ kind: 'answered', how: 'created' });
    expect(await deliver()).toMatchObject({ kind: 'answered', how: 'created' });
  });
});

describe('a denial', () => {
  const other = { ...REQUEST, idempotencyKey: 'other' };

  test('is stored with the time of the first one', async () => {
    createRoomFails(denied, 2);
    await deliver();
    expect(bench.item('key')?.denied_at).toBe(START_MS);
    bench.pass(66_000);
    expect(await deliver()).toMatchObject({ kind: 'postponed', reason: 'denied' });
    expect(bench.item('key')?.denied_at).toBe(START_MS);
  });

  test('fails the request as access-denied if another request has succeeded since', async () => {
    createRoomFails(denied);
    await deliver();
    bench.pass(1_000);
    await deliver(other);
    bench.pass(66_000);
    createRoomFails(denied);
    expect(await deliver()).toMatchObject({ kind: 'answered', how: 'failed' });
    expect(bench.completions().at(-1).data).toMatchObject({
      reason: 'access-denied',
      error: { name: 'AccessDeniedException' },
      retryable: true,
    });
    expect(bench.item('key')).toMatchObject({ decision: 'failed', status: 'COMPLETED' });
  });
});

describe('an error about the request itself', () => {
  test('fails the request immediately, with the fields that AWS names', async () => {
    const fieldList = [{ name: 'name', message: 'not to my liking' }];
    createRoomFails({ error: 'ValidationException', members: { reason: 'OTHER', fieldList } });
    expect(await deliver()).toMatchObject({ kind: 'answered', how: 'failed' });
    expect(bench.completions()[0].data).toEqual({
      idempotencyKey: 'key',
      tenant: 'default',
      region: 'eu-west-1',
      claimId: bench.stored('key').claim_id,
      generation: 0,
      outcome: 'failed',
      reason: 'refused',
      error: { name: 'ValidationException', message: expect.any(String) },
      fieldList,
      retryable: false,
    });
    expect(sinceStart('CreateRoom')).toEqual([0]);
  });

  test('is retryable if something was not found', async () => {
    createRoomFails({ error: 'ResourceNotFoundException', members: { resourceId: 'x', resourceType: 'ROOM' } });
    await deliver();
    expect(bench.completions()[0].data).toMatchObject({ reason: 'not-found', retryable: true });
    expect(bench.completions()[0].data).not.toHaveProperty('fieldList');
    expect(bench.item('key')?.id).toBe(ledgerKey('key'));
  });
});
