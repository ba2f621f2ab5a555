import { beforeEach, describe, expect, test } from '@jest/globals';
import { KEY_TAG } from '../../../lib/ledger/room-tags.ts';
import { type Bench, createBench, DAY_MS, START_MS } from '../../support/memory-bench.ts';

const REQUEST = { idempotencyKey: 'key', room: { name: 'hall' } };
const OTHER = { idempotencyKey: 'key', room: { name: 'studio' } };
const LEASE_MS = 90_000;

let bench: Bench;
beforeEach(() => {
  bench = createBench();
});

const deliver = (body: object = REQUEST) => bench.handle(bench.record(body));
const crash = (name: string, body: object = REQUEST) => bench.crash(bench.record(body), name);
const refuse = () => {
  const members = { reason: 'OTHER' };
  bench.ivsChat.inject({ operation: 'CreateRoom', fault: { error: 'ValidationException', members } });
};
const uuid = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
const sha256 = expect.stringMatching(/^[0-9a-f]{64}$/);

describe('a new key', () => {
  test('is claimed with all attributes that its item must have', async () => {
    await crash('CreateRoom', { ...REQUEST, neededBy: new Date(START_MS + 5_000).toISOString() });
    expect(bench.stored('key')).toEqual({
      id: sha256,
      schema_version: 1,
      idempotency_key: 'key',
      region: 'eu-west-1',
      tenant: 'default',
      status: 'INPROGRESS',
      lease_token: uuid,
      lease_end: START_MS + LEASE_MS,
      version: 2,
      claim_id: uuid,
      generation: 0,
      payload_hash: sha256,
      needed_by: START_MS + 5_000,
      create_started_at: START_MS,
    });
  });

  test('has its time to live set when it is completed, and not earlier (rule TTL)', async () => {
    await deliver();
    expect(bench.stored('key')).toMatchObject({
      status: 'COMPLETED',
      expires_at: (START_MS + 90 * DAY_MS) / 1000,
      lease_end: START_MS + LEASE_MS,
      decision: 'room',
      decided_at: START_MS,
      room_arn: bench.ivsChat.rooms()[0]?.arn,
      version: 4,
    });
  });
});

describe('a key that another worker has claimed', () => {
  test('makes its message return in about five seconds', async () => {
    await crash('CreateRoom');
    expect(await deliver()).toEqual({
      kind: 'postponed',
      reason: 'busy',
      untilMs: START_MS + 5_000,
      mayHaveRoom: true,
    });
  });

  test('makes its message return at the end of the lease if that is sooner', async () => {
    await crash('CreateRoom');
    bench.pass(LEASE_MS - 2_000);
    expect(await deliver()).toMatchObject({ reason: 'busy', untilMs: START_MS + LEASE_MS + 1_000 });
  });

  test('is taken over after the end of the lease, with its facts and a new token', async () => {
    await crash('CreateRoom');
    const first = bench.stored('key');
    bench.pass(LEASE_MS);
    expect(await deliver()).toMatchObject({ reason: 'busy' });
    bench.pass(1);
    expect(await deliver()).toMatchObject({ reason: 'unsettled' });
    const neededBy = START_MS + LEASE_MS + 1 + DAY_MS;
    const unsettled = { first: bench.clock.nowMs(), last: bench.clock.nowMs(), count: 1 };
    expect(bench.stored('key')).toEqual({
      ...first,
      lease_token: uuid,
      lease_end: 0,
      version: 4,
      needed_by: neededBy,
      waits: { unsettled },
    });
    expect(bench.stored('key').lease_token).not.toBe(first.lease_token);
  });

  test('cannot be claimed for another payload, whether or not the lease has ended (rule OWNER)', async () => {
    await crash('CreateRoom');
    const before = bench.stored('key');
    for (const waitMs of [0, LEASE_MS + 1]) {
      bench.pass(waitMs);
      expect(await deliver(OTHER)).toMatchObject({ kind: 'answered', how: 'key-reused' });
    }
    expect(bench.stored('key')).toEqual(before);
  });

  test('needs its room as long as any of its messages needs it', async () => {
    const neededIn = (ms: number) => ({ ...REQUEST, neededBy: new Date(START_MS + ms).toISOString() });
    await crash('CreateRoom', neededIn(100_000));
    for (const ms of [300_000, 200_000]) {
      bench.pass(LEASE_MS + 1);
      expect(await deliver(neededIn(ms))).toMatchObject({ reason: 'unsettled' });
      expect(bench.stored('key').needed_by).toBe(START_MS + 300_000);
    }
  });
});

describe('a key that has its room', () => {
  test('is replayed with the same completion, and nothing is written', async () => {
    await deliver();
    const before = bench.stored('key');
    const outcome = await deliver({ ...REQUEST, correlationId: 'again' });
    const [first, again] = bench.completions();
    expect(again).toEqual(first);
    expect(outcome).toEqual({ kind: 'answered', how: 'replayed', completionId: first.id });
    expect(bench.stored('key')).toEqual(before);
    expect(bench.callNames().slice(-2)).toEqual(['UpdateItem', 'Publish']);
    expect(bench.messaging.published.at(-1)?.attributes).toMatchObject({ correlationId: 'again' });
  });

  test('cannot be claimed for another payload, which gets its own failure', async () => {
    await deliver();
    const before = bench.stored('key');
    const outcome = await deliver({ ...OTHER, tenant: 'another', correlationId: 'other' });
    const completion = bench.completions().at(-1);
    expect(outcome).toEqual({
      kind: 'answered',
      how: 'key-reused',
      completionId: completion.id,
      failure: 'key-reused-with-different-payload',
    });
    expect(completion).toMatchObject({
      source: '/greenroom/simulation',
      subject: 'key',
      time: '2026-01-01T00:00:00.000Z',
    });
    expect(completion.data).toEqual({
      idempotencyKey: 'key',
      tenant: 'another',
      region: 'eu-west-1',
      claimId: before.claim_id,
      outcome: 'failed',
      reason: 'key-reused-with-different-payload',
      error: { name: 'KeyReused', message: expect.stringContaining('Use a new key') },
      retryable: false,
    });
    expect(bench.messaging.published.at(-1)?.attributes).toMatchObject({ correlationId: 'other' });
    expect(bench.stored('key')).toEqual(before);
  });
});

describe('a key that failed', () => {
  test('replays its failure for messages that were sent before it', async () => {
    refuse();
    const early = bench.record(REQUEST);
    bench.pass(1_000);
    await deliver();
    expect(await bench.handle(early)).toMatchObject({ how: 'replayed' });
    expect(bench.completions()).toHaveLength(2);
    expect(bench.ivsChat.rooms()).toEqual([]);
  });

  test('counts as decided no earlier than its request was sent, so that different clocks do not let it claim itself again', async () => {
    refuse();
    const ahead = bench.record(REQUEST, {
      attributes: { ApproximateReceiveCount: 1, SentTimestamp: START_MS + 5_000 },
    });
    await bench.handle(ahead);
    expect(bench.stored('key').decided_at).toBe(START_MS + 5_000);
    expect(await bench.handle(ahead)).toMatchObject({ how: 'replayed' });
  });

  test.each([
    ['the same payload', REQUEST],
    ['another payload', OTHER],
  ])('begins a new generation for a request that is sent later with %s (rule FREE)', async (_which, body) => {
    refuse();
    // The failure is published a second later, and no sender can react before that.
    await deliver();
    const failed = bench.stored('key');
    expect(await deliver({ ...body, region: 'us-east-1' })).toMatchObject({ kind: 'answered', how: 'created' });
    const item = bench.stored('key');
    expect(item).toMatchObject({
      status: 'COMPLETED',
      decision: 'room',
      claim_id: failed.claim_id,
      generation: 1,
      region: 'us-east-1',
      version: 8,
      needed_by: START_MS + 1_000 + DAY_MS,
      decided_at: START_MS + 1_000,
    });
    const [room] = bench.ivsChat.rooms();
    expect(room?.tags).toMatchObject({ [KEY_TAG]: item.id, 'greenroom:claim': `${item.claim_id}.1` });
    expect(bench.completions().at(-1).data).toMatchObject({ outcome: 'created', generation: 1 });
  });

  test('has no attributes of the last generation in the new one', async () => {
    bench.ivsChat.inject({ operation: 'CreateRoom', fault: { error: 'AccessDeniedException' } });
    await deliver();
    bench.pass(60_000);
    refuse();
    await deliver();
    const failed = bench.stored('key');
    expect(failed).toMatchObject({ decision: 'failed', denied_at: START_MS, expires_at: expect.any(Number) });
    bench.pass(1_000);
    await crash('CreateRoom', OTHER);
    const { decision, decided_at, completion, denied_at, expires_at, ...kept } = failed;
    expect(bench.stored('key')).toEqual({
      ...kept,
      status: 'INPROGRESS',
      generation: 1,
      version: Number(failed.version) + 2,
      lease_token: uuid,
      lease_end: bench.clock.nowMs() + LEASE_MS,
      payload_hash: sha256,
      needed_by: bench.clock.nowMs() + DAY_MS,
      create_started_at: bench.clock.nowMs(),
      answered_until: decided_at,
      begun_after: decided_at,
    });
    expect(bench.stored('key').payload_hash).not.toBe(failed.payload_hash);
  });

  /** Changes the item after this worker has read it and before it writes the new generation. */
  function beforeRetake(action: () => Promise<void>): void {
    let done = false;
    bench.before('UpdateItem', async ({ input }) => {
      if (done || !input.UpdateExpression.includes('#generation = #generation')) return;
      done = true;
      await action();
    });
  }

  test('is busy for the second of two workers that claim it again', async () => {
    refuse();
    await deliver();
    beforeRetake(() =>
      bench.changeItem('key', { version: 99, status: 'INPROGRESS', lease_end: bench.clock.nowMs() + 2_000 }),
    );
    expect(await deliver()).toMatchObject({ kind: 'postponed', reason: 'busy', untilMs: START_MS + 4_000 });
    expect(bench.stored('key')).toMatchObject({ version: 99, generation: 0 });
  });

  test('makes its message return in a second if DynamoDB removes the item at that moment', async () => {
    refuse();
    await deliver();
    beforeRetake(() => bench.removeItem('key'));
    expect(await deliver()).toMatchObject({ kind: 'postponed', reason: 'busy', untilMs: START_MS + 2_000 });
    expect(bench.stored('key')).toEqual({});
  });
});
