import { beforeEach, describe, expect, test } from '@jest/globals';
import { createRandom } from '../../emulator/random.ts';
import { createBreaker } from '../../lib/pace/breaker.ts';
import { pause } from '../../lib/pace/operator-settings.ts';
import { createPaceTable, type PaceTable } from '../../lib/pace/pace-table.ts';
import { createPacer } from '../../lib/pace/pacer.ts';
import { createSlotLines, type RequestCall, type SlotLines, type SlotResult } from '../../lib/pace/slot-lines.ts';
import { stopJob } from '../../lib/pace/stopped-jobs.ts';
import { LONGEST_LEAD_MS } from '../../lib/pace/turn-lead.ts';
import { openTables } from '../../lib/platform/tables.ts';
import { createMemoryDynamoDb, type MemoryDynamoDb } from '../../simulation/memory-dynamodb.ts';
import { createVirtualClock, type VirtualClock } from '../../simulation/virtual-clock.ts';
import { callsSettled, memoryDynamoDbClient } from '../support/memory-dynamodb-client.ts';
import { INTERVAL, inARow, NOW, REGION, rounded, SCHEDULE, SECOND, slotAt } from './pace-setting.ts';

let clock: VirtualClock;
let memory: MemoryDynamoDb;
let writes: number;
let stop: AbortController;

beforeEach(() => {
  clock = createVirtualClock(NOW, { settle: callsSettled });
  memory = createMemoryDynamoDb();
  writes = 0;
  stop = new AbortController();
});

function openTable(): PaceTable {
  const counted = {
    ...memory,
    handle: (request: Parameters<MemoryDynamoDb['handle']>[0]) => {
      writes += 1;
      return memory.handle(request);
    },
  };
  return createPaceTable(openTables(memoryDynamoDbClient(counted), clock), 'pace');
}

/** The slot lines of one worker's invocation, which may send calls for this long. */
function openLines({ seconds = 60, random = (): number => 0.5 } = {}): SlotLines {
  const pacer = createPacer(openTable(), { callsPerSecond: 5, probeScheduleSeconds: SCHEDULE });
  return createSlotLines({ pacer, clock, random, lastSendMs: NOW + seconds * SECOND, signal: stop.signal });
}

const call = (changes: Partial<RequestCall> = {}): RequestCall => ({
  region: REGION,
  api: 'CreateRoom',
  lane: 'interactive',
  ledgerKey: 'key',
  ...changes,
});

/** Records when each call got its slot, in the order of these moments. */
function takeAll(lines: SlotLines, calls: RequestCall[], sentAtMs: number[] = []) {
  const results = calls.map(async (each): Promise<SlotResult> => {
    const result = await lines.take(each);
    if (result.kind === 'slot') sentAtMs.push(clock.nowMs());
    return result;
  });
  return { results: Promise.all(results), sentAtMs };
}

const many = (count: number, changes: Partial<RequestCall> = {}) => Array.from({ length: count }, () => call(changes));

describe('the calls of one worker', () => {
  test('are sent an interval apart', async () => {
    const { results, sentAtMs } = takeAll(openLines(), many(10));
    await clock.run(NOW + 10 * SECOND);
    await results;
    expect(rounded(sentAtMs)).toEqual(rounded(inARow(NOW, 10)));
  });

  test('get their slots ahead of time if they need time to get ready, and immediately if their slots are too near', async () => {
    const { results, sentAtMs } = takeAll(openLines(), many(4, { leadMs: 350 }));
    await clock.run(NOW + 10 * SECOND);
    const slotsMs = (await results).map((result) => (result.kind === 'slot' ? result.atMs : undefined));
    expect(rounded(sentAtMs)).toEqual(rounded([NOW, NOW, slotAt(2) - 350, slotAt(3) - 350]));
    expect(rounded(slotsMs.filter((ms) => ms !== undefined))).toEqual(rounded(inARow(NOW, 4)));
  });

  test('share reservations: ten concurrent calls cost two writes', async () => {
    const { results } = takeAll(openLines(), many(10));
    await clock.run(NOW + 10 * SECOND);
    await results;
    expect(writes).toBe(2);
  });

  test('to other regions and APIs do not wait for each other', async () => {
    const calls = [...many(3), ...many(3, { region: 'us-east-1' }), ...many(3, { api: 'ListRooms' })];
    const { results, sentAtMs } = takeAll(openLines(), calls);
    await clock.run(NOW + 10 * SECOND);
    await results;
    expect(sentAtMs.filter((ms) => ms === NOW)).toHaveLength(3);
    expect(Math.max(...sentAtMs)).toBeCloseTo(slotAt(2), 3);
  });

  test('that have no slot before the end are refused with the moment of the next free slot', async () => {
    const { results, sentAtMs } = takeAll(openLines({ seconds: 1 }), many(8));
    await clock.run(NOW + 10 * SECOND);
    const full = (await results).filter(({ kind }) => kind === 'full');
    expect(sentAtMs).toHaveLength(5);
    expect(full).toEqual(Array(3).fill({ kind: 'full', freeAtMs: expect.closeTo(slotAt(5), 3) }));
  });

  test('stop waiting when the invocation ends, with or without a slot', async () => {
    const lines = openLines({ seconds: 3_600 });
    const waiting = takeAll(lines, [...many(3), ...many(20, { lane: 'bulk' })]).results;
    const outcome = expect(waiting).rejects.toThrow('the deadline');
    await clock.run(NOW + 100);
    stop.abort(new Error('the deadline'));
    await outcome;
    await expect(lines.take(call())).rejects.toThrow('the deadline');
  });

  test('all fail if the table cannot be written', async () => {
    const table = openTable();
    const broken = { ...table, update: () => Promise.reject(new Error('no table')) };
    const pacer = createPacer(broken, { callsPerSecond: 5, probeScheduleSeconds: SCHEDULE });
    const lines = createSlotLines({ pacer, clock, random: Math.random, lastSendMs: NOW + SECOND, signal: stop.signal });
    const answers = await Promise.allSettled(many(3).map((each) => lines.take(each)));
    expect(answers).toEqual(
      Array(3).fill(expect.objectContaining({ status: 'rejected', reason: new Error('no table') })),
    );
  });
});

describe('a call that wakes late for its slot', () => {
  const lateLines = (lateMs: () => number) => {
    const punctual = createVirtualClock(NOW, { settle: callsSettled });
    clock = { ...punctual, sleep: (ms, signal) => punctual.sleep(ms + lateMs(), signal) };
    return openLines();
  };

  test('is sent if it does not come close to the next call', async () => {
    const { results, sentAtMs } = takeAll(
      lateLines(() => 90),
      many(1),
    );
    await clock.run(NOW + 10 * SECOND);
    await results;
    expect(sentAtMs).toEqual([NOW + 90]);
  });

  test('takes another slot if it would come close to the next call', async () => {
    const lateness = [110];
    const { results, sentAtMs } = takeAll(
      lateLines(() => lateness.shift() ?? 0),
      many(1),
    );
    await clock.run(NOW + 10 * SECOND);
    await results;
    expect(rounded(sentAtMs)).toEqual(rounded([slotAt(1)]));
  });

  test('is sent eventually, even on a worker that is always late', async () => {
    const { results, sentAtMs } = takeAll(
      lateLines(() => 500),
      many(1),
    );
    await clock.run(NOW + 10 * SECOND);
    await results;
    expect(sentAtMs).toHaveLength(1);
  });
});

describe('lanes', () => {
  const bulk = (count: number) => many(count, { lane: 'bulk' });

  test('bulk takes the whole quota while nothing else waits', async () => {
    const { sentAtMs, firstEndMs } = await drainBulk({ workers: 4, callsOfEach: 10 });
    const untilFirstEnd = sentAtMs.filter((atMs) => atMs <= firstEndMs);
    expect(rounded(untilFirstEnd)).toEqual(rounded(inARow(NOW, untilFirstEnd.length)));
    expect(untilFirstEnd.length).toBeGreaterThan(30);
  });

  test('bulk reserves its slots so late that an interactive call has a slot within three intervals', async () => {
    const drain = takeAll(openLines(), bulk(50)).results;
    await clock.run(NOW + 3_333);
    const { results, sentAtMs } = takeAll(openLines(), many(1));
    await clock.run(NOW + 30 * SECOND);
    await Promise.all([results, drain]);
    expect(sentAtMs[0]).toBeLessThanOrEqual(NOW + 3_333 + LONGEST_LEAD_MS + INTERVAL);
  });

  test('bulk gets no slots while more interactive calls wait than fit into a second', async () => {
    const interactive = takeAll(openLines(), many(25));
    await clock.run(NOW + 10);
    const { results, sentAtMs } = takeAll(openLines(), bulk(5));
    await clock.run(NOW + 30 * SECOND);
    await Promise.all([results, interactive.results]);
    expect(Math.min(...sentAtMs)).toBeGreaterThan(Math.max(...interactive.sentAtMs));
    expect(rounded([...interactive.sentAtMs, ...sentAtMs])).toEqual(rounded(inARow(NOW, 30)));
  });

  test('bulk that waits behind interactive calls until its end is refused, and has asked at most once a second', async () => {
    const interactive = takeAll(openLines({ seconds: 120 }), many(300)).results;
    await clock.run(NOW + 10);
    const writesOfOthers = 300 / 5;
    const { results } = takeAll(openLines({ seconds: 50 }), bulk(10));
    await clock.run(NOW + 51 * SECOND);
    expect(await results).toEqual(Array(10).fill(expect.objectContaining({ kind: 'full' })));
    expect(writes).toBeLessThan(writesOfOthers + 50);
    await clock.run(NOW + 120 * SECOND);
    await interactive;
  });

  test('eight workers with interactive calls leave no slot unused', async () => {
    const sentAtMs: number[] = [];
    const random = createRandom(1);
    const workers = Array.from({ length: 8 }, () => takeAll(openLines({ random }), many(10), sentAtMs).results);
    await clock.run(NOW + 60 * SECOND);
    await Promise.all(workers);
    expect(rounded(sentAtMs)).toEqual(rounded(inARow(NOW, 80)));
  });

  test('eight workers with bulk calls leave no slot unused until one of them has no more calls, and then few', async () => {
    const { sentAtMs, firstEndMs } = await drainBulk({ workers: 8, callsOfEach: 10 });
    const untilFirstEnd = sentAtMs.filter((atMs) => atMs <= firstEndMs);
    expect(rounded(untilFirstEnd)).toEqual(rounded(inARow(NOW, untilFirstEnd.length)));
    expect(untilFirstEnd.length).toBeGreaterThan(50);
    // The others notice only at their own turns that a worker has left the rotation.
    expect(sentAtMs.at(-1)).toBeLessThan(slotAt(80) + 8 * 500);
  });

  /** Lets workers with as many bulk calls take all their slots. `firstEndMs`: when the first of the workers had no more calls. */
  async function drainBulk({ workers, callsOfEach }: { workers: number; callsOfEach: number }) {
    const random = createRandom(1);
    const all = Array.from({ length: workers }, () => takeAll(openLines({ random }), bulk(callsOfEach)));
    await clock.run(NOW + 60 * SECOND);
    await Promise.all(all.map(({ results }) => results));
    const sentAtMs = all.flatMap((each) => each.sentAtMs).sort((a, b) => a - b);
    return { sentAtMs, firstEndMs: Math.min(...all.map((each) => each.sentAtMs.at(-1) ?? 0)) };
  }
});

describe('while the breaker is open', () => {
  beforeEach(() => createBreaker(openTable(), SCHEDULE).open({ region: REGION, ledgerKey: 'opener', reason: 'quota' }));

  test('all waiting calls are refused', async () => {
    const { results } = takeAll(openLines(), [...many(3), call({ lane: 'bulk' })]);
    await clock.run(NOW + 10);
    expect(await results).toEqual(
      Array(4).fill({ kind: 'region-closed', untilMs: NOW + 60 * SECOND, openedAtMs: NOW }),
    );
  });

  test('one call probes when the probe is due, but not with the key that opened it', async () => {
    await clock.run(NOW + 60 * SECOND);
    const calls = ['opener', 'a', 'b'].map((ledgerKey) => call({ ledgerKey }));
    const { results } = takeAll(openLines({ seconds: 120 }), calls);
    await clock.run(NOW + 61 * SECOND);
    expect(await results).toMatchObject([
      { kind: 'region-closed' },
      { kind: 'slot', probe: true },
      { kind: 'region-closed' },
    ]);
  });
});

describe('after a worker has found its region closed, and before that is stored,', () => {
  let lines: SlotLines;
  let stored: () => Promise<void>;
  beforeEach(() => {
    const table = openTable();
    const pacer = createPacer(table, { callsPerSecond: 5, probeScheduleSeconds: SCHEDULE });
    const breaker = createBreaker(table, SCHEDULE);
    lines = createSlotLines({ pacer, clock, random: () => 0.5, lastSendMs: NOW + 120 * SECOND, signal: stop.signal });
    breaker.stop({ region: REGION, ledgerKey: 'opener', reason: 'quota' });
    stored = () => breaker.open({ region: REGION, ledgerKey: 'opener', reason: 'quota' });
  });

  test('its calls take no slots, because they could not use them', async () => {
    const { results } = takeAll(lines, many(3));
    await clock.run(NOW + 10);
    expect(await results).toEqual(
      Array(3).fill({ kind: 'region-closed', untilMs: NOW + 60 * SECOND, openedAtMs: NOW }),
    );
    expect(writes).toBe(0);
  });

  test('no call probes, because the breaker is not open: eventually, its calls are sent as usual', async () => {
    await clock.run(NOW + 60 * SECOND);
    const { results } = takeAll(lines, many(1));
    await clock.run(NOW + 61 * SECOND);
    expect(await results).toMatchObject([{ kind: 'slot', probe: false }]);
  });

  test('once the open breaker is stored, one of its calls probes when the probe is due', async () => {
    await stored();
    await clock.run(NOW + 60 * SECOND);
    const { results } = takeAll(lines, many(1));
    await clock.run(NOW + 61 * SECOND);
    expect(await results).toMatchObject([{ kind: 'slot', probe: true }]);
  });
});

describe('the calls of a stopped job', () => {
  const JOB = 'abcdefabcdef';
  const bulk = (count: number, bulkJob?: string) => many(count, { lane: 'bulk', bulkJob });
  const stopJobNow = () => openTable().update(REGION, 'CreateRoom', stopJob(JOB));

  test('waste at most the reservation from which the worker learns of the stop, and get no slot', async () => {
    await stopJobNow();
    const lines = openLines();
    writes = 0;
    const first = takeAll(lines, bulk(10, JOB));
    await clock.run(NOW + 5 * SECOND);
    expect(await first.results).toEqual(Array(10).fill({ kind: 'stopped' }));
    expect(writes).toBe(1);
    const later = takeAll(lines, bulk(10, JOB));
    await clock.run(NOW + 6 * SECOND);
    expect(await later.results).toEqual(Array(10).fill({ kind: 'stopped' }));
    expect(writes).toBe(1);
  });

  test('leave their slots to the other calls of the line', async () => {
    await stopJobNow();
    const lines = openLines();
    const { results, sentAtMs } = takeAll(lines, [...bulk(3, JOB), ...bulk(2), ...bulk(1, 'another job')]);
    await clock.run(NOW + 5 * SECOND);
    const kinds = (await results).map(({ kind }) => kind);
    expect(kinds).toEqual([...Array(3).fill('stopped'), ...Array(3).fill('slot')]);
    expect(rounded(sentAtMs)).toEqual(rounded(inARow(NOW, 3)));
  });

  test('are not sent if the worker learns of the stop while they wait for their slots', async () => {
    const lines = openLines();
    const { results } = takeAll(lines, bulk(6, JOB));
    await clock.run(NOW + 300);
    await stopJobNow();
    const other = takeAll(lines, bulk(1));
    await clock.run(NOW + 5 * SECOND);
    expect(await other.results).toMatchObject([{ kind: 'slot' }]);
    const kinds = (await results).map(({ kind }) => kind);
    expect(kinds).toEqual([
      ...Array(kinds.indexOf('stopped')).fill('slot'),
      ...Array(6 - kinds.indexOf('stopped')).fill('stopped'),
    ]);
    expect(kinds.indexOf('stopped')).toBeLessThan(4);
  });

  test('do not probe an open breaker', async () => {
    const table = openTable();
    await createBreaker(table, SCHEDULE).open({ region: REGION, ledgerKey: 'opener', reason: 'quota' });
    await stopJobNow();
    await clock.run(NOW + 61 * SECOND);
    const { results } = takeAll(openLines({ seconds: 120 }), [...bulk(2, JOB), ...bulk(1)]);
    await clock.run(NOW + 62 * SECOND);
    expect(await results).toMatchObject([{ kind: 'stopped' }, { kind: 'stopped' }, { kind: 'slot', probe: true }]);
  });

  test('are stopped even if the lane is paused', async () => {
    await openTable().update(REGION, 'CreateRoom', pause(['bulk']));
    await stopJobNow();
    const { results } = takeAll(openLines(), [...bulk(1, JOB), ...bulk(1)]);
    await clock.run(NOW + SECOND);
    expect(await results).toEqual([{ kind: 'stopped' }, { kind: 'paused', untilMs: undefined }]);
  });
});
