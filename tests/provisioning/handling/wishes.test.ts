import { beforeEach, describe, expect, test } from '@jest/globals';
import { KEEP_MS } from '../../../lib/contract/release-wish.ts';
import { type Bench, createBench, DAY_MS, REDRIVE_ARN, START_MS } from '../../support/memory-bench.ts';

const REQUEST = { idempotencyKey: 'key', room: { name: 'hall' } };
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const GRACE_MS = 15 * MINUTE_MS;
const CLOCK_ERROR_MS = 30_000;
const LISTING_LAG_MS = 60_000;

let bench: Bench;
beforeEach(() => {
  bench = createBench();
});

const at = (ms: number) => new Date(ms).toISOString();
const request = (releaseAtMs?: number, changes: object = {}) =>
  bench.handle(
    bench.record({ ...REQUEST, ...(releaseAtMs !== undefined && { releaseAt: at(releaseAtMs) }), ...changes }),
  );

interface Command {
  releaseAtMs?: number | null;
  wishedAtMs?: number;
  tenant?: string;
  correlationId?: string;
}

function command({ releaseAtMs, wishedAtMs, ...rest }: Command = {}) {
  const body = {
    type: 'Room Release Requested',
    idempotencyKey: 'key',
    ...(releaseAtMs !== undefined && { releaseAt: releaseAtMs === null ? null : at(releaseAtMs) }),
    ...(wishedAtMs !== undefined && { wishedAt: at(wishedAtMs) }),
    ...rest,
  };
  return bench.handle(bench.record(body));
}

/** The data of the last published event. */
const answer = () => bench.completions().at(-1).data;
const wish = () => {
  const { release_at, release_wished_at, release_due_at } = bench.stored('key');
  return { release_at, release_wished_at, release_due_at };
};
const mark = (markedAtMs: number, changes: object = {}) =>
  bench.changeItem('key', { release_marked_at: markedAtMs, ...changes });

describe("a request's own wish", () => {
  test('is stored, and its room waits in the due index without a time to live (rule KEEP)', async () => {
    await request(START_MS + HOUR_MS);
    const stored = bench.stored('key');
    expect(stored).toMatchObject({
      schema_version: 2,
      status: 'COMPLETED',
      release_at: START_MS + HOUR_MS,
      release_wished_at: START_MS,
      release_due_at: START_MS + HOUR_MS,
      release_look_at: START_MS + HOUR_MS + CLOCK_ERROR_MS,
      release_shard: `eu-west-1#${Math.floor(Number.parseInt(String(stored.id).charAt(0), 16) / 2)}`,
    });
    expect(stored).not.toHaveProperty('expires_at');
  });

  test('costs one write, and a request without one costs none', async () => {
    await request(START_MS + HOUR_MS);
    const withWish = bench.callsOf('UpdateItem').filter(({ input }) => input.TableName === 'ledger').length;
    const other = createBench();
    await other.handle(other.record(REQUEST));
    const without = other.callsOf('UpdateItem').filter(({ input }) => input.TableName === 'ledger').length;
    expect([without, withWish]).toEqual([4, 5]);
    expect(other.stored('key')).toMatchObject({ schema_version: 1 });
  });

  test('leaves a room that is younger than the listing lag in the index for longer (rule YOUNG)', async () => {
    await request(START_MS + 1_000);
    expect(bench.stored('key')).toMatchObject({ release_look_at: START_MS + LISTING_LAG_MS + CLOCK_ERROR_MS });
  });

  test('replaces an older one when the request is repeated (rule AGAIN)', async () => {
    await request(START_MS + HOUR_MS);
    bench.pass(1_000);
    expect(await request(START_MS + 2 * HOUR_MS)).toMatchObject({ how: 'replayed' });
    expect(bench.stored('key')).toMatchObject({
      release_at: START_MS + 2 * HOUR_MS,
      release_look_at: START_MS + 2 * HOUR_MS + CLOCK_ERROR_MS,
    });
    expect(bench.callsOf('CreateRoom')).toHaveLength(1);
  });

  test('is not stored if the key belongs to another payload (rule MINE)', async () => {
    await request(START_MS + 2 * HOUR_MS);
    bench.pass(1_000);
    expect(await request(START_MS + HOUR_MS, { room: { name: 'studio' } })).toMatchObject({ how: 'key-reused' });
    expect(wish().release_at).toBe(START_MS + 2 * HOUR_MS);
  });

  test('that is due before a room is created fails the request, and a later request gets a room', async () => {
    expect(await request(START_MS - MINUTE_MS)).toMatchObject({ how: 'failed', failure: 'release-due' });
    expect(answer()).toMatchObject({ reason: 'release-due', retryable: true });
    bench.pass(1_000);
    expect(await request()).toMatchObject({ how: 'created' });
    // The wish of the failed request does not bind the next one (rule BOUND).
    expect(bench.stored('key')).toMatchObject({ generation: 1, begun_after: START_MS, expires_at: expect.any(Number) });
    expect(bench.stored('key')).not.toHaveProperty('release_look_at');
  });
});

describe('a release command', () => {
  test('that arrives before its request is stored, and applies to the room (rules HOLD, LEAVE and CLEAR)', async () => {
    expect(await command({ releaseAtMs: START_MS + HOUR_MS })).toMatchObject({ how: 'release-scheduled' });
    expect(answer()).toMatchObject({ state: 'unknown', superseded: false });
    expect(bench.stored('key')).toMatchObject({
      schema_version: 2,
      idempotency_key: 'key',
      expires_at: (START_MS + HOUR_MS + 90 * DAY_MS) / 1000,
    });
    bench.pass(1_000);
    await bench.crash(bench.record(REQUEST), 'CreateRoom');
    expect(bench.stored('key')).toMatchObject({ status: 'INPROGRESS', release_at: START_MS + HOUR_MS });
    expect(bench.stored('key')).not.toHaveProperty('expires_at');
  });

  test('without a time means now, after a grace period in which it can be withdrawn', async () => {
    await request();
    bench.pass(HOUR_MS);
    const nowMs = START_MS + HOUR_MS;
    expect(await command({ correlationId: 'c-1' })).toMatchObject({ how: 'release-scheduled' });
    expect(answer()).toEqual({
      idempotencyKey: 'key',
      tenant: 'default',
      region: 'eu-west-1',
      outcome: 'release-scheduled',
      wishedAt: at(nowMs),
      releaseAt: at(nowMs),
      superseded: false,
      standing: { wishedAt: at(nowMs), releaseAt: at(nowMs), notBefore: at(nowMs + GRACE_MS) },
      state: 'made',
    });
    expect(bench.messaging.published.at(-1)?.attributes).toMatchObject({ correlationId: 'c-1' });
    expect(bench.stored('key')).toMatchObject({ release_look_at: nowMs + GRACE_MS + CLOCK_ERROR_MS });
    bench.pass(1_000);
    await command({ releaseAtMs: null });
    expect(answer()).toMatchObject({ releaseAt: null, standing: { releaseAt: null, notBefore: null } });
    expect(bench.stored('key')).toMatchObject({ release_at: KEEP_MS, expires_at: expect.any(Number) });
    expect(bench.stored('key')).not.toHaveProperty('release_look_at');
  });

  test('that is delivered again is answered again, and changes nothing', async () => {
    await request();
    const record = bench.record({ type: 'Room Release Requested', idempotencyKey: 'key' });
    await bench.handle(record);
    const before = bench.stored('key');
    bench.pass(MINUTE_MS);
    expect(await bench.handle(record)).toMatchObject({ how: 'release-scheduled' });
    expect(bench.stored('key')).toEqual(before);
  });

  const wishes = [
    { releaseAtMs: START_MS + HOUR_MS, wishedAtMs: START_MS - 3 },
    { releaseAtMs: START_MS + 3 * HOUR_MS, wishedAtMs: START_MS - 2 },
    { releaseAtMs: START_MS + 2 * HOUR_MS, wishedAtMs: START_MS - 2 },
    { releaseAtMs: null, wishedAtMs: START_MS - 4 },
  ];
  test.each(permutations(wishes))(
    'wins by when it was made, in every order of arrival (rules RANK and TIE): %#',
    async (...order) => {
      await request();
      for (const each of [...order, order[0]]) await command(each);
      expect(wish()).toMatchObject({ release_at: START_MS + 3 * HOUR_MS, release_wished_at: START_MS - 2 });
    },
  );

  test('that is older than the wish that applies is answered with that wish', async () => {
    await command({ releaseAtMs: START_MS + HOUR_MS, wishedAtMs: START_MS - 1 });
    await command({ releaseAtMs: null, wishedAtMs: START_MS - 2 });
    expect(answer()).toMatchObject({
      superseded: true,
      releaseAt: null,
      standing: { wishedAt: at(START_MS - 1), releaseAt: at(START_MS + HOUR_MS), notBefore: at(START_MS + HOUR_MS) },
    });
  });

  test('that arrives after the mark is refused (rule LATE)', async () => {
    await request(START_MS + HOUR_MS);
    await mark(START_MS + HOUR_MS);
    const before = bench.stored('key');
    bench.pass(2 * HOUR_MS);
    expect(await command({ releaseAtMs: null })).toMatchObject({ how: 'release-failed' });
    expect(answer()).toMatchObject({ outcome: 'release-failed', reason: 'too-late' });
    expect(bench.stored('key')).toEqual(before);
  });

  test('for the room of another tenant is refused', async () => {
    await request(undefined, { tenant: 'blue' });
    const before = bench.stored('key');
    await command({ tenant: 'green' });
    expect(answer()).toMatchObject({ reason: 'other-tenant', tenant: 'blue' });
    expect(bench.stored('key')).toEqual(before);
    await command({ tenant: 'blue' });
    expect(answer()).toMatchObject({ outcome: 'release-scheduled' });
  });

  test('that was made before the failure of an earlier generation is outdated (rule BOUND)', async () => {
    await request(START_MS - MINUTE_MS);
    bench.pass(1_000);
    await request();
    await command({ releaseAtMs: START_MS + HOUR_MS, wishedAtMs: START_MS - 1 });
    expect(answer()).toMatchObject({ reason: 'outdated' });
  });

  test.each([
    ['the wish cannot be stored', 'UpdateItem', 'ledger-unavailable'],
    ['the answer cannot be published', 'Publish', 'publish-failed'],
  ])('waits if %s', async (_what, call, reason) => {
    bench.fail(call);
    expect(await command()).toMatchObject({ kind: 'postponed', reason });
    expect(await command()).toMatchObject({ how: 'release-scheduled' });
  });

  test('for an item that cannot be read is parked', async () => {
    await request();
    await bench.changeItem('key', { schema_version: 9 });
    expect(await command()).toMatchObject({ kind: 'parked', reason: 'damaged-item' });
  });
});

describe('a wish and the worker that holds the claim', () => {
  /** Stores a wish just before a write of the worker takes effect, without an answer to anybody. */
  function wishBefore(isWrite: (update: string) => boolean, releaseAtMs: number | null): void {
    let isOver = false;
    bench.beforeAny(async ({ name, input }) => {
      if (isOver || name !== 'UpdateItem' || !isWrite(String(input.UpdateExpression))) return;
      isOver = true;
      await command({ releaseAtMs, wishedAtMs: START_MS + 1 });
    });
  }

  test('do not affect each other: the checkpoint is written (rule APART)', async () => {
    wishBefore((update) => update.includes('#room_arn'), START_MS + HOUR_MS);
    expect(await request()).toMatchObject({ how: 'created' });
    expect(bench.stored('key')).toMatchObject({ version: 4, release_look_at: START_MS + HOUR_MS + CLOCK_ERROR_MS });
    expect(bench.ivsChat.rooms()).toHaveLength(1);
  });

  test('the item is completed with a wish that arrives at the same time (rule SEEN)', async () => {
    wishBefore((update) => update.includes(':completed'), START_MS + HOUR_MS);
    expect(await request()).toMatchObject({ how: 'created' });
    expect(bench.stored('key')).toMatchObject({
      status: 'COMPLETED',
      release_look_at: START_MS + HOUR_MS + CLOCK_ERROR_MS,
    });
    expect(bench.stored('key')).not.toHaveProperty('expires_at');
  });

  test('a request whose release is due gets its room if the wish is withdrawn in time (rule DUE)', async () => {
    wishBefore((update) => update.includes(':decision'), null);
    expect(await request(START_MS - MINUTE_MS)).toMatchObject({ how: 'created' });
    expect(bench.stored('key')).toMatchObject({ release_at: KEEP_MS, decision: 'room' });
  });

  test('a request waits while a command for now can still be withdrawn', async () => {
    await command();
    bench.pass(MINUTE_MS);
    expect(await request()).toMatchObject({ kind: 'postponed', reason: 'release-grace' });
    bench.pass(GRACE_MS + MINUTE_MS);
    expect(await request()).toMatchObject({ how: 'failed', failure: 'release-due' });
    expect(bench.callsOf('CreateRoom')).toEqual([]);
  });
});

describe('a request for a released key', () => {
  const released = { release_marked_at: START_MS + HOUR_MS, released_at: START_MS + HOUR_MS + 1 };

  test('that was sent before the mark is answered with the room, and that it was released', async () => {
    const record = bench.record(REQUEST);
    await bench.handle(record);
    const { room } = answer();
    const event = {
      specversion: '1.0',
      id: '0'.repeat(64),
      source: '/greenroom/simulation',
      time: at(START_MS + HOUR_MS),
      datacontenttype: 'application/json',
      subject: 'key',
      type: 'greenroom.room.released.v1',
      data: {
        idempotencyKey: 'key',
        tenant: 'default',
        region: 'eu-west-1',
        generation: 0,
        outcome: 'released',
        room: { arn: room.arn, id: room.id, name: room.name },
        releaseAt: at(START_MS + HOUR_MS),
        wishedAt: at(START_MS),
      },
    };
    await bench.changeItem('key', { ...released, released_event: JSON.stringify(event) });
    bench.pass(2 * HOUR_MS);
    expect(await bench.handle(record)).toMatchObject({ how: 'replayed' });
    expect(bench.completions().slice(-2)).toMatchObject([{ type: 'greenroom.room.provisioned.v1' }, event]);
    expect(bench.messaging.published.at(-1)?.attributes).not.toHaveProperty('lane');
  });

  test('that was sent after the mark fails: the key is spent (rule SPENT)', async () => {
    await request();
    await mark(START_MS + HOUR_MS, released);
    bench.pass(2 * HOUR_MS);
    expect(await request()).toMatchObject({ how: 'key-released', failure: 'key-released' });
    expect(answer()).toMatchObject({ reason: 'key-released', retryable: false });
    expect(bench.callsOf('CreateRoom')).toHaveLength(1);
  });
});

describe('a redriven request', () => {
  const refuse = () =>
    bench.ivsChat.inject({
      operation: 'CreateRoom',
      fault: { error: 'ValidationException', members: { reason: 'OTHER' } },
    });
  const redriven = (record: { body: string }, wishedAtMs: number) =>
    bench.handle(
      bench.record(record.body, {
        eventSourceARN: REDRIVE_ARN,
        messageAttributes: { 'greenroom-wished-at': { dataType: 'String', stringValue: at(wishedAtMs) } },
      }),
    );

  test('keeps the moment of its wish, so that an extension is not undone (rule ASKED)', async () => {
    const record = bench.record({ ...REQUEST, releaseAt: at(START_MS + HOUR_MS) });
    bench.pass(MINUTE_MS);
    await command({ releaseAtMs: START_MS + 5 * HOUR_MS });
    bench.pass(MINUTE_MS);
    expect(await redriven(record, START_MS)).toMatchObject({ how: 'created' });
    expect(wish().release_at).toBe(START_MS + 5 * HOUR_MS);
  });

  test('that begins a generation is bound by the wishes since it was first sent (rule REACH)', async () => {
    const record = bench.record({ ...REQUEST, releaseAt: at(START_MS + HOUR_MS) });
    await command({ releaseAtMs: START_MS + 5 * HOUR_MS, wishedAtMs: START_MS + 1 });
    bench.ivsChat.inject({
      operation: 'CreateRoom',
      fault: { error: 'ValidationException', members: { reason: 'OTHER' } },
    });
    expect(await bench.handle(record)).toMatchObject({ failure: 'refused' });
    bench.pass(MINUTE_MS);
    expect(await redriven(record, START_MS)).toMatchObject({ how: 'created' });
    expect(bench.stored('key')).toMatchObject({
      generation: 1,
      begun_after: START_MS - 1,
      release_look_at: START_MS + 5 * HOUR_MS + CLOCK_ERROR_MS,
    });
  });

  test('that is answered with the room of a later request has its wish stored nevertheless (rule LIFT)', async () => {
    const record = bench.record({ ...REQUEST, releaseAt: at(START_MS + HOUR_MS) });
    bench.ivsChat.inject({
      operation: 'CreateRoom',
      fault: { error: 'ValidationException', members: { reason: 'OTHER' } },
    });
    await bench.handle(record);
    bench.pass(MINUTE_MS);
    await request();
    expect(bench.stored('key')).not.toHaveProperty('release_look_at');
    bench.pass(MINUTE_MS);
    expect(await redriven(record, START_MS)).toMatchObject({ how: 'replayed' });
    expect(bench.stored('key')).toMatchObject({
      release_at: START_MS + HOUR_MS,
      release_wished_at: START_MS,
      begun_after: START_MS - 1,
      release_look_at: START_MS + HOUR_MS + CLOCK_ERROR_MS,
    });
    expect(bench.stored('key')).not.toHaveProperty('expires_at');
  });

  test('lets a newer wish that did not apply to the generation apply (rule LIFT)', async () => {
    const record = bench.record({ ...REQUEST, releaseAt: at(START_MS + HOUR_MS) });
    await command({ releaseAtMs: START_MS + 5 * HOUR_MS, wishedAtMs: START_MS + 1 });
    bench.pass(1_000);
    refuse();
    await bench.handle(record);
    bench.pass(MINUTE_MS);
    await request();
    expect(bench.stored('key')).not.toHaveProperty('release_look_at');
    await redriven(record, START_MS);
    expect(bench.stored('key')).toMatchObject({
      release_at: START_MS + 5 * HOUR_MS,
      release_wished_at: START_MS + 1,
      begun_after: START_MS - 1,
      release_look_at: START_MS + 5 * HOUR_MS + CLOCK_ERROR_MS,
    });
  });

  test('whose duplicate is delivered again after its failure has no wish for the room of a later request', async () => {
    const record = bench.record({ ...REQUEST, releaseAt: at(START_MS + HOUR_MS) });
    refuse();
    await bench.handle(record);
    bench.pass(MINUTE_MS);
    await request();
    bench.pass(1_000);
    expect(await bench.handle(record)).toMatchObject({ how: 'replayed' });
    expect(bench.stored('key')).not.toHaveProperty('release_look_at');
  });
});

function permutations<Item>(items: readonly Item[]): Item[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, index) => permutations(items.toSpliced(index, 1)).map((rest) => [item, ...rest]));
}
