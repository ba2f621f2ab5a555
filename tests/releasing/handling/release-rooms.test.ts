import { Readable } from 'node:stream';
import { DeleteRoomCommand, TagResourceCommand } from '@aws-sdk/client-ivschat';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { FaultPlan } from '../../../emulator/ivschat/faults.ts';
import { type Bench, createBench, DAY_MS, START_MS } from '../../support/memory-bench.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const CLOCK_ERROR_MS = 30_000;
const DUE_MS = START_MS + HOUR_MS;

let bench: Bench;
beforeEach(() => {
  bench = createBench();
});

const at = (ms: number) => new Date(ms).toISOString();
const create = (changes: object = {}) =>
  bench.handle(bench.record({ idempotencyKey: 'key', room: { name: 'hall' }, releaseAt: at(DUE_MS), ...changes }));
const command = (changes: object) =>
  bench.handle(bench.record({ type: 'Room Release Requested', idempotencyKey: 'key', ...changes }));
const passUntil = (ms: number) => bench.pass(ms - bench.clock.nowMs());
const ivsChat = () => bench.services.clients.ivsChat('eu-west-1');
const rooms = () => bench.ivsChat.rooms().length;
const types = () => bench.completions().map(({ type }) => type.replace('greenroom.room.', ''));
async function release(region = 'eu-west-1') {
  const { regions } = await bench.release();
  return regions.find((each) => each.region === region);
}

describe('a room whose release is due', () => {
  test('is deleted, announced, and forgotten after the retention time', async () => {
    await create();
    const { arn, id } = bench.ivsChat.rooms()[0] ?? {};
    passUntil(DUE_MS + CLOCK_ERROR_MS);
    const calls = bench.calls.length;
    expect(await release()).toMatchObject({ ended: 'done', released: 1, delayed: 0 });
    expect(rooms()).toBe(0);
    const stored = bench.stored('key');
    expect(stored).toMatchObject({ decision: 'room', room_arn: arn, release_marked_at: expect.any(Number) });
    expect(stored.expires_at).toBe(Math.floor(Number(stored.released_at) / 1000) + (90 * DAY_MS) / 1000);
    expect(stored).not.toHaveProperty('release_shard');
    expect(stored).not.toHaveProperty('release_look_at');
    const published = bench.messaging.published.at(-1);
    expect(JSON.parse(published?.body ?? '')).toEqual({
      specversion: '1.0',
      id: expect.stringMatching(/^[0-9a-f]{64}$/),
      source: '/greenroom/simulation',
      time: at(Number(stored.release_marked_at)),
      datacontenttype: 'application/json',
      subject: 'key',
      type: 'greenroom.room.released.v1',
      data: {
        idempotencyKey: 'key',
        tenant: 'default',
        region: 'eu-west-1',
        generation: 0,
        outcome: 'released',
        room: { arn, id, name: 'hall' },
        releaseAt: at(DUE_MS),
        wishedAt: at(START_MS),
      },
    });
    expect(published?.attributes).toEqual({
      type: 'greenroom.room.released.v1',
      outcome: 'released',
      tenant: 'default',
      region: 'eu-west-1',
    });
    const ofRelease = bench.calls.slice(calls).map(({ name }) => name);
    expect(ofRelease.filter((name) => name !== 'Query')).toEqual([
      'GetItem',
      'UpdateItem',
      'GetRoom',
      'UpdateItem',
      'UpdateItem',
      'DeleteRoom',
      'Publish',
      'UpdateItem',
      'UpdateItem',
    ]);
  });

  test('is not released a moment earlier (rule MARGIN)', async () => {
    await create();
    passUntil(DUE_MS + CLOCK_ERROR_MS - 1);
    expect(await release()).toMatchObject({ released: 0 });
    expect(rooms()).toBe(1);
  });

  test('is not released while it is so new that DeleteRoom may not see it (rule YOUNG)', async () => {
    bench = createBench({ newRoomLagMs: 60_000 });
    await create({ releaseAt: at(START_MS + 1_000) });
    await bench.changeItem('key', { release_look_at: START_MS });
    passUntil(START_MS + 89_000);
    expect(await release()).toMatchObject({ released: 0 });
    passUntil(START_MS + 90_000);
    expect(await release()).toMatchObject({ released: 1 });
    expect(rooms()).toBe(0);
  });

  test('is kept if the wish is withdrawn between the look and the mark (rules MARK and ATOMIC)', async () => {
    await create();
    passUntil(DUE_MS + CLOCK_ERROR_MS);
    bench.before('GetRoom', () => command({ releaseAt: null, wishedAt: at(START_MS + 1) }));
    expect(await release()).toMatchObject({ released: 0, delayed: 0 });
    expect(types()).toEqual(['provisioned.v1', 'release-scheduled.v1']);
    expect(rooms()).toBe(1);
  });

  test('is kept if somebody has changed its tag, which is announced once', async () => {
    await create();
    passUntil(DUE_MS + CLOCK_ERROR_MS);
    const [room] = bench.ivsChat.rooms();
    await ivsChat().send(new TagResourceCommand({ resourceArn: room?.arn, tags: { 'greenroom:claim': 'mine' } }));
    expect(await release()).toMatchObject({ released: 0, notOurs: 1 });
    expect(bench.completions().at(-1).data).toMatchObject({ outcome: 'release-failed', reason: 'not-ours' });
    bench.pass(HOUR_MS);
    await release();
    expect(types()).toEqual(['provisioned.v1', 'release-failed.v1']);
    expect(bench.stored('key')).toHaveProperty('expires_at');
    expect(rooms()).toBe(1);
  });

  test('stays in the index if a new wish for the same time arrives before it leaves', async () => {
    await create();
    passUntil(DUE_MS + CLOCK_ERROR_MS);
    const [room] = bench.ivsChat.rooms();
    await ivsChat().send(new TagResourceCommand({ resourceArn: room?.arn, tags: { 'greenroom:claim': 'mine' } }));
    let isOver = false;
    bench.before('Publish', async () => {
      if (isOver) return;
      isOver = true;
      // The grace period of a command would move the release.
      await create({ releaseAt: at(DUE_MS) });
    });
    await release();
    expect(bench.stored('key')).toMatchObject({
      release_wished_at: expect.any(Number),
      release_look_at: expect.any(Number),
    });
    expect(Number(bench.stored('key').release_wished_at)).toBeGreaterThan(START_MS);
  });

  test('that a person has deleted is announced as released', async () => {
    await create();
    await ivsChat().send(new DeleteRoomCommand({ identifier: bench.ivsChat.rooms()[0]?.arn }));
    passUntil(DUE_MS + CLOCK_ERROR_MS);
    expect(await release()).toMatchObject({ released: 1 });
    expect(types()).toEqual(['provisioned.v1', 'released.v1']);
  });

  test('waits for a slot, and nothing is marked, while an operator has stopped releases', async () => {
    await create();
    passUntil(DUE_MS + CLOCK_ERROR_MS);
    await bench.setPace('DeleteRoom', { stopped_at: START_MS });
    bench.pass(HOUR_MS);
    const stopped = await release();
    expect(stopped).toMatchObject({ ended: 'stopped', released: 0 });
    expect(stopped?.overdueMs).toBeGreaterThanOrEqual(HOUR_MS);
    expect(bench.stored('key')).not.toHaveProperty('release_marked_at');
    await bench.setPace('DeleteRoom', {});
    expect(await release()).toMatchObject({ ended: 'done', released: 1 });
  });
});

describe('a DeleteRoom', () => {
  const due = async () => {
    await create();
    passUntil(DUE_MS + CLOCK_ERROR_MS);
  };
  const inject = (fault: FaultPlan['fault'], times = 1) =>
    bench.ivsChat.inject({ operation: 'DeleteRoom', times, fault });

  test.each([
    ['lost, after its effect', { lostResponse: true }, 'unknown', 0],
    ['an error, after its effect', { errorAfterEffect: 500 }, 'unknown', 0],
    ['an error of a proxy', { proxyError: 502 }, 'unknown', 1],
    ['never received', { unsent: true }, 'unknown', 1],
    ['a conflict', { error: 'ConflictException' }, 'conflict', 1],
  ] as const)(
    'whose answer is %s is repeated after a minute, and announced once',
    async (_what, fault, delay, left) => {
      await due();
      inject(fault);
      expect(await release()).toMatchObject({ released: 0, delayed: 1 });
      expect(rooms()).toBe(left);
      expect(types()).toEqual(['provisioned.v1']);
      expect(bench.lines.at(-2)).toMatchObject({
        text: 'Could not delete a room that must be released',
        fields: { delay },
      });
      expect(await release()).toMatchObject({ released: 0, delayed: 0 });
      bench.pass(MINUTE_MS);
      expect(await release()).toMatchObject({ released: 1 });
      expect(types()).toEqual(['provisioned.v1', 'released.v1']);
      expect(rooms()).toBe(0);
    },
  );

  test('that a proxy answers with another status than 204 is repeated after a minute', async () => {
    await due();
    const { requestHandler } = ivsChat().config;
    const { handle } = requestHandler;
    requestHandler.handle = async (message, options) =>
      message.path === '/DeleteRoom'
        ? {
            response: {
              statusCode: 200,
              headers: { 'content-type': 'application/json' },
              body: Readable.from([Buffer.from('{}')]),
            },
          }
        : handle.call(requestHandler, message, options);
    expect(await release()).toMatchObject({ released: 0, delayed: 1 });
    requestHandler.handle = handle;
    expect([rooms(), types()]).toEqual([1, ['provisioned.v1']]);
    bench.pass(MINUTE_MS);
    expect(await release()).toMatchObject({ released: 1 });
  });

  test('that is throttled takes up to three slots, and lowers the rate of DeleteRoom only', async () => {
    await due();
    inject({ error: 'ThrottlingException' }, 2);
    expect(await release()).toMatchObject({ released: 1 });
    expect(bench.callsOf('DeleteRoom')).toHaveLength(3);
    expect(bench.measures.filter(([name]) => name === 'countThrottle')).toHaveLength(2);
  });

  test('that is throttled in three slots waits in the index for a minute', async () => {
    await due();
    inject({ error: 'ThrottlingException' }, 3);
    const beforeMs = bench.clock.nowMs();
    expect(await release()).toMatchObject({ released: 0, delayed: 1 });
    expect(bench.callsOf('DeleteRoom')).toHaveLength(3);
    expect(Number(bench.stored('key').release_look_at)).toBeGreaterThanOrEqual(beforeMs + MINUTE_MS);
  });

  test('that is denied for three rooms in a row ends the releases of the region, and waits longer each time', async () => {
    for (const key of ['a', 'b', 'c', 'd', 'e']) await create({ idempotencyKey: key });
    passUntil(DUE_MS + CLOCK_ERROR_MS);
    inject({ error: 'AccessDeniedException' }, 100);
    const first = await release();
    expect(first).toMatchObject({ ended: 'denied', released: 0 });
    expect(first?.denied).toBeGreaterThanOrEqual(3);
    const waits: number[] = [];
    for (let run = 0; run < 5; run++) {
      const lookAtMs = Number(bench.stored('a').release_look_at);
      passUntil(Math.max(lookAtMs, bench.clock.nowMs()));
      const nowMs = bench.clock.nowMs();
      await release();
      waits.push(Math.round((Number(bench.stored('a').release_look_at) - nowMs) / MINUTE_MS));
    }
    expect(waits).toEqual([...waits].sort((a, b) => a - b));
    expect(waits.at(-1)).toBe(60);
    expect(bench.stored('a')).not.toHaveProperty('expires_at');
  });

  test('that is denied for a room that is gone counts as a deletion, because a condition on the tag denies it', async () => {
    await due();
    const [room] = bench.ivsChat.rooms();
    inject({ lostResponse: true });
    await release();
    expect(rooms()).toBe(0);
    inject({ error: 'AccessDeniedException' });
    bench.pass(2 * MINUTE_MS);
    expect(await release()).toMatchObject({ released: 1, denied: 0 });
    expect(bench.completions().at(-1).data).toMatchObject({ outcome: 'released', room: { arn: room?.arn } });
  });

  test('that is refused is tried again after an hour, with an error in the log', async () => {
    await due();
    inject({ error: 'ValidationException', members: { reason: 'OTHER' } });
    const nowMs = bench.clock.nowMs();
    await release();
    expect(bench.lines.filter(({ level }) => level === 'error')).toHaveLength(1);
    expect(Number(bench.stored('key').release_look_at)).toBeGreaterThanOrEqual(nowMs + HOUR_MS);
  });

  test('whose 404 comes from another account does not count as a deletion', async () => {
    await due();
    const arn = 'arn:aws:ivschat:eu-west-1:999999999999:room/abcdefghijkl';
    await bench.changeItem('key', { room_arn: arn });
    expect(await release()).toMatchObject({ released: 0, denied: 1 });
    expect(types()).toEqual(['provisioned.v1']);
  });
});

describe('a release whose calls are denied', () => {
  // Releases were stopped for hours, or the room was marked hours ago: the time since then says nothing about the denial.
  test.each([
    ['at GetRoom', 'GetRoom', false],
    ['at DeleteRoom', 'DeleteRoom', false],
    ['at DeleteRoom for a room that was marked long ago', 'DeleteRoom', true],
  ] as const)('%s waits 1, 5, 15 and 60 minutes, however long the room has been due', async (_, api, isMarked) => {
    await create();
    if (isMarked) {
      passUntil(DUE_MS + CLOCK_ERROR_MS);
      bench.ivsChat.inject({ operation: 'DeleteRoom', times: 1, fault: { error: 'InternalServerException' } });
      await release();
    }
    passUntil(DUE_MS + 5 * HOUR_MS);
    bench.ivsChat.inject({ operation: api, times: 4, fault: { error: 'AccessDeniedException' } });
    expect(await waitsOf(4)).toEqual([1, 5, 15, 60]);
    expect(await release()).toMatchObject({ released: 1 });
  });

  test('begins with a short wait again once another result came in between', async () => {
    await create();
    passUntil(DUE_MS + 5 * HOUR_MS);
    for (const error of ['AccessDeniedException', 'AccessDeniedException', 'InternalServerException'])
      bench.ivsChat.inject({ operation: 'GetRoom', times: 1, fault: { error } });
    expect(await waitsOf(3)).toEqual([1, 5, 1]);
    expect(bench.stored('key')).not.toHaveProperty('release_denied_since');
    bench.ivsChat.inject({ operation: 'GetRoom', times: 1, fault: { error: 'AccessDeniedException' } });
    expect(await waitsOf(1)).toEqual([1]);
  });

  test('begins with a short wait again if the room got a later release time', async () => {
    await create();
    passUntil(DUE_MS + CLOCK_ERROR_MS);
    bench.ivsChat.inject({ operation: 'GetRoom', times: 1, fault: { error: 'AccessDeniedException' } });
    expect(await waitsOf(1)).toEqual([1]);
    await command({ releaseAt: at(DUE_MS + DAY_MS) });
    passUntil(DUE_MS + DAY_MS + CLOCK_ERROR_MS);
    bench.ivsChat.inject({ operation: 'GetRoom', times: 1, fault: { error: 'AccessDeniedException' } });
    expect(await waitsOf(1)).toEqual([1]);
  });

  /** For how many minutes the room waits after each of several releases that fail. */
  async function waitsOf(releases: number): Promise<number[]> {
    const waits: number[] = [];
    for (let run = 0; run < releases; run++) {
      await release();
      const lookAtMs = Number(bench.stored('key').release_look_at);
      waits.push(Math.round((lookAtMs - bench.clock.nowMs()) / MINUTE_MS));
      passUntil(lookAtMs);
    }
    return waits;
  }
});

describe('a worker that crashes at any of its calls', () => {
  test.each([
    ['GetItem', 1],
    ['GetRoom', 1],
    ['DeleteRoom', 1],
    ['Publish', 1],
    ['UpdateItem', 1],
    ['UpdateItem', 2],
    ['UpdateItem', 3],
    ['UpdateItem', 4],
    ['UpdateItem', 5],
  ])('before %s number %d takes effect is followed by one that finishes the release', async (name, nth) => {
    await create();
    passUntil(DUE_MS + CLOCK_ERROR_MS);
    await bench.crashRelease(name, { nth });
    bench.pass(2 * MINUTE_MS);
    await release();
    expect(rooms()).toBe(0);
    expect(bench.stored('key')).toHaveProperty('released_at');
    const ids = bench.completions().flatMap(({ id, type }) => (type === 'greenroom.room.released.v1' ? [id] : []));
    expect(new Set(ids).size).toBe(1);
  });
});

describe('the due index', () => {
  test('that still lists a released room makes no call of IVS Chat', async () => {
    bench = createBench({ indexLagMs: () => MINUTE_MS });
    await create();
    passUntil(DUE_MS + 2 * MINUTE_MS);
    await release();
    const calls = bench.callsOf('DeleteRoom').length;
    expect(await release()).toMatchObject({ released: 0 });
    expect(bench.callsOf('DeleteRoom')).toHaveLength(calls);
  });

  test('lists more rooms than one query reads, and all of them are released', async () => {
    for (let index = 0; index < 60; index++) await create({ idempotencyKey: `key-${index}` });
    passUntil(DUE_MS + CLOCK_ERROR_MS);
    // On this clock, waits do not overlap, so one invocation does not reach all rooms.
    const first = await release();
    expect(first?.released).toBeGreaterThan(8 * 5);
    bench.pass(MINUTE_MS);
    expect(await release()).toMatchObject({ released: 60 - Number(first?.released), ended: 'done' });
    expect(rooms()).toBe(0);
  });
});
