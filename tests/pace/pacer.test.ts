import { beforeEach, describe, expect, test } from '@jest/globals';
import { createBreaker } from '../../lib/pace/breaker.ts';
import { setCeiling } from '../../lib/pace/operator-settings.ts';
import type { PaceTable } from '../../lib/pace/pace-table.ts';
import { createPacer, type Pacer, PREPARATION_MS } from '../../lib/pace/pacer.ts';
import {
  createPaceSetting,
  HEAD_START,
  INTERVAL,
  inARow,
  momentsOf,
  NOW,
  type PaceSetting,
  REGION,
  reserve,
  rounded,
  SCHEDULE,
  SECOND,
  slotAt,
} from './pace-setting.ts';

let setting: PaceSetting;
beforeEach(() => {
  setting = createPaceSetting();
});

const inAMinute = () => ({ latestMs: setting.clock.nowMs() + 60 * SECOND });

/** The moments of `count` slots that are reserved one by one. */
async function oneByOne(pacer: Pacer, count: number): Promise<number[]> {
  const moments: number[] = [];
  for (let time = 0; time < count; time++) moments.push(...momentsOf(await reserve(pacer, inAMinute())));
  return moments;
}

describe('slots', () => {
  test('lie an interval apart, and the first one is now and has a head start', async () => {
    expect(await oneByOne(setting.newPacer(), 5)).toEqual(rounded(inARow(NOW, 5)));
  });

  test('let the first call be as late as a call may be, without coming close to the second', async () => {
    const pacer = setting.newPacer();
    const [first, second] = await reserve(pacer, { count: 2, ...inAMinute() });
    if (!first || !second) throw new Error('Not two slots');
    setting.clock.set(NOW + HEAD_START);
    expect(pacer.isPunctual(first, 'sending')).toBe(true);
    expect(second.atMs - setting.clock.nowMs()).toBeGreaterThanOrEqual(INTERVAL);
  });

  test('leave the first call time to get ready even at a higher quota, at which it may be less late', async () => {
    const pacer = createPacer(setting.table, { callsPerSecond: 50, probeScheduleSeconds: SCHEDULE });
    const slots = await reserve(pacer, { count: 3, ...inAMinute() });
    const secondMs = NOW + PREPARATION_MS + INTERVAL / 10;
    expect(momentsOf(slots)).toEqual(rounded([NOW, secondMs, secondMs + INTERVAL / 10]));
  });

  /** Another worker's import has begun, and the next free slot is 20 seconds ahead. */
  async function beginImport(): Promise<number> {
    const { written, item } = await setting.table.update(REGION, 'CreateRoom', {
      update: 'SET free_at = :far, bulk_rotation = :seats',
      values: { far: NOW + 20 * SECOND, seats: new Set([1]) },
    });
    expect(written).toBe(true);
    return item.free_at;
  }
  const oneSlot = (pacer: Pacer, lane: 'interactive' | 'bulk') =>
    reserve(pacer, { lane, ...inAMinute() }).then(momentsOf);

  test('come half an interval earlier for interactive calls during an import, and the next slot remains where it was', async () => {
    const freeAtMs = await beginImport();
    const pacer = setting.newPacer();
    expect(await oneSlot(pacer, 'interactive')).toEqual([freeAtMs - 100]);
    expect(await oneSlot(pacer, 'interactive')).toEqual(rounded([freeAtMs + INTERVAL - 100]));
    expect(await oneSlot(pacer, 'bulk')).toEqual(rounded([freeAtMs + 2 * INTERVAL]));
  });

  test('do not come earlier for calls that are not interactive', async () => {
    const freeAtMs = await beginImport();
    const pacer = setting.newPacer();
    expect(await oneSlot(pacer, 'bulk')).toEqual([freeAtMs]);
    expect(momentsOf(await reserve(pacer, inAMinute()))).toEqual(rounded([freeAtMs + INTERVAL]));
  });

  test('do not come earlier without an import', async () => {
    const freeAtMs = await beginImport();
    await setting.table.update(REGION, 'CreateRoom', {
      update: 'SET open_step = :zero REMOVE bulk_rotation',
      values: { zero: 0 },
    });
    expect(await oneSlot(setting.newPacer(), 'interactive')).toEqual([freeAtMs]);
  });

  // Two stages that share a bucket of two would together be earlier than it permits.
  test('do not come earlier in a stage that has a share of the quota', async () => {
    const freeAtMs = await beginImport();
    expect(await oneSlot(setting.newPacer({ callsPerSecond: 3.5 }), 'interactive')).toEqual([freeAtMs]);
  });

  // The calls in the slots that were reserved before may be closer to each other than the new rate permits.
  test('do not come earlier at a rate below the quota, which an operator or a throttled call has lowered', async () => {
    const pacer = setting.newPacer();
    await setting.table.update(REGION, 'CreateRoom', setCeiling(undefined, 2, NOW));
    const freeAtMs = await beginImport();
    expect(await oneSlot(pacer, 'interactive')).toEqual([freeAtMs]);
    await setting.table.update(REGION, 'CreateRoom', setCeiling(undefined, undefined, NOW));
    const other = setting.newPacer();
    await other.noteThrottle({ region: REGION, api: 'CreateRoom', reservedAtMs: NOW + SECOND });
    const [slot = Number.NaN] = await oneSlot(other, 'interactive');
    expect(slot).toBeCloseTo(freeAtMs + 1000 / (2 * 0.995), 0);
  });

  test('leave an interactive call time to get ready during an import', async () => {
    const freeAtMs = await beginImport();
    const pacer = setting.newPacer();
    await oneSlot(pacer, 'bulk');
    setting.clock.set(freeAtMs + INTERVAL - PREPARATION_MS - 30);
    expect(await oneSlot(pacer, 'interactive')).toEqual(rounded([freeAtMs + INTERVAL - 30]));
    // The next one is not later than its slot, although there is too little time to get ready.
    setting.clock.set(freeAtMs + 2 * INTERVAL - 30);
    expect(await oneSlot(pacer, 'interactive')).toEqual(rounded([freeAtMs + 2 * INTERVAL]));
  });

  test('can be reserved together with one write', async () => {
    const slots = await reserve(setting.newPacer(), { count: 10, ...inAMinute() });
    expect(momentsOf(slots)).toEqual(rounded(inARow(NOW, 10)));
    expect(momentsOf(await reserve(setting.newPacer(), inAMinute()))).toEqual(rounded([slotAt(10)]));
  });

  test('lie an interval apart for all workers together', async () => {
    const workers = [setting.newPacer(), setting.newPacer(), setting.newPacer()];
    const moments = [];
    for (const round of [0, 1, 2]) {
      setting.clock.set(NOW + round);
      for (const worker of workers) moments.push(...momentsOf(await reserve(worker, inAMinute())));
    }
    expect(moments).toEqual(rounded(inARow(NOW, 9)));
  });

  test('are each given to one call, however many workers ask at the same moment', async () => {
    const asked = Array.from({ length: 30 }, () => reserve(setting.newPacer(), { count: 3, ...inAMinute() }));
    const moments = momentsOf((await Promise.all(asked)).flat());
    expect(moments.sort((a, b) => a - b)).toEqual(rounded(inARow(NOW, 90)));
  });

  test('start again after idleness, because an unused quota is not saved', async () => {
    const pacer = setting.newPacer();
    await oneByOne(pacer, 3);
    setting.clock.set(NOW + 10 * SECOND);
    expect(await oneByOne(pacer, 3)).toEqual(rounded(inARow(NOW + 10 * SECOND, 3)));
  });

  test('continue after the last reserved slot if the next one is in the future', async () => {
    const pacer = setting.newPacer();
    await oneByOne(pacer, 3);
    setting.clock.set(NOW + 500);
    expect(await oneByOne(pacer, 1)).toEqual(rounded([slotAt(3)]));
  });

  test('are separate for each region and API', async () => {
    const pacer = setting.newPacer();
    await oneByOne(pacer, 3);
    expect(momentsOf(await reserve(pacer, { region: 'us-east-1', ...inAMinute() }))).toEqual([NOW]);
    expect(momentsOf(await reserve(pacer, { api: 'ListRooms', ...inAMinute() }))).toEqual([NOW]);
  });
});

describe('up to the latest useful moment,', () => {
  // The moment of the sixth slot, rounded up because the interval is not a whole number.
  const inASecond = { latestMs: NOW + Math.ceil(HEAD_START + 5 * INTERVAL) };

  test('the slot at exactly that moment is reserved', async () => {
    await oneByOne(setting.newPacer(), 5);
    expect(momentsOf(await reserve(setting.newPacer(), inASecond))).toEqual(rounded([slotAt(5)]));
  });

  test('a later slot is not reserved, and stays free', async () => {
    await oneByOne(setting.newPacer(), 5);
    const pacer = setting.newPacer();
    const late = { region: REGION, api: 'CreateRoom', count: 1, latestMs: slotAt(5) - 1 } as const;
    expect(await pacer.reserve(late)).toEqual({ kind: 'full', freeAtMs: slotAt(5) });
    expect(await oneByOne(setting.newPacer(), 1)).toEqual(rounded([slotAt(5)]));
  });

  test('as many of the requested slots are reserved as fit', async () => {
    const pacer = setting.newPacer();
    expect(momentsOf(await reserve(pacer, { count: 10, ...inASecond }))).toEqual(rounded(inARow(NOW, 6)));
    const more = { region: REGION, api: 'CreateRoom', count: 4, ...inASecond } as const;
    expect(await pacer.reserve(more)).toEqual({ kind: 'full', freeAtMs: expect.closeTo(slotAt(6), 3) });
  });

  test('no later slot is reserved by a worker that last saw a shorter queue', async () => {
    const pacer = setting.newPacer();
    await oneByOne(pacer, 1);
    await oneByOne(setting.newPacer(), 5);
    const request = { region: REGION, api: 'CreateRoom', count: 2, ...inASecond } as const;
    expect(await pacer.reserve(request)).toEqual({ kind: 'full', freeAtMs: expect.closeTo(slotAt(6), 3) });
    expect(await oneByOne(setting.newPacer(), 1)).toEqual(rounded([slotAt(6)]));
  });

  test('slots are reserved that fit together with the head start', async () => {
    const slots = await reserve(setting.newPacer(), { count: 10, latestMs: NOW + Math.ceil(5 * INTERVAL) });
    expect(momentsOf(slots)).toEqual(rounded(inARow(NOW, 5)));
  });

  test('only one of two requested slots is reserved by a worker that last saw a shorter queue', async () => {
    const pacer = setting.newPacer();
    await oneByOne(pacer, 1);
    await oneByOne(setting.newPacer(), 4);
    expect(momentsOf(await reserve(pacer, { count: 2, ...inASecond }))).toEqual(rounded([slotAt(5)]));
  });

  test('the first slot after idleness is reserved even without room for the head start', async () => {
    const slots = await reserve(setting.newPacer(), { count: 2, latestMs: NOW });
    expect(momentsOf(slots)).toEqual([NOW]);
  });

  test('no slot is reserved if that moment has passed, although the quota is idle', async () => {
    const request = { region: REGION, api: 'CreateRoom', count: 1, latestMs: NOW - 1 } as const;
    expect(await setting.newPacer().reserve(request)).toEqual({ kind: 'full', freeAtMs: NOW });
    expect(await oneByOne(setting.newPacer(), 1)).toEqual([NOW]);
  });
});

describe('after a throttle', () => {
  const throttle = (pacer: Pacer, reservedAtMs = NOW) =>
    pacer.noteThrottle({ region: REGION, api: 'CreateRoom', reservedAtMs });

  test('slots lie further apart, even for a worker that does not know about it', async () => {
    const unaware = setting.newPacer();
    await oneByOne(unaware, 1);
    await throttle(setting.newPacer());
    expect(await oneByOne(unaware, 3)).toEqual(rounded([1, 2.25, 3.5].map((place) => slotAt(place))));
  });

  test('slots that were reserved before do not move', async () => {
    await oneByOne(setting.newPacer(), 10);
    await throttle(setting.newPacer());
    expect(await oneByOne(setting.newPacer(), 1)).toEqual(rounded([slotAt(10)]));
  });

  test('another throttle of a call that was reserved at the old rate does not cut the rate', async () => {
    await throttle(setting.newPacer(), NOW);
    setting.clock.set(NOW + 400);
    await throttle(setting.newPacer(), NOW);
    expect(setting.stored()).toMatchObject({ rate: { N: '3.98' }, rate_at: { N: String(NOW) } });
  });

  test('another throttle of a call that was reserved after it cuts the rate again', async () => {
    await throttle(setting.newPacer(), NOW);
    setting.clock.set(NOW + 400);
    await throttle(setting.newPacer(), NOW + 200);
    expect(setting.stored()).toMatchObject({ rate: { N: '2.4' }, rate_at: { N: String(NOW + 400) } });
  });

  test('that many workers receive at the same time, the rate is cut once', async () => {
    await Promise.all(Array.from({ length: 10 }, () => throttle(setting.newPacer(), NOW)));
    expect(setting.stored()).toMatchObject({ rate: { N: '3.98' } });
  });

  test('the lower rate is visible, and recovers', async () => {
    const pacer = setting.newPacer();
    expect(pacer.rate(REGION, 'CreateRoom')).toBe(4.975);
    await throttle(pacer);
    expect(pacer.rate(REGION, 'CreateRoom')).toBe(3.98);
    setting.clock.set(NOW + 30 * SECOND);
    expect(pacer.rate(REGION, 'CreateRoom')).toBe(4.975);
  });

  test('other regions and APIs keep their rate', async () => {
    const pacer = setting.newPacer();
    await throttle(pacer);
    expect(pacer.rate('us-east-1', 'CreateRoom')).toBe(4.975);
    expect(pacer.rate(REGION, 'ListRooms')).toBe(4.975);
  });
});

describe('on an item that others change before every write', () => {
  let writes: number;
  let pacer: Pacer;
  beforeEach(() => {
    writes = 0;
    const { table } = setting;
    const contested: PaceTable = {
      ...table,
      async update(region, api, change) {
        writes += 1;
        await table.update(region, api, { update: 'SET rate_at = :at', values: { at: writes } });
        return table.update(region, api, change);
      },
    };
    pacer = createPacer(contested, { callsPerSecond: 5, probeScheduleSeconds: SCHEDULE });
  });

  test('a reservation is given up after five writes, and its request returns later', async () => {
    expect(await pacer.reserve({ region: REGION, api: 'CreateRoom', count: 1, latestMs: NOW + SECOND })).toEqual({
      kind: 'full',
      freeAtMs: NOW,
    });
    expect(writes).toBe(5);
  });

  test('a cut of the rate is given up after five writes, because others have cut it', async () => {
    await pacer.noteThrottle({ region: REGION, api: 'CreateRoom', reservedAtMs: NOW });
    expect(writes).toBe(5);
  });
});

describe('a worker whose clock is wrong', () => {
  const HOUR = 3_600 * SECOND;

  test.each([5 * SECOND, -5 * SECOND, HOUR, -HOUR])(
    'reserves slots in the shared time although it is off by %i ms',
    async (skewMs) => {
      const wrong = setting.newPacer({ skewMs });
      const ownLatest = () => ({ latestMs: setting.clock.nowMs() + skewMs + 60 * SECOND });
      // Every answer states the time, even if no slot is free.
      for (let place = 0; place < 40; place++) {
        await wrong.reserve({ region: REGION, api: 'GetRoom', count: 1, ...ownLatest() });
        setting.clock.set(setting.clock.nowMs() + 1_137);
      }
      const nowMs = setting.clock.nowMs();
      await oneByOne(setting.newPacer(), 3);
      const [slot] = await reserve(wrong, ownLatest());
      expect(Math.abs((slot?.atMs ?? 0) - skewMs - slotAt(3, nowMs))).toBeLessThanOrEqual(50);
    },
  );

  test('delays no calls by a stored moment far ahead, because the moment is pulled back and counted', async () => {
    await setting.table.update(REGION, 'CreateRoom', {
      update: 'SET free_at = :free_at',
      values: { free_at: NOW + HOUR },
    });
    let pulledBack = 0;
    const pacer = setting.newPacer({ onPulledBack: () => pulledBack++ });
    const seeAsMuch = [pacer, setting.newPacer({ onPulledBack: () => pulledBack++ })];
    await Promise.all(
      seeAsMuch.map((each) => each.reserve({ region: REGION, api: 'CreateRoom', count: 1, latestMs: NOW })),
    );
    expect(await oneByOne(pacer, 2)).toEqual(rounded([slotAt(1), slotAt(2)]));
    expect(pulledBack).toBe(1);
  });

  // DynamoDB adds decimals with up to 38 digits. The sum differs when it is read as a JavaScript number.
  test.each([3, 5, 7])(
    'delays no calls even if slots were reserved after that moment, at %i calls a second',
    async (callsPerSecond) => {
      let pulledBack = 0;
      const newPacer = () =>
        createPacer(setting.table, {
          callsPerSecond,
          probeScheduleSeconds: SCHEDULE,
          onPulledBack: () => pulledBack++,
        });
      setting.clock.set(NOW + HOUR);
      const wrong = newPacer();
      const reserved = [];
      for (let time = 0; time < 4; time++) reserved.push(...(await reserve(wrong, inAMinute())));
      setting.clock.set(NOW);
      expect(momentsOf(await reserve(newPacer(), inAMinute()))[0]).toBeLessThan(NOW + 2 * SECOND);
      expect([reserved.length, pulledBack]).toEqual([4, 1]);
    },
  );

  test('control: a moment that a slow sweep may have reserved is not pulled back', async () => {
    await setting.table.update(REGION, 'CreateRoom', {
      update: 'SET free_at = :free_at',
      values: { free_at: NOW + 900 * SECOND },
    });
    const request = { region: REGION, api: 'CreateRoom', count: 1, ...inAMinute() } as const;
    expect(await setting.newPacer().reserve(request)).toEqual({ kind: 'full', freeAtMs: NOW + 900 * SECOND });
  });
});

test('no condition compares moments for equality, except those in whole milliseconds that are never added to', async () => {
  const equalities = new Set<string>();
  const { table } = setting;
  const watched: PaceTable = {
    ...table,
    update(region, api, change) {
      for (const [equality, name = ''] of change.condition?.matchAll(/\w+ (?:=|<>|IN) \(?:(\w+)/g) ?? []) {
        // A key is not a moment.
        if (typeof change.values[name] === 'string') continue;
        equalities.add(equality);
        expect(Number.isInteger(change.values[name])).toBe(true);
      }
      return table.update(region, api, change);
    },
  };
  setting.clock.set(NOW + 1 / 3);
  const pacer = createPacer(watched, { callsPerSecond: 3, probeScheduleSeconds: SCHEDULE });
  const breaker = createBreaker(watched, SCHEDULE);
  for (let round = 0; round < 5; round++) {
    const [slot] = await reserve(pacer, inAMinute());
    setting.clock.set(setting.clock.nowMs() + SECOND / 7);
    await pacer.noteThrottle({ region: REGION, api: 'CreateRoom', reservedAtMs: slot?.reservedAtMs ?? 0 });
  }
  await breaker.open({ region: REGION, ledgerKey: 'opener', reason: 'quota' });
  for (const [waitMs, neededInMs] of [
    [61 * SECOND + 1 / 3, undefined],
    [121 * SECOND + 1 / 3, 100 * SECOND],
  ] as const) {
    setting.clock.set(setting.clock.nowMs() + waitMs);
    const reservation = await pacer.reserve({ region: REGION, api: 'CreateRoom', count: 1, ...inAMinute() });
    if (reservation.kind !== 'open-breaker') throw new Error('The breaker is closed');
    const neededByMs = neededInMs && setting.clock.nowMs() + neededInMs;
    const { item } = reservation;
    const probe = await pacer.probe({ region: REGION, api: 'CreateRoom', ledgerKey: 'other', neededByMs, item });
    expect(probe.kind).toBe('slot');
    if (probe.kind !== 'slot') continue;
    if (neededInMs) await breaker.noteSuccess(REGION, probe);
    else await breaker.open({ region: REGION, ledgerKey: 'other', reason: 'quota', slot: probe });
  }
  expect(await reserve(pacer, inAMinute())).toHaveLength(1);
  expect([...equalities]).toEqual(['rate_at = :rate_at']);
});

describe('a call that is late for its slot', () => {
  /** Whether each of several consecutive calls may be sent if it is late for its slot by the given time. */
  async function sent(latenessMs: readonly number[]): Promise<boolean[]> {
    const pacer = setting.newPacer();
    const results: boolean[] = [];
    for (const lateMs of latenessMs) {
      const [slot] = await reserve(pacer, inAMinute());
      if (!slot) throw new Error('No slot');
      setting.clock.set(slot.atMs + lateMs);
      results.push(pacer.isPunctual(slot, 'sending'));
    }
    return results;
  }

  test('is sent up to half an interval after its slot', async () => {
    expect(await sent([0, 50, 100])).toEqual([true, true, true]);
  });

  test('loses its slot if it is later than half an interval', async () => {
    expect(await sent([101, 0, 5_000])).toEqual([false, true, false]);
  });

  test('is sent by a worker that is always late, after the worker has lost three slots', async () => {
    expect(await sent(Array(8).fill(150))).toEqual([false, false, false, true, true, true, true, true]);
  });

  test('loses its slot about once in fifty punctual calls after that', async () => {
    const pattern = Array.from({ length: 206 }, (_, place) => (place < 3 || place % 2 === 0 ? 150 : 0));
    const lost = (await sent(pattern)).filter((wasSent) => !wasSent).length;
    expect(lost).toBeGreaterThanOrEqual(4);
    expect(lost).toBeLessThanOrEqual(6);
  });

  test('may lose a slot again after fifty punctual calls that were sent; calls that woke but were not sent do not count', async () => {
    const pacer = setting.newPacer();
    const [slot] = await reserve(pacer, inAMinute());
    if (!slot) throw new Error('No slot');
    const late = { ...slot, atMs: NOW - 150 };
    expect([1, 2, 3, 4].map(() => pacer.isPunctual(late, 'woken'))).toEqual([false, false, false, true]);
    for (let call = 0; call < 100; call++) pacer.isPunctual(slot, 'woken');
    expect(pacer.isPunctual(late, 'woken')).toBe(true);
    for (let call = 0; call < 50; call++) pacer.isPunctual(slot, 'sending');
    expect(pacer.isPunctual(late, 'woken')).toBe(false);
  });

  test('does not lose its slot as a probe, because no other call follows it', async () => {
    const pacer = setting.newPacer();
    const [slot] = await reserve(pacer, inAMinute());
    if (!slot) throw new Error('No slot');
    setting.clock.set(NOW + 5 * SECOND);
    expect(pacer.isPunctual({ ...slot, probe: true }, 'woken')).toBe(true);
  });
});
