import { beforeEach, describe, expect, test } from '@jest/globals';
import { Postponement } from '../../../lib/provisioning/postponement.ts';
import { type Bench, createBench, START_MS } from '../../support/memory-bench.ts';

const REQUEST = { idempotencyKey: 'key', room: { name: 'hall' } };

let bench: Bench;
beforeEach(() => {
  bench = createBench();
});

const deliver = () => bench.handle(bench.record(REQUEST));
const unavailable = {
  kind: 'postponed',
  reason: 'ledger-unavailable',
  untilMs: START_MS + 1_950,
  mayHaveRoom: true,
  cause: expect.objectContaining({ message: 'out of order' }),
};

describe('a write that DynamoDB does not accept', () => {
  test.each([
    ['acquire', ':claim_id', []],
    ['the slot', 'SET free_at', []],
    ['the intent', ':needed_by, #version = :next', []],
    ['the checkpoint', ':room_arn', ['CreateRoom']],
    ['complete', ':completed', ['CreateRoom', 'Publish']],
  ])('%s: the request waits, and no later step is done', async (step, expression, done) => {
    bench.before('UpdateItem', ({ input }) => {
      if (input.UpdateExpression.includes(expression)) throw new Error('out of order');
    });
    expect(await deliver()).toEqual({ ...unavailable, ...(step === 'complete' && { mayHaveRoom: false }) });
    expect(bench.callNames().filter((name) => name !== 'UpdateItem')).toEqual(done);
    bench.before('UpdateItem', () => undefined);
    bench.pass(bench.config.timing.settleMs + 90_000);
    expect(await deliver()).toMatchObject({ kind: 'answered' });
    expect(bench.ivsChat.rooms()).toHaveLength(1);
    expect(new Set(bench.completions().map(({ id }) => id)).size).toBe(1);
  });

  test('the release: the reason of the release is reported, and the lease ends', async () => {
    bench.ivsChat.inject({ operation: 'CreateRoom', fault: { error: 'PendingVerification' } });
    bench.before('UpdateItem', ({ input }) => {
      if (input.UpdateExpression.includes(':over')) throw new Error('out of order');
    });
    expect(await deliver()).toMatchObject({ kind: 'postponed', reason: 'blocked' });
    expect(bench.stored('key')).toMatchObject({ lease_end: START_MS + 90_000 });
  });
});

describe('a claim that another worker has taken over', () => {
  const takeAt = (expression: string) =>
    bench.before('UpdateItem', async ({ input }) => {
      if (input.UpdateExpression.includes(expression)) await bench.changeItem('key', { lease_token: 'another' });
    });

  test.each([
    ['the intent', ':needed_by, #version = :next', []],
    ['complete', ':completed', ['CreateRoom', 'Publish']],
  ])('before %s: this worker stops there, and the message returns soon', async (_step, expression, done) => {
    takeAt(expression);
    expect(await deliver()).toMatchObject({ kind: 'postponed', reason: 'lease-lost', untilMs: START_MS + 1_950 });
    expect(bench.callNames().filter((name) => name !== 'UpdateItem')).toEqual(done);
    expect(bench.stored('key')).toMatchObject({ lease_token: 'another' });
  });
});

describe('a write that took effect but whose response was lost', () => {
  /** Makes the SDK send the write again. It takes effect twice, unless its condition prevents that. */
  const repeat = (expression: string) => {
    let repeated = false;
    bench.before('UpdateItem', async ({ input }) => {
      if (repeated || !input.UpdateExpression.includes(expression)) return;
      repeated = true;
      await bench.repeat(input);
    });
  };

  test.each([
    ['acquire', ':claim_id'],
    ['the intent', ':needed_by, #version = :next'],
    ['the checkpoint', ':room_arn'],
    ['complete', ':completed'],
  ])('%s: the worker treats it as done', async (_step, expression) => {
    repeat(expression);
    expect(await deliver()).toMatchObject({ kind: 'answered', how: 'created' });
    expect(bench.stored('key')).toMatchObject({ status: 'COMPLETED', version: 4 });
    expect(bench.callsOf('CreateRoom')).toHaveLength(1);
  });
});

describe('at the end of the invocation', () => {
  test.each(['ListRooms', 'GetRoom'])('no worker waits for %s, and the request returns', async (call) => {
    bench.ivsChat.inject({ operation: 'CreateRoom', fault: { lostResponse: true } });
    const end = new AbortController();
    bench.before(call, () => end.abort(new Postponement('deadline')));
    expect(await bench.handle(bench.record(REQUEST), { signal: end.signal })).toMatchObject({
      kind: 'postponed',
      reason: 'reconcile-failed',
      cause: expect.objectContaining({ name: 'AbortError' }),
    });
    expect(bench.stored('key')).toMatchObject({ lease_end: 0, create_started_at: START_MS });
  });

  test.each([
    ['no worker waits for a slot', 'UpdateItem', []],
    ['no worker searches for a room', 'CreateRoom', ['CreateRoom']],
  ])('%s, and the request returns at the deadline', async (_what, call, done) => {
    const end = new AbortController();
    bench.before(call, () => end.abort(new Postponement('deadline')));
    expect(await bench.handle(bench.record(REQUEST), { signal: end.signal })).toMatchObject({
      kind: 'postponed',
      reason: 'deadline',
      untilMs: bench.clock.nowMs() + 1_950,
    });
    expect(bench.callNames().filter((name) => name !== 'UpdateItem')).toEqual(done);
  });
});

describe('an item that cannot be read', () => {
  test.each([
    ['with an unknown schema version', { schema_version: 99 }, /schema_version/],
    ['damaged by hand', { version: 'seven' }, /version/],
  ])('%s: the request is parked with the reason, and no room is created', async (_how, damage, detail) => {
    await deliver();
    await bench.changeItem('key', damage);
    const outcome = await deliver();
    expect(outcome).toEqual({ kind: 'parked', reason: 'damaged-item', detail: expect.stringMatching(detail) });
    expect(bench.messaging.parked).toHaveLength(1);
    expect(bench.callsOf('CreateRoom')).toHaveLength(1);
    expect(bench.completions()).toHaveLength(1);
  });
});

test('a message from an unknown queue stays in its queue, because that is a bug of the deployment', async () => {
  const record = bench.record(REQUEST, { eventSourceARN: 'arn:aws:sqs:eu-west-1:000000000000:another' });
  await expect(bench.handle(record)).rejects.toThrow('is not a request queue');
  expect(bench.calls).toEqual([]);
});
