import { beforeEach, describe, expect, test } from '@jest/globals';
import { createTokenBuckets } from '../../emulator/ivschat/token-bucket.ts';
import { createRandom } from '../../emulator/random.ts';
import type { Lane } from '../../lib/contract/lanes.ts';
import { setCeiling } from '../../lib/pace/operator-settings.ts';
import type { PaceItem } from '../../lib/pace/pace-item.ts';
import { createPaceTable, type PaceTable } from '../../lib/pace/pace-table.ts';
import { createPacer, type Pacer, PREPARATION_MS } from '../../lib/pace/pacer.ts';
import { createSlotLines } from '../../lib/pace/slot-lines.ts';
import { LONGEST_LEAD_MS } from '../../lib/pace/turn-lead.ts';
import { openTables } from '../../lib/platform/tables.ts';
import { createMemoryDynamoDb, type MemoryDynamoDb } from '../../simulation/memory-dynamodb.ts';
import { createVirtualClock, type VirtualClock } from '../../simulation/virtual-clock.ts';
import { callsSettled, memoryDynamoDbClient } from '../support/memory-dynamodb-client.ts';
import { INTERVAL, NOW, REGION, SCHEDULE, SECOND } from './pace-setting.ts';

const WORKERS = 5;
const BATCH = 10;
const ROOMS = 300;
const WRITE_MS = 5;
/** From a slot until the worker has its next batch. */
const BETWEEN_BATCHES_MS = 300;

let clock: VirtualClock;
let memory: MemoryDynamoDb;
let counts: { written: number; refused: number };
/** How long before its slot each call could be prepared. */
let leftMs: number[];
let random: () => number;

/** @param seed decides the seats of the workers in the rotation */
function begin(seed: number): void {
  random = createRandom(seed);
  clock = createVirtualClock(NOW, { settle: callsSettled });
  memory = createMemoryDynamoDb();
  counts = { written: 0, refused: 0 };
  leftMs = [];
}

beforeEach(() => begin(1));

function paceTable(): PaceTable {
  return createPaceTable(openTables(memoryDynamoDbClient(memory), clock), 'pace');
}

interface View {
  /** How long a write takes. */
  writeMs?: number;
  /** What a worker sees instead of the item's attributes, in a control. */
  overlay?: Partial<PaceItem>;
}

const NO_TURNS: View = { overlay: { bulk_rotation: undefined, bulk_last: undefined } };

function openWorker({ writeMs = WRITE_MS, overlay = {} }: View = {}): Pacer {
  const table = paceTable();
  const view: PaceTable = {
    ...table,
    async update(...change) {
      await clock.sleep(writeMs, new AbortController().signal);
      const { written, item } = await table.update(...change);
      counts[written ? 'written' : 'refused'] += 1;
      return { written, item: { ...item, ...overlay } };
    },
  };
  return createPacer(view, { callsPerSecond: 5, probeScheduleSeconds: SCHEDULE, random });
}

/** One invocation: its calls wait for slots together. @returns when each call was sent */
async function handleBatch(pacer: Pacer, lane: Lane, size: number, random: () => number): Promise<number[]> {
  const { signal } = new AbortController();
  const lines = createSlotLines({ pacer, clock, random, lastSendMs: clock.nowMs() + 60 * SECOND, signal });
  const calls = Array.from({ length: size }, async (_, index) => {
    const call = {
      region: REGION,
      api: 'CreateRoom',
      lane,
      ledgerKey: `key-${index}`,
      leadMs: PREPARATION_MS,
    } as const;
    const slot = await lines.take(call);
    if (slot.kind !== 'slot') throw new Error(`No slot: ${slot.kind}`);
    leftMs.push(slot.atMs - clock.nowMs());
    return slot.atMs;
  });
  const sentAtMs = await Promise.all(calls);
  await clock.sleep(Math.max(0, Math.max(...sentAtMs) + BETWEEN_BATCHES_MS - clock.nowMs()), signal);
  return sentAtMs;
}

interface DrainOptions {
  rooms?: number;
  workers?: number;
  /** How many workers handle only one batch. */
  leaving?: number;
  view?: View;
}

/** The workers handle batches until all rooms have their slots. */
async function drain({ rooms = ROOMS, workers = WORKERS, leaving = 0, view }: DrainOptions = {}): Promise<number[]> {
  let left = rooms;
  const work = async (pacer: Pacer, leaves: boolean): Promise<number[]> => {
    const sentAtMs: number[] = [];
    while (left > 0) {
      left -= BATCH;
      sentAtMs.push(...(await handleBatch(pacer, 'bulk', BATCH, random)));
      if (leaves) break;
    }
    return sentAtMs;
  };
  const all = Promise.all(Array.from({ length: workers }, (_, index) => work(openWorker(view), index < leaving)));
  await clock.run(NOW + 600 * SECOND);
  return (await all).flat().sort((a, b) => a - b);
}

function shareOfQuota(sentAtMs: readonly number[]): number {
  return (sentAtMs.length - 1) / (5 * ((Number(sentAtMs.at(-1)) - Number(sentAtMs[0])) / SECOND));
}

describe('bulk calls of several workers', () => {
  test('take turns: hardly a write is refused, and the quota is used', async () => {
    const refused: number[] = [];
    for (const seed of [1, 2, 3, 4, 5]) {
      begin(seed);
      const sentAtMs = await drain();
      expect(counts.written).toBe(ROOMS);
      expect(shareOfQuota(sentAtMs)).toBeGreaterThan(0.97);
      refused.push(counts.refused);
    }
    // In about one run of thirty, the workers join in an unlucky order, and a room costs up to 0.4 refused writes more.
    expect(Number(refused.sort((a, b) => a - b)[2]) / ROOMS).toBeLessThan(0.7);
  });

  // Control: without the rotation, every worker tries to reserve every slot.
  test('compete for every slot if they see no rotation', async () => {
    await drain({ view: NO_TURNS });
    expect(counts.refused / ROOMS).toBeGreaterThan(1);
  });

  test('never come closer together than the quota permits', async () => {
    const sentAtMs = await drain();
    const distances = sentAtMs.slice(1).map((atMs, index) => atMs - Number(sentAtMs[index]));
    expect(Math.min(...distances)).toBeGreaterThan(INTERVAL - 1);
  });

  /** An interactive request nearly every second, during an import. */
  async function sendBesideBulk(): Promise<{ waits: number[]; single: number[]; bulk: number[] }> {
    const interactive = openWorker();
    const waits: number[] = [];
    const single: number[] = [];
    const drained = drain();
    for (let second = 5; second < 45; second++) {
      const sentMs = NOW + second * SECOND + (second % 10) * 37;
      clock.after(sentMs - clock.nowMs(), async () => {
        const [slotMs = Number.NaN] = await handleBatch(interactive, 'interactive', 1, () => 0.5);
        waits.push(slotMs - sentMs);
        single.push(slotMs);
      });
    }
    return { bulk: await drained, waits, single };
  }

  test('leave the next slot to an interactive call: it waits for half an interval and the lead at most', async () => {
    const { bulk, waits } = await sendBesideBulk();
    expect(waits).toHaveLength(40);
    expect(Math.max(...waits)).toBeLessThan(LONGEST_LEAD_MS + 1.5 * INTERVAL);
    // The writes take 5 ms, so the lead is little more than the preparation.
    waits.sort((a, b) => a - b);
    expect(waits[20]).toBeLessThan(1.5 * PREPARATION_MS + INTERVAL / 2);
    expect((bulk.length + 40 - 1) / (5 * ((Number(bulk.at(-1)) - NOW) / SECOND))).toBeGreaterThan(0.96);
  });

  /** How many calls a bucket of two refuses if each call is up to `lateMs` late. */
  function refusedByBucket(sentAtMs: readonly number[], lateMs: number): number {
    const buckets = createTokenBuckets();
    const arrivals = sentAtMs.map((ms) => ms + random() * lateMs).sort((a, b) => a - b);
    return arrivals.filter((ms) => !buckets.take('CreateRoom', REGION, { tps: 5, burst: 2 }, ms)).length;
  }

  test('leave an interactive call so much room that a bucket of two refuses no call that is late by up to half an interval', async () => {
    const { bulk, single } = await sendBesideBulk();
    expect(refusedByBucket([...bulk, ...single], INTERVAL / 2)).toBe(0);
    // Control: if interactive calls were earlier by another half interval, no call could be late.
    const earlier = single.map((ms) => ms - INTERVAL / 2);
    expect(refusedByBucket([...bulk, ...earlier], INTERVAL / 2)).toBeGreaterThan(0);
  });

  test('reserve their slots so early that slow writes leave time for the preparation', async () => {
    await drain({ view: { writeMs: 90 } });
    expect(leftMs.filter((ms) => ms < PREPARATION_MS).length).toBeLessThan(ROOMS / 10);
  });

  // Control: a lead that suits quick writes is too short.
  test('would have no time for the preparation if slow writes did not lengthen the lead', async () => {
    await drain({ view: { writeMs: 90, overlay: { bulk_lead: 150 } } });
    expect(leftMs.filter((ms) => ms < PREPARATION_MS).length).toBeGreaterThan(ROOMS / 2);
  });

  test('do not wait for a worker that has gone: the others take its slots, and remove it', async () => {
    await drain({ rooms: 100 });
    // These have not said that they leave.
    await paceTable().update(REGION, 'CreateRoom', {
      update: 'SET bulk_rotation = :seats',
      values: { seats: new Set([1, 2, 3]) },
    });
    const beganMs = clock.nowMs();
    const alone = openWorker();
    const batch = handleBatch(alone, 'bulk', BATCH, () => 0.5);
    await clock.run(beganMs + 60 * SECOND);
    const sentAtMs = await batch;
    expect(shareOfQuota(sentAtMs)).toBeGreaterThan(0.9);
    const after = await paceTable().update(REGION, 'CreateRoom', {
      update: 'SET open_step = :step',
      values: { step: 0 },
    });
    // Nor does the worker's own seat remain after its last call.
    expect(after.item.bulk_rotation).toBeUndefined();
  });

  // Before they left the rotation with their last call, each worker without further calls left one slot of each round unused.
  test.each([1, 2, 3])('use the quota although %p workers get no further calls', async (leaving) => {
    const sentAtMs = await drain({ leaving });
    expect(sentAtMs).toHaveLength(ROOMS);
    expect(shareOfQuota(sentAtMs)).toBeGreaterThan(0.93);
  });

  test('reset a next free slot that only a wrong clock can have stored, although their turn would come long after it', async () => {
    const pacer = openWorker();
    const throttled = pacer.noteThrottle({ region: REGION, api: 'CreateRoom', reservedAtMs: NOW });
    await paceTable().update(REGION, 'CreateRoom', {
      update: 'SET free_at = :far',
      values: { far: NOW + 86_400 * SECOND },
    });
    await clock.run(NOW + SECOND);
    await throttled;
    const batch = handleBatch(pacer, 'bulk', 1, () => 0.5);
    await clock.run(NOW + 60 * SECOND);
    expect(await batch).toHaveLength(1);
  });

  test('do not wait for a turn that comes too late for the invocation', async () => {
    const pacer = openWorker();
    await paceTable().update(REGION, 'CreateRoom', {
      update: 'SET free_at = :free_at, bulk_rotation = :seats, bulk_last = :last',
      values: { free_at: NOW + 10 * SECOND, seats: new Set([1, 2, 3]), last: 3 },
    });
    // The response to this write shows the item to the worker.
    const throttled = pacer.noteThrottle({ region: REGION, api: 'CreateRoom', reservedAtMs: NOW });
    await clock.run(NOW + SECOND);
    await throttled;
    const beganMs = clock.nowMs();
    const lines = createSlotLines({
      pacer,
      clock,
      random,
      lastSendMs: beganMs + SECOND,
      signal: new AbortController().signal,
    });
    const result = await lines.take({ region: REGION, api: 'CreateRoom', lane: 'bulk', ledgerKey: 'key' });
    expect(result).toEqual({ kind: 'full', freeAtMs: NOW + 10 * SECOND });
    expect(clock.nowMs()).toBe(beganMs);
  });

  test('keep to the ceiling of their lane, and hardly write while they wait for it', async () => {
    await paceTable().update(REGION, 'CreateRoom', setCeiling('bulk', 1, NOW));
    const beganMs = clock.nowMs();
    const sentAtMs = await drain({ rooms: 30, workers: 3 });
    expect(sentAtMs).toHaveLength(30);
    expect(Number(sentAtMs.at(-1)) - beganMs).toBeGreaterThan(28 * SECOND);
    expect(Number(sentAtMs.at(-1)) - beganMs).toBeLessThan(40 * SECOND);
    expect(counts.refused).toBeLessThan(30);
  });

  test('get their slots although the rotation cannot be read', async () => {
    await paceTable().update(REGION, 'CreateRoom', {
      update: 'SET free_at = :now, bulk_rotation = :text, bulk_last = :number',
      values: { now: NOW, text: 'not a set', number: 'not a number' },
    });
    const sentAtMs = await drain({ rooms: 50 });
    expect(sentAtMs).toHaveLength(50);
  });
});
