import { beforeEach, describe, expect, test } from '@jest/globals';
import type { IncomingRecord } from '../../../lib/platform/incoming-record.ts';
import { type Bench, createBench, REDRIVE_ARN, START_MS } from '../../support/memory-bench.ts';
import { handleBatchOfPrevious } from '../previous-worker.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DUE_MS = START_MS + HOUR_MS;
const OFF = /^releases are switched off in this deployment: /;

let bench: Bench;
beforeEach(() => {
  bench = createBench();
});

const at = (ms: number) => new Date(ms).toISOString();
const request = (changes: object = {}) => ({ idempotencyKey: 'key', room: { name: 'hall' }, ...changes });
const withRelease = (changes: object = {}) => request({ releaseAt: at(DUE_MS), ...changes });
const command = (changes: object = {}) => ({ type: 'Room Release Requested', idempotencyKey: 'key', ...changes });
const handle = (body: object) => bench.handle(bench.record(body));
const rooms = () => bench.ivsChat.rooms().length;
const types = () => bench.completions().map(({ type }) => type.replace('greenroom.room.', ''));
const last = () => bench.completions().at(-1)?.data;
const passUntil = (ms: number) => bench.pass(Math.max(0, ms - bench.clock.nowMs()));
async function release() {
  const { regions } = await bench.release();
  return regions.find(({ region }) => region === 'eu-west-1');
}
const wishOf = ({ release_at, release_wished_at, release_due_at }: Record<string, unknown>) => ({
  release_at,
  release_wished_at,
  release_due_at,
});

describe('in the first step, no message writes a wish:', () => {
  beforeEach(() => bench.switchReleases(false));

  test('a request with a release is refused, and a later one without it gets the key', async () => {
    expect(await handle(withRelease())).toMatchObject({ kind: 'answered', how: 'invalid' });
    expect(last()).toMatchObject({
      reason: 'invalid-request',
      problems: [{ path: 'releaseAt', message: expect.stringMatching(OFF) }],
    });
    expect(bench.stored('key')).toEqual({});
    expect(await handle(request())).toMatchObject({ how: 'created' });
    expect(bench.stored('key')).toMatchObject({ schema_version: 1 });
  });

  test('a request with a release for a key that has a room is refused, and not told of the room', async () => {
    await handle(request());
    const before = bench.stored('key');
    expect(await handle(withRelease())).toMatchObject({ how: 'invalid' });
    expect(bench.stored('key')).toEqual(before);
    expect(types()).toEqual(['provisioned.v1', 'failed.v1']);
  });

  test('a request with a release for a key that another worker holds waits, and is refused when the lease ends', async () => {
    await bench.crash(bench.record(request()), 'CreateRoom');
    expect(await handle(withRelease())).toMatchObject({ kind: 'postponed', reason: 'busy' });
    bench.pass(2 * MINUTE_MS);
    expect(await handle(withRelease())).toMatchObject({ how: 'invalid' });
    expect(await handle(request())).toMatchObject({ kind: 'postponed', reason: 'unsettled' });
  });

  test('a release command is refused', async () => {
    await handle(request());
    const before = bench.stored('key');
    await handle(command());
    expect(last()).toMatchObject({ outcome: 'release-failed', reason: 'invalid-request' });
    expect(bench.stored('key')).toEqual(before);
  });
});

describe('after a rollback from the second step to the first,', () => {
  const rollBack = () => bench.switchReleases(false);
  const goOn = () => bench.switchReleases(true);

  test.each(['CreateRoom', 'Publish'])(
    'a request with a release that was under way at %s gets its one room, and its wish stays',
    async (name) => {
      const record = bench.record(withRelease());
      await bench.crash(record, name);
      const wish = wishOf(bench.stored('key'));
      rollBack();
      bench.pass(30 * MINUTE_MS);
      expect(await bench.handle(record)).toMatchObject({ kind: 'answered' });
      expect(rooms()).toBe(1);
      expect(types()).toEqual(['provisioned.v1']);
      const item = bench.stored('key');
      expect(wishOf(item)).toEqual(wish);
      expect(item).toMatchObject({
        status: 'COMPLETED',
        release_shard: 'eu-west-1#1',
        release_look_at: DUE_MS + 30_000,
      });
      expect(item).not.toHaveProperty('expires_at');
    },
  );

  test('a request whose wish was not stored yet is refused, creates no room, and leaves the key to the next one', async () => {
    const record = bench.record(withRelease());
    let writes = 0;
    bench.before('UpdateItem', () => {
      writes += 1;
      if (writes === 2) throw Object.assign(new Error('out of order'), { name: 'OutOfOrder' });
    });
    await bench.handle(record).catch(() => undefined);
    bench.before('UpdateItem', () => undefined);
    expect(bench.stored('key')).not.toHaveProperty('release_at');
    rollBack();
    bench.pass(2 * MINUTE_MS);
    expect(await bench.handle(record)).toMatchObject({ how: 'invalid' });
    expect(rooms()).toBe(0);
    goOn();
    expect(await handle(withRelease())).toMatchObject({ how: 'created' });
  });

  test('a repeated request with a later release is answered with its room, and its wish is stored', async () => {
    await handle(withRelease());
    rollBack();
    bench.pass(MINUTE_MS);
    expect(await handle(withRelease({ releaseAt: at(DUE_MS + HOUR_MS) }))).toMatchObject({ how: 'replayed' });
    expect(bench.stored('key')).toMatchObject({ release_at: DUE_MS + HOUR_MS });
  });

  test('a wish that was stored before its request applies to the room of a request without a release', async () => {
    await handle(command({ releaseAt: at(DUE_MS) }));
    rollBack();
    expect(await handle(request())).toMatchObject({ how: 'created' });
    expect(bench.stored('key')).toMatchObject({ release_at: DUE_MS, release_look_at: expect.any(Number) });
    expect(bench.stored('key')).not.toHaveProperty('expires_at');
  });

  test('the requests and commands of greenroom’s own functions are followed, because their event or row was accepted before', async () => {
    rollBack();
    const member = withRelease({
      idempotencyKey: 'live/final/a',
      roster: 'r',
      releaseWishedAt: at(START_MS),
    });
    expect(await bench.handle(bench.memberRecord(member))).toMatchObject({ how: 'created' });
    expect(bench.stored('live/final/a')).toMatchObject({ release_at: DUE_MS });
    const extension = command({ idempotencyKey: 'live/final/a', releaseAt: at(2 * DUE_MS - START_MS) });
    bench.pass(1_000);
    expect(await bench.handle(bench.memberRecord(extension))).toMatchObject({ how: 'release-scheduled' });
  });

  test('a command that was in a queue is refused, and a room that is due is kept until releases are switched on again', async () => {
    await handle(withRelease());
    rollBack();
    await handle(command({ releaseAt: null }));
    expect(last()).toMatchObject({ outcome: 'release-failed', problems: [{ message: expect.stringMatching(OFF) }] });
    passUntil(DUE_MS + MINUTE_MS);
    expect(await release()).toMatchObject({ released: 0, delayed: 1 });
    expect(bench.stored('key')).not.toHaveProperty('release_marked_at');
    expect(bench.stored('key')).not.toHaveProperty('expires_at');
    expect(bench.callsOf('GetRoom').length + bench.callsOf('DeleteRoom').length).toBe(0);
    goOn();
    bench.pass(15 * MINUTE_MS);
    expect(await release()).toMatchObject({ released: 1 });
    expect(rooms()).toBe(0);
  });

  test.each(['DeleteRoom', 'Publish'])('a release that was marked, and stopped at %s, is finished', async (name) => {
    await handle(withRelease());
    passUntil(DUE_MS + MINUTE_MS);
    await bench.crashRelease(name);
    expect(bench.stored('key')).toHaveProperty('release_marked_at');
    rollBack();
    bench.pass(2 * MINUTE_MS);
    expect(await release()).toMatchObject({ released: 1 });
    expect(rooms()).toBe(0);
    expect(types()).toEqual(['provisioned.v1', 'released.v1']);
  });

  test('rooms that are due, but not marked, do not hide a marked one in the index', async () => {
    const others = Array.from({ length: 30 }, (_, index) => `key-${index}`);
    await handle(withRelease({ idempotencyKey: 'marked' }));
    passUntil(DUE_MS - MINUTE_MS);
    for (const idempotencyKey of others) await handle(withRelease({ idempotencyKey, releaseAt: at(DUE_MS + HOUR_MS) }));
    passUntil(DUE_MS + MINUTE_MS);
    await bench.crashRelease('DeleteRoom');
    expect(bench.stored('marked')).toHaveProperty('release_marked_at');
    // All others precede the marked one in its shard.
    const first = {
      release_shard: bench.stored('marked').release_shard,
      release_look_at: DUE_MS,
      release_due_at: DUE_MS,
    };
    for (const key of others) await bench.changeItem(key, first);
    rollBack();
    bench.pass(2 * MINUTE_MS);
    expect(await release()).toMatchObject({ released: 1, delayed: 30 });
    expect(bench.stored('marked')).toHaveProperty('released_at');
    expect(rooms()).toBe(30);
  });
});

describe('a rollback beyond the first step parks what meets a wish, and loses nothing:', () => {
  /** Handles a message in a worker of release 0.1.0. */
  async function handleInPrevious(record: IncomingRecord): Promise<void> {
    expect(await handleBatchOfPrevious(bench, [record])).toEqual({ batchItemFailures: [] });
  }
  const parked = () => bench.messaging.parked.map(({ note }) => JSON.parse(note).reason);

  const STATES: [string, () => Promise<unknown>][] = [
    ['with only a wish', () => handle(command({ releaseAt: at(DUE_MS) }))],
    ['with an intent', () => bench.crash(bench.record(withRelease()), 'Publish')],
    ['with a room that waits for its release', () => handle(withRelease())],
    [
      'whose release is marked',
      async () => {
        await handle(withRelease());
        passUntil(DUE_MS + MINUTE_MS);
        await bench.crashRelease('DeleteRoom');
      },
    ],
    [
      'that failed',
      async () => {
        bench.ivsChat.inject({ operation: 'CreateRoom', fault: { error: 'ValidationException', status: 400 } });
        await handle(withRelease());
      },
    ],
  ];

  test.each(STATES)('an item %s', async (_state, reach) => {
    await reach();
    const [before, roomsBefore, publishedBefore] = [bench.stored('key'), rooms(), types().length];
    expect(before).toMatchObject({ schema_version: 2 });
    bench.pass(30 * MINUTE_MS);
    const record = bench.record(request());
    await handleInPrevious(record);
    expect(parked()).toEqual(['damaged-item']);
    expect(bench.stored('key')).toEqual(before);
    expect([rooms(), types().length]).toEqual([roomsBefore, publishedBefore]);
    // The upgrade, and the redrive of the parked request.
    const redriven = bench.record(request(), { eventSourceARN: REDRIVE_ARN });
    await bench.handle(redriven);
    passUntil(DUE_MS + 2 * HOUR_MS);
    await release();
    // The wish of a failed request does not apply to a request that was sent later (rule BOUND).
    const isKept = before.decision === 'failed';
    expect(types().includes('released.v1')).toBe(!isKept);
    expect(rooms()).toBe(isKept ? 1 : 0);
    expect(bench.stored('key')).toMatchObject({ decision: 'room', status: 'COMPLETED' });
  });

  test('other keys are handled as usual', async () => {
    await handle(withRelease());
    await handleInPrevious(bench.record(request({ idempotencyKey: 'other' })));
    expect(parked()).toEqual([]);
    expect(bench.stored('other')).toMatchObject({ decision: 'room', status: 'COMPLETED', schema_version: 1 });
  });

  test('0.1.0 answers messages with a release as invalid requests, so the lanes must be empty before the rollback', async () => {
    const record = bench.record(withRelease());
    await bench.crash(record, 'Publish');
    const before = bench.stored('key');
    await handleInPrevious(record);
    await handleInPrevious(bench.record(command()));
    expect(bench.completions().map(({ data }) => data.reason)).toEqual(['invalid-request', 'invalid-request']);
    expect(bench.stored('key')).toEqual(before);
  });

  test('control: without the new version of the item, 0.1.0 would let an item with an open wish expire', async () => {
    await bench.crash(bench.record(withRelease()), 'Publish');
    await bench.changeItem('key', { schema_version: 1 });
    bench.pass(30 * MINUTE_MS);
    await handleInPrevious(bench.record(request()));
    expect(bench.stored('key')).toHaveProperty('expires_at');
    expect(bench.stored('key')).not.toHaveProperty('release_look_at');
  });
});
