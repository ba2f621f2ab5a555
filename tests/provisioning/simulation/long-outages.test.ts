import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Bench, createBench, DAY_MS, START_MS } from '../../support/memory-bench.ts';
import type { Call } from '../../support/memory-services.ts';
import { deliverUntilGone, type Ending } from '../../support/waiting-messages.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
// Twice the longest wait, because the key that found a region closed lets others probe first (docs/decisions/0002).
const LONGEST_WAIT_MS = 2 * HOUR_MS + MINUTE_MS;

let bench: Bench;
beforeEach(() => {
  bench = createBench();
});

/** The effect of an outage on a call of the failing service. */
type Fault = (call: Call) => void;

const DYNAMODB = ['UpdateItem'];
const IVS_CHAT = ['CreateRoom', 'ListRooms', 'GetRoom', 'DeleteRoom'];

/** No response arrives before the call times out. */
const unreachable = (names: string[], takesMs: number): Fault => {
  return ({ name }) => {
    if (!names.includes(name)) return;
    bench.pass(takesMs);
    throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', syscall: 'connect' });
  };
};

/** The service itself refuses all of its calls. */
const answering = (fault: { error: string; status?: number }): Fault => {
  return ({ name }) => {
    const operation = (['CreateRoom', 'ListRooms', 'GetRoom'] as const).find((each) => each === name);
    if (operation) bench.ivsChat.inject({ operation, fault });
  };
};

function outage(fault: Fault, untilMs: number, fromMs = START_MS): void {
  bench.beforeAny((call) => {
    if (call.atMs >= fromMs && call.atMs < untilMs) fault(call);
  });
}

/** Delivers a request as SQS does, until it has left its lane. */
function deliver(request: object = {}): Promise<Ending> {
  const queue = bench.messaging.queue('interactive');
  const message = queue.send(JSON.stringify({ idempotencyKey: 'key', room: { name: 'hall' }, ...request }));
  const time = { nowMs: bench.clock.nowMs, pass: bench.pass };
  const handle = (record: object) => bench.handleBatch([record]);
  return deliverUntilGone(message, { queue, queueName: 'interactive', time, handle });
}

const answers = () => new Set(bench.completions().map(({ data }) => data.outcome));
const parkedReasons = () => bench.messaging.parked.map(({ note }) => JSON.parse(note).reason);

describe('a request gets its room, and never becomes a dead letter, after an outage', () => {
  describe.each([
    ['an hour', HOUR_MS],
    ['twenty hours', 20 * HOUR_MS],
  ])('that lasts %s', (_length, lastsMs) => {
    test.each([
      ['of DynamoDB', () => unreachable(DYNAMODB, 3_000), 'created'],
      ['of SNS', () => unreachable(['Publish'], 1_000), 'created'],
      ['of SQS’s ChangeMessageVisibility', () => unreachable(['ChangeMessageVisibilityBatch'], 1_000), 'created'],
      ['of IVS Chat, which cannot be reached', () => unreachable(IVS_CHAT, 1_000), 'created'],
      ['of IVS Chat, which fails', () => answering({ error: 'InternalServerException', status: 500 }), 'created'],
      ['of IVS Chat, which throttles', () => answering({ error: 'ThrottlingException' }), 'created'],
      ['of the account, which is blocked', () => answering({ error: 'PendingVerification' }), 'created'],
      ['of the role, which is denied', () => answering({ error: 'AccessDeniedException' }), 'created'],
    ])('%s', async (_what, fault, outcome) => {
      outage(fault(), START_MS + lastsMs);
      const ending = await deliver();
      expect(ending).toMatchObject({ kind: 'done' });
      expect(ending.atMs - START_MS).toBeLessThan(lastsMs + LONGEST_WAIT_MS);
      expect([...answers()]).toEqual([outcome]);
      expect(bench.ivsChat.rooms()).toHaveLength(1);
      expect(bench.messaging.parked).toEqual([]);
    });
  });
});

describe('a region that stays closed for days takes one receive for each probe,', () => {
  test.each([
    // A full region is probed every quarter of an hour at first, so its requests use more receives.
    ['the quota', ['a'], 200, { error: 'ServiceQuotaExceededException' }],
    ['a blocked account', ['a'], 175, { error: 'PendingVerification' }],
    ['a denied role', ['a', 'c', 'd'], 175, { error: 'AccessDeniedException' }],
  ])(
    'so that a request that is needed within a week does not become a dead letter: %s',
    async (_what, others, most, fault) => {
      outage(answering(fault), START_MS + 6.5 * DAY_MS);
      for (const idempotencyKey of others) await bench.handle(bench.record({ idempotencyKey, room: {} }));
      const received = () => bench.callsOf('ChangeMessageVisibilityBatch').length;
      const begunAt = received();
      const ending = await deliver({ neededBy: new Date(START_MS + 7 * DAY_MS).toISOString() });
      expect(ending).toMatchObject({ kind: 'done' });
      expect([...answers()]).toEqual(['created']);
      // Six and a half days have 156 hours.
      expect(received() - begunAt).toBeLessThan(most);
    },
  );
});

describe('no wait exceeds the time until a room is needed:', () => {
  const neededBy = (ms: number) => ({ neededBy: new Date(START_MS + ms).toISOString() });

  test.each([
    ['the quota', { error: 'ServiceQuotaExceededException' }],
    ['a blocked account', { error: 'PendingVerification' }],
    ['throttling', { error: 'ThrottlingException' }],
    ['a conflict', { error: 'ConflictException' }],
  ])('a request expires at most a minute late: %s', async (_what, fault) => {
    outage(answering(fault), START_MS + DAY_MS);
    const ending = await deliver(neededBy(5 * HOUR_MS));
    expect(bench.completions().map(({ data }) => data.reason)).toEqual(['expired']);
    expect(ending.atMs - START_MS - 5 * HOUR_MS).toBeLessThanOrEqual(MINUTE_MS + 2_000);
  });

  test('a quota that becomes free in time is used in time', async () => {
    outage(answering({ error: 'ServiceQuotaExceededException' }), START_MS + 200 * MINUTE_MS);
    const ending = await deliver(neededBy(4 * HOUR_MS));
    expect([...answers()]).toEqual(['created']);
    expect(ending.atMs - START_MS).toBeLessThan(4 * HOUR_MS);
  });

  test('a room of an earlier attempt is adopted although its time has passed', async () => {
    bench.ivsChat.inject({ operation: 'CreateRoom', fault: { lostResponse: true } });
    outage(unreachable(['ListRooms', 'GetRoom'], 1_000), START_MS + 5 * HOUR_MS);
    await deliver(neededBy(HOUR_MS));
    expect(bench.completions().map(({ data }) => [data.outcome, data.late])).toEqual([['adopted', true]]);
    expect(bench.ivsChat.rooms()).toHaveLength(1);
  });
});

describe('near the end of its queue’s retention', () => {
  test.each([
    ['a request whose completion SNS does not accept', () => unreachable(['Publish'], 1_000), 'unfinished'],
    ['a request whose ledger cannot be read', () => unreachable(DYNAMODB, 3_000), 'outcome-unknown'],
    [
      'a request whose room cannot be searched for',
      () => unreachable(['ListRooms', 'GetRoom'], 1_000),
      'outcome-unknown',
    ],
  ])('%s is parked, and is neither deleted nor a dead letter', async (_what, fault, reason) => {
    if (reason === 'outcome-unknown') bench.ivsChat.inject({ operation: 'CreateRoom', fault: { lostResponse: true } });
    outage(fault(), START_MS + 30 * DAY_MS);
    const ending = await deliver();
    expect(ending.kind).toBe('done');
    expect(parkedReasons()).toEqual([reason]);
    expect((ending.atMs - START_MS) / DAY_MS).toBeGreaterThan(8);
    expect((ending.atMs - START_MS) / DAY_MS).toBeLessThan(8.1);
    expect(bench.completions()).toEqual([]);
  });
});

test('the age of a cause that has not occurred for two hours starts again at zero, and one cause does not lengthen the waits of another', async () => {
  const blocked = () => answering({ error: 'ConflictException' });
  outage(blocked(), START_MS + 10 * HOUR_MS);
  const week = { neededBy: new Date(START_MS + 6 * DAY_MS).toISOString() };
  const record = bench.record({ idempotencyKey: 'key', room: {}, ...week });
  await bench.handle(record);
  bench.pass(HOUR_MS);
  expect(await bench.handle(record)).toMatchObject({ untilMs: expect.closeTo(bench.clock.nowMs() + 1_170_000, -4) });
  bench.fail('Publish');
  bench.pass(9 * HOUR_MS);
  bench.fail('Publish');
  expect(await bench.handle(record)).toMatchObject({ reason: 'publish-failed', untilMs: bench.clock.nowMs() + 1_950 });
  expect(bench.stored('key').waits).toMatchObject({ conflict: { count: 2 }, 'publish-failed': { count: 1 } });
});
