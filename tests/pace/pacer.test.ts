import { beforeEach, describe, expect, test } from '@jest/globals';
import { createBreaker } from '../../lib/pace/breaker.ts';
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

/** The moments of so many slots, reserved one by one. */
async function oneByOne(pacer: Pacer, count: number): Promise<number[]> {
  const moments: number[] = [];
  for (let time = 0; time < count; time++) moments.push(...momentsOf(await reserve(pacer, inAMinute())));
  return moments;
}

describe('slots', () => {
  test('lie an interval apart, the first of them now and with a head start', async () => {
    expect(await oneByOne(setting.newPacer(), 5)).toEqual(rounded(inARow(NOW, 5)));
  });

  test('leave the first call as much room to be late as it is allowed', async () => {
    const pacer = setting.newPacer();
    const [first, second] = await reserve(pacer, { count: 2, ...inAMinute() });
    if (!first || !second) throw new Error('Not two slots');
    setting.clock.set(NOW + HEAD_START);
    expect(pacer.isPunctual(first, 'sending')).toBe(true);
    expect(second.atMs - setting.clock.nowMs()).toBeGreaterThanOrEqual(INTERVAL);
  });

  test('leave it the time to get ready at a higher quota too, where it may be less late than that', async () => {
    const pacer = createPacer(setting.table, { callsPerSecond: 50, probeScheduleSeconds: SCHEDULE });
    const slots = await reserve(pacer, { count: 3, ...inAMinute() });
    const secondMs = NOW + PREPARATION_MS + INTERVAL / 10;
    expect(momentsOf(slots)).toEqual(rounded([NOW, secondMs, secondMs + INTERVAL / 10]));
  });

  test('are reserved many at a time with one write', async () => {
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

  test('are each given once, however many workers ask at the same moment', async () => {
    const asked = Array.from({ length: 30 }, () => reserve(setting.newPacer(), { count: 3, ...inAMinute() }));
    const moments = momentsOf((await Promise.all(asked)).flat());
    expect(moments.sort((a, b) => a - b)).toEqual(rounded(inARow(NOW, 90)));
  });

  test('begin anew after idleness: the quota that was not used is not saved up', async () => {
    const pacer = setting.newPacer();
    await oneByOne(pacer, 3);
    setting.clock.set(NOW + 10 * SECOND);
    expect(await oneByOne(pacer, 3)).toEqual(rounded(inARow(NOW + 10 * SECOND, 3)));
  });

  test('go on where they stood if the next is still to come', async () => {
    const pacer = setting.newPacer();
    await oneByOne(pacer, 3);
    setting.clock.set(NOW + 500);
    expect(await oneByOne(pacer, 1)).toEqual(rounded([slotAt(3)]));
  });

  test('of another region or API are other slots', async () => {
    const pacer = setting.newPacer();
    await oneByOne(pacer, 3);
    expect(momentsOf(await reserve(pacer, { region: 'us-east-1', ...inAMinute() }))).toEqual([NOW]);
    expect(momentsOf(await reserve(pacer, { api: 'ListRooms', ...inAMinute() }))).toEqual([NOW]);
  });
});

describe('nothing is reserved beyond the latest moment that is of use', () => {
  // The sixth slot's own moment, but for the rounding of an interval that is no whole number.
  const inASecond = { latestMs: NOW + Math.ceil(HEAD_START + 5 * INTERVAL) };

  test('the slot at that very moment is', async () => {
    await oneByOne(setting.newPacer(), 5);
    expect(momentsOf(await reserve(setting.newPacer(), inASecond))).toEqual(rounded([slotAt(5)]));
  });

  test('one beyond is not, and stays free', async () => {
    await oneByOne(setting.newPacer(), 5);
    const pacer = setting.newPacer();
    const late = { region: REGION, api: 'CreateRoom', count: 1, latestMs: slotAt(5) - 1 } as const;
    expect(await pacer.reserve(late)).toEqual({ kind: 'full', freeAtMs: slotAt(5) });
    expect(await oneByOne(setting.newPacer(), 1)).toEqual(rounded([slotAt(5)]));
  });

  test('of many that are wanted, as many are given as fit', async () => {
    const pacer = setting.newPacer();
    expect(momentsOf(await reserve(pacer, { count: 10, ...inASecond }))).toEqual(rounded(inARow(NOW, 6)));
    const more = { region: REGION, api: 'CreateRoom', count: 4, ...inASecond } as const;
    expect(await pacer.reserve(more)).toEqual({ kind: 'full', freeAtMs: expect.closeTo(slotAt(6), 3) });
  });

  test('nor by a worker that last saw a shorter queue', async () => {
    const pacer = setting.newPacer();
    await oneByOne(pacer, 1);
    await oneByOne(setting.newPacer(), 5);
    const request = { region: REGION, api: 'CreateRoom', count: 2, ...inASecond } as const;
    expect(await pacer.reserve(request)).toEqual({ kind: 'full', freeAtMs: expect.closeTo(slotAt(6), 3) });
    expect(await oneByOne(setting.newPacer(), 1)).toEqual(rounded([slotAt(6)]));
  });

  test('the head start counts', async () => {
    const slots = await reserve(setting.newPacer(), { count: 10, latestMs: NOW + Math.ceil(5 * INTERVAL) });
    expect(momentsOf(slots)).toEqual(rounded(inARow(NOW, 5)));
  });

  test('not even the second of two that are asked for by a worker that last saw a shorter queue', async () => {
    const pacer = setting.newPacer();
    await oneByOne(pacer, 1);
    await oneByOne(setting.newPacer(), 4);
    expect(momentsOf(await reserve(pacer, { count: 2, ...inASecond }))).toEqual(rounded([slotAt(5)]));
  });

  test('the first one after idleness is given at its very moment, head start or not', async () => {
    const slots = await reserve(setting.newPacer(), { count: 2, latestMs: NOW });
    expect(momentsOf(slots)).toEqual([NOW]);
  });

  test('nothing at all if the moment has passed already, though the quota lies idle', async () => {
    const request = { region: REGION, api: 'CreateRoom', count: 1, latestMs: NOW - 1 } as const;
    expect(await setting.newPacer().reserve(request)).toEqual({ kind: 'full', freeAtMs: NOW });
    expect(await oneByOne(setting.newPacer(), 1)).toEqual([NOW]);
  });
});

describe('after a throttle', () => {
  const throttle = (pacer: Pacer, reservedAtMs = NOW) =>
    pacer.noteThrottle({ region: REGION, api: 'CreateRoom', reservedAtMs });

  test('slots lie further apart, also for a worker that has not heard of it', async () => {
    const unaware = setting.newPacer();
    await oneByOne(unaware, 1);
    await throttle(setting.newPacer());
    expect(await oneByOne(unaware, 3)).toEqual(rounded([1, 2.25, 3.5].map((place) => slotAt(place))));
  });

  test('slots that were reserved before stay where they are', async () => {
    await oneByOne(setting.newPacer(), 10);
    await throttle(setting.newPacer());
    expect(await oneByOne(setting.newPacer(), 1)).toEqual(rounded([slotAt(10)]));
  });

  test('another one of a call that was reserved at the old rate cuts nothing', async () => {
    await throttle(setting.newPacer(), NOW);
    setting.clock.set(NOW + 400);
    await throttle(setting.newPacer(), NOW);
    expect(setting.stored()).toMatchObject({ rate: { N: '3.98' }, rate_at: { N: String(NOW) } });
  });

  test('another one of a call that was reserved since cuts again', async () => {
    await throttle(setting.newPacer(), NOW);
    setting.clock.set(NOW + 400);
    await throttle(setting.newPacer(), NOW + 200);
    expect(setting.stored()).toMatchObject({ rate: { N: '2.4' }, rate_at: { N: String(NOW + 400) } });
  });

  test('that many workers meet at once, the rate is cut once', async () => {
    await Promise.all(Array.from({ length: 10 }, () => throttle(setting.newPacer(), NOW)));
    expect(setting.stored()).toMatchObject({ rate: { N: '3.98' } });
  });

  test('the rate is visible, and recovers', async () => {
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

  test('a reservation is given up after five, and comes again later', async () => {
    expect(await pacer.reserve({ region: REGION, api: 'CreateRoom', count: 1, latestMs: NOW + SECOND })).toEqual({
      kind: 'full',
      freeAtMs: NOW,
    });
    expect(writes).toBe(5);
  });

  test('so is a cut: others have cut the rate', async () => {
    await pacer.noteThrottle({ region: REGION, api: 'CreateRoom', reservedAtMs: NOW });
    expect(writes).toBe(5);
  });
});

describe('a worker whose clock is wrong', () => {
  const HOUR = 3_600 * SECOND;

  test.each([5 * SECOND, -5 * SECOND, HOUR, -HOUR])(
    'reserves in the time that all share: off by %i ms',
    async (skewMs) => {
      const wrong = setting.newPacer({ skewMs });
      const ownLatest = () => ({ latestMs: setting.clock.nowMs() + skewMs + 60 * SECOND });
      // It hears the time with every answer, be it that nothing is free.
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

  test('that has stored a moment far ahead keeps nobody waiting: it is pulled back, and counted', async () => {
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

  // DynamoDB adds in decimals of up to 38 digits; as a number here, what it has added is another one.
  test.each([3, 5, 7])(
    'is pulled back too when slots were reserved behind it, at %i a second',
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

  test('what a slow sweep may have reserved is not far ahead', async () => {
    await setting.table.update(REGION, 'CreateRoom', {
      update: 'SET free_at = :free_at',
      values: { free_at: NOW + 900 * SECOND },
    });
    const request = { region: REGION, api: 'CreateRoom', count: 1, ...inAMinute() } as const;
    expect(await setting.newPacer().reserve(request)).toEqual({ kind: 'full', freeAtMs: NOW + 900 * SECOND });
  });
});

test('no condition asks whether a moment equals another, but in whole milliseconds with which nobody calculates', async () => {
  const equalities = new Set<string>();
  const { table } = setting;
  const watched: PaceTable = {
    ...table,
    update(region, api, change) {
      for (const [equality, name = ''] of change.condition?.matchAll(/\w+ (?:=|<>|IN) \(?:(\w+)/g) ?? []) {
        // A key is no moment.
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
  await breaker.open(REGION, 'opener');
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
    else await breaker.open(REGION, 'other', probe);
  }
  expect(await reserve(pacer, inAMinute())).toHaveLength(1);
  expect([...equalities]).toEqual(['rate_at = :rate_at']);
});

describe('a call that comes late for its slot', () => {
  /** Whether the calls may be sent that come so late, one after the other, for slots of their own. */
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

  test('is sent up to half an interval after it', async () => {
    expect(await sent([0, 50, 100])).toEqual([true, true, true]);
  });

  test('loses it after that', async () => {
    expect(await sent([101, 0, 5_000])).toEqual([false, true, false]);
  });

  test('is sent all the same by a worker that is late all the time: it loses three', async () => {
    expect(await sent(Array(8).fill(150))).toEqual([false, false, false, true, true, true, true, true]);
  });

  test('and of its later ones one in fifty, if the others are punctual', async () => {
    const pattern = Array.from({ length: 206 }, (_, place) => (place < 3 || place % 2 === 0 ? 150 : 0));
    const lost = (await sent(pattern)).filter((wasSent) => !wasSent).length;
    expect(lost).toBeGreaterThanOrEqual(4);
    expect(lost).toBeLessThanOrEqual(6);
  });

  test('is given a share of a slot back for calls that are sent, not for those that have woken', async () => {
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

  test('loses none as a probe, for which no other call waits', async () => {
    const pacer = setting.newPacer();
    const [slot] = await reserve(pacer, inAMinute());
    if (!slot) throw new Error('No slot');
    setting.clock.set(NOW + 5 * SECOND);
    expect(pacer.isPunctual({ ...slot, probe: true }, 'woken')).toBe(true);
  });
});
