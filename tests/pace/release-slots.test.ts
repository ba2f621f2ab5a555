import { beforeEach, describe, expect, test } from '@jest/globals';
import { createTokenBuckets } from '../../emulator/ivschat/token-bucket.ts';
import { createRandom } from '../../emulator/random.ts';
import { pause, releasesStoppedSinceMs, resumeReleases, stopReleases } from '../../lib/pace/operator-settings.ts';
import type { RoomApi } from '../../lib/pace/pace-item.ts';
import { createPaceTable, type PaceUpdate } from '../../lib/pace/pace-table.ts';
import { createPacer, PREPARATION_MS } from '../../lib/pace/pacer.ts';
import { awaitSlot, takeReleaseSlot } from '../../lib/pace/release-slots.ts';
import { createSlotLines } from '../../lib/pace/slot-lines.ts';
import { openTables } from '../../lib/platform/tables.ts';
import { createMemoryDynamoDb, type MemoryDynamoDb } from '../../simulation/memory-dynamodb.ts';
import { createVirtualClock, type VirtualClock } from '../../simulation/virtual-clock.ts';
import { callsSettled, memoryDynamoDbClient } from '../support/memory-dynamodb-client.ts';
import { inARow, NOW, REGION, rounded, SCHEDULE, SECOND } from './pace-setting.ts';

const MINUTE = 60 * SECOND;
let clock: VirtualClock;
let memory: MemoryDynamoDb;

beforeEach(() => {
  clock = createVirtualClock(NOW, { settle: callsSettled });
  memory = createMemoryDynamoDb();
});

const openTable = () => createPaceTable(openTables(memoryDynamoDbClient(memory), clock), 'pace');
const set = (update: PaceUpdate, api: RoomApi = 'DeleteRoom') => openTable().update(REGION, api, update);
const { signal } = new AbortController();

/** One invocation of a function that releases rooms, with its own pacer. */
function openInvocation({ seconds = 55, random = (): number => 0.5 } = {}) {
  const pacer = createPacer(openTable(), { callsPerSecond: 5, probeScheduleSeconds: SCHEDULE });
  const lastSendMs = clock.nowMs() + seconds * SECOND;
  const lines = createSlotLines({ pacer, clock, random, lastSendMs, signal });
  const take = (api: 'GetRoom' | 'DeleteRoom' = 'DeleteRoom', leadMs = 0) =>
    takeReleaseSlot(lines, { region: REGION, api, leadMs });
  return { pacer, lines, take };
}

/** Runs the clock while `work` waits. */
async function during<Result>(work: Promise<Result>, ms = MINUTE): Promise<Result> {
  await clock.run(clock.nowMs() + ms);
  return work;
}

describe('the releases of a region', () => {
  test('get the slots of GetRoom and DeleteRoom one interval apart, each API for itself', async () => {
    const { take } = openInvocation();
    const sentAtMs: Record<'GetRoom' | 'DeleteRoom', number[]> = { GetRoom: [], DeleteRoom: [] };
    const release = async (api: 'GetRoom' | 'DeleteRoom') => {
      expect(await take(api)).toMatchObject({ kind: 'slot', probe: false });
      sentAtMs[api].push(clock.nowMs());
    };
    const apis = ['GetRoom', 'DeleteRoom'] as const;
    await during(Promise.all(apis.flatMap((api) => Array.from({ length: 10 }, () => release(api)))));
    for (const api of apis) expect(rounded(sentAtMs[api])).toEqual(rounded(inARow(NOW, 10)));
  });

  test('get the time of the next free slot if none is free before the end of the invocation', async () => {
    const { take } = openInvocation({ seconds: 1 });
    const results = await during(Promise.all(Array.from({ length: 10 }, () => take())));
    expect(results.filter(({ kind }) => kind === 'slot')).toHaveLength(5);
    expect(results.filter(({ kind }) => kind === 'full')).toHaveLength(5);
  });

  test('are sent at the time of their slot, and need another slot if they are late', async () => {
    const { take, pacer } = openInvocation();
    const arrival = { pacer, clock, signal };
    expect(await during(take(), 0)).toMatchObject({ kind: 'slot', atMs: NOW });
    const late = await during(take('DeleteRoom', PREPARATION_MS), 2 * SECOND);
    if (late.kind !== 'slot') throw new Error(late.kind);
    expect(await during(awaitSlot(late, arrival), 0)).toBe(false);
    await during(take(), 0);
    const another = take('DeleteRoom', PREPARATION_MS).then(async (slot) => {
      if (slot.kind !== 'slot') throw new Error(slot.kind);
      const isInTime = await awaitSlot(slot, arrival);
      return isInTime && clock.nowMs() === slot.atMs;
    });
    expect(await during(another)).toBe(true);
  });

  test('are slowed down by a throttle, and only DeleteRoom is', async () => {
    const { take, pacer } = openInvocation();
    const slot = await during(take(), 0);
    if (slot.kind !== 'slot') throw new Error(slot.kind);
    await pacer.noteThrottle({ region: REGION, api: 'DeleteRoom', reservedAtMs: slot.reservedAtMs });
    expect(pacer.rate(REGION, 'DeleteRoom')).toBeCloseTo(4, 1);
    for (const api of ['CreateRoom', 'GetRoom'] as const) expect(pacer.rate(REGION, api)).toBeCloseTo(4.975);
    // Another invocation learns the rate from its first reservation.
    const another = openInvocation();
    await during(another.take(), SECOND);
    expect(another.pacer.rate(REGION, 'DeleteRoom')).toBeLessThan(4.2);
  });
});

describe('an operator who stops the releases of a region', () => {
  const PAUSED = { kind: 'paused', untilMs: undefined };

  test('refuses every slot of DeleteRoom from then on, even to an invocation that does not know the stop', async () => {
    const { take } = openInvocation();
    expect(await during(take(), 0)).toMatchObject({ kind: 'slot' });
    await set(stopReleases(clock.nowMs()));
    expect(await during(take(), SECOND)).toEqual(PAUSED);
    expect(await during(openInvocation().take(), SECOND)).toEqual(PAUSED);
  });

  test('waits at most a second until the last slot that was reserved before', async () => {
    const { take } = openInvocation();
    const results = Promise.all(
      Array.from({ length: 50 }, async () => {
        const result = await take();
        return result.kind === 'slot' ? clock.nowMs() : result;
      }),
    );
    await clock.run(NOW + 4_300);
    await set(stopReleases(clock.nowMs()));
    const answers = await during(results);
    const sentAtMs = answers.flatMap((answer) => (typeof answer === 'number' ? [answer] : []));
    expect(sentAtMs.length).toBeGreaterThan(20);
    expect(Math.max(...sentAtMs)).toBeLessThanOrEqual(NOW + 4_300 + SECOND);
    expect(answers.filter((answer) => typeof answer !== 'number')).toEqual(Array(50 - sentAtMs.length).fill(PAUSED));
  });

  test('lets them continue when they are resumed', async () => {
    await set(stopReleases(NOW));
    await set(resumeReleases());
    expect(await during(openInvocation().take(), 0)).toMatchObject({ kind: 'slot' });
  });

  test('can read since when they are stopped: since the first stop', async () => {
    await set(stopReleases(NOW));
    const { item } = await set(stopReleases(NOW + MINUTE));
    expect(releasesStoppedSinceMs(item)).toBe(NOW);
    expect(releasesStoppedSinceMs((await set(resumeReleases())).item)).toBeUndefined();
  });

  test('stops neither the check of a room nor other regions nor calls that delete extra rooms', async () => {
    await set(stopReleases(NOW));
    const { take, lines, pacer } = openInvocation();
    const place = { region: REGION, api: 'DeleteRoom' } as const;
    expect(await during(take('GetRoom'), 0)).toMatchObject({ kind: 'slot' });
    expect(await during(takeReleaseSlot(lines, { ...place, region: 'us-east-1' }), 0)).toMatchObject({ kind: 'slot' });
    // The sweep reserves without a lane, and a worker that has lost its lease reserves in the lane of its request.
    expect(await pacer.reserve({ ...place, count: 1, latestMs: NOW + MINUTE })).toMatchObject({ kind: 'slots' });
    const zombie = lines.take({ ...place, lane: 'bulk', ledgerKey: 'key' });
    expect(await during(zombie, SECOND)).toMatchObject({ kind: 'slot' });
  });

  test('does not stop them by pausing a lane, and does not pause a lane by stopping them', async () => {
    await set(pause(['interactive', 'bulk']));
    expect(await during(openInvocation().take(), 0)).toMatchObject({ kind: 'slot' });
    await set(stopReleases(NOW), 'CreateRoom');
    const { pacer } = openInvocation();
    const request = { region: REGION, api: 'CreateRoom', lane: 'bulk', count: 1, latestMs: NOW + MINUTE } as const;
    expect(await pacer.reserve(request)).toMatchObject({ kind: 'slots' });
  });
});

describe('invocations that start every minute while the earlier ones still run,', () => {
  const WRITE_MS = 15;

  /** Each invocation releases this many rooms at the same time. */
  async function releaseAll(minutes: number, concurrency: number, shareThePace = true) {
    const random = createRandom(7);
    const buckets = createTokenBuckets();
    const limits = { tps: 5, burst: 2 };
    const counts = { sent: 0, throttled: 0, late: 0 };
    const untilMs = NOW + minutes * MINUTE;

    async function releaseOne({ take, pacer }: ReturnType<typeof openInvocation>): Promise<boolean> {
      const slot = await take('DeleteRoom', PREPARATION_MS);
      if (slot.kind !== 'slot') return false;
      // The mark
      await clock.sleep(WRITE_MS * (1 + random() * 2), signal);
      if (!(await awaitSlot(slot, { pacer, clock, signal }))) {
        counts.late += 1;
        return true;
      }
      // The call reaches IVS Chat after up to 20 ms, and takes up to 300 ms. The event and the ledger follow.
      await clock.sleep(random() * 20, signal);
      const isAccepted = buckets.take('DeleteRoom', REGION, limits, clock.nowMs());
      if (clock.nowMs() < untilMs) counts[isAccepted ? 'sent' : 'throttled'] += 1;
      await clock.sleep(80 + random() * 200 + 3 * WRITE_MS, signal);
      return true;
    }

    async function invoke(startMs: number): Promise<void> {
      await clock.sleep(startMs - clock.nowMs(), signal);
      if (!shareThePace) memory = createMemoryDynamoDb();
      const invocation = openInvocation({ seconds: 110, random });
      const chain = async () => {
        while (await releaseOne(invocation));
      };
      await Promise.all(Array.from({ length: concurrency }, chain));
    }

    const all = Promise.all(
      Array.from({ length: minutes }, (_, index) => invoke(NOW + index * MINUTE + random() * SECOND)),
    );
    await clock.run(untilMs + 2 * MINUTE);
    await all;
    return { ...counts, share: counts.sent / (5 * minutes * 60) };
  }

  test('use at least 98 percent of the quota, and no call is throttled', async () => {
    const { share, throttled } = await releaseAll(3, 10);
    expect(throttled).toBe(0);
    expect(share).toBeGreaterThanOrEqual(0.98);
    expect(share).toBeLessThanOrEqual(1);
  });

  // Control: the bucket throttles calls that exceed the quota.
  test('and are throttled if each of them has a pace of its own', async () => {
    expect((await releaseAll(2, 10, false)).throttled).toBeGreaterThan(0);
  });

  // Control: a single chain of releases is slower than the quota.
  test('and a region with a single release at a time does not use the quota', async () => {
    expect((await releaseAll(1, 1)).share).toBeLessThan(0.98);
  });
});
