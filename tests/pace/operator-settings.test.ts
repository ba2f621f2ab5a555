import { beforeEach, describe, expect, test } from '@jest/globals';
import { createBreaker } from '../../lib/pace/breaker.ts';
import { pause, resume, setCeiling } from '../../lib/pace/operator-settings.ts';
import type { PaceUpdate } from '../../lib/pace/pace-table.ts';
import type { Pacer } from '../../lib/pace/pacer.ts';
import {
  createPaceSetting,
  momentsOf,
  NOW,
  type PaceSetting,
  REGION,
  reserve,
  SCHEDULE,
  SECOND,
} from './pace-setting.ts';

const MINUTE = 60 * SECOND;
let setting: PaceSetting;
let pacer: Pacer;

beforeEach(() => {
  setting = createPaceSetting();
  pacer = setting.newPacer();
});

const set = (update: PaceUpdate) => setting.table.update(REGION, 'CreateRoom', update);
const ask = (lane: 'interactive' | 'bulk', worker = pacer) =>
  worker.reserve({ region: REGION, api: 'CreateRoom', lane, count: 1, latestMs: setting.clock.nowMs() + MINUTE });

/** The slots that a lane gets within a number of seconds if it always reserves those of the next second. */
async function slotsWithin(seconds: number, lane: 'interactive' | 'bulk', workers = [pacer]): Promise<number[]> {
  const moments: number[] = [];
  const endMs = setting.clock.nowMs() + seconds * SECOND;
  for (let turn = 0; setting.clock.nowMs() < endMs; turn++) {
    const worker = workers[turn % workers.length] ?? pacer;
    const latestMs = Math.min(endMs, setting.clock.nowMs() + SECOND);
    const reservation = await worker.reserve({ region: REGION, api: 'CreateRoom', lane, count: 10, latestMs });
    if (reservation.kind === 'slots') moments.push(...momentsOf(reservation.slots));
    setting.clock.set(setting.clock.nowMs() + 250);
  }
  return moments;
}

describe('a paused lane', () => {
  test('gets no slot, even from a worker that does not know about the pause, and the other lane gets slots', async () => {
    expect(await ask('bulk')).toMatchObject({ kind: 'slots' });
    await set(pause(['bulk']));
    expect(await ask('bulk')).toEqual({ kind: 'paused', untilMs: undefined });
    expect(await ask('bulk', setting.newPacer())).toEqual({ kind: 'paused', untilMs: undefined });
    expect(await ask('interactive')).toMatchObject({ kind: 'slots' });
  });

  test('gets slots again when it is resumed', async () => {
    await set(pause(['interactive', 'bulk']));
    expect(await ask('interactive')).toMatchObject({ kind: 'paused' });
    await set(resume(['interactive', 'bulk']));
    expect(await ask('interactive')).toMatchObject({ kind: 'slots' });
    expect(await ask('bulk')).toMatchObject({ kind: 'slots' });
  });

  test('gets slots again at the end of its pause, which is in the answer', async () => {
    await set(pause(['bulk'], NOW + MINUTE));
    expect(await ask('bulk')).toEqual({ kind: 'paused', untilMs: NOW + MINUTE });
    setting.clock.set(NOW + MINUTE - 1);
    expect(await ask('bulk')).toMatchObject({ kind: 'paused' });
    setting.clock.set(NOW + MINUTE);
    expect(await ask('bulk')).toMatchObject({ kind: 'slots' });
  });

  test('converts the end of its pause to the clock of a worker whose clock is wrong', async () => {
    const skewMs = 3_600_000;
    const worker = setting.newPacer({ skewMs });
    const askWorker = () => {
      const latestMs = setting.clock.nowMs() + skewMs + MINUTE;
      return worker.reserve({ region: REGION, api: 'CreateRoom', lane: 'bulk', count: 1, latestMs });
    };
    await askWorker();
    await set(pause(['bulk'], NOW + MINUTE));
    const answer = await askWorker();
    if (answer.kind !== 'paused' || answer.untilMs === undefined) throw new Error(JSON.stringify(answer));
    expect(Math.abs(answer.untilMs - (NOW + MINUTE + skewMs))).toBeLessThanOrEqual(2 * SECOND);
  });

  test('does not probe an open breaker', async () => {
    await createBreaker(setting.table, SCHEDULE).open({ region: REGION, ledgerKey: 'opener', reason: 'quota' });
    setting.clock.set(NOW + 2 * MINUTE);
    const reservation = await ask('bulk');
    if (reservation.kind !== 'open-breaker') throw new Error(reservation.kind);
    const prober = { region: REGION, api: 'CreateRoom', ledgerKey: 'key', item: reservation.item } as const;
    await set(pause(['bulk']));
    const before = setting.stored();
    expect(await pacer.probe({ ...prober, lane: 'bulk' })).toEqual({ kind: 'paused', untilMs: undefined });
    expect(setting.stored()).toEqual(before);
    expect(await pacer.probe({ ...prober, lane: 'interactive' })).toMatchObject({ kind: 'slot', probe: true });
  });

  test('gets the answer that it is paused even while the breaker is open, so that no worker asks for a probe', async () => {
    await createBreaker(setting.table, SCHEDULE).open({ region: REGION, ledgerKey: 'opener', reason: 'quota' });
    await set(pause(['bulk']));
    expect(await ask('bulk')).toMatchObject({ kind: 'paused' });
    expect(await ask('interactive')).toMatchObject({ kind: 'open-breaker' });
  });
});

describe('the ceiling of a region', () => {
  test('applies to a worker that assumed another one, because the write of that worker is refused once', async () => {
    await ask('interactive');
    await set(setCeiling(undefined, 1, setting.clock.nowMs()));
    const slots = await reserve(pacer, { count: 3, latestMs: NOW + MINUTE });
    const [first = 0, second = 0, third = 0] = momentsOf(slots);
    expect(second - first).toBeCloseTo(1_000 / 0.995, 1);
    expect(third - second).toBeCloseTo(1_000 / 0.995, 1);
    expect(pacer.rate(REGION, 'CreateRoom')).toBeCloseTo(0.995);
  });

  test('may be higher than the deployed one, and calls may then be less late', async () => {
    await set(setCeiling(undefined, 50, NOW));
    await ask('interactive');
    const [first, second] = await reserve(pacer, { count: 2, latestMs: NOW + MINUTE });
    if (!first || !second) throw new Error('Not two slots');
    expect(second.atMs - first.atMs).toBeCloseTo(20 / 0.995, 1);
    setting.clock.set(first.atMs + 11);
    expect(pacer.isPunctual(first, 'sending')).toBe(false);
  });

  test('can be removed, and the deployed one applies again', async () => {
    await set(setCeiling(undefined, 1, NOW));
    await ask('interactive');
    await set(setCeiling(undefined, undefined, NOW + 1));
    setting.clock.set(NOW + MINUTE);
    await ask('interactive');
    expect(pacer.rate(REGION, 'CreateRoom')).toBeCloseTo(4.975);
    expect(setting.stored()).not.toHaveProperty('ceiling');
  });

  test('ends the cut of an earlier throttle, and a later throttle cuts it', async () => {
    await ask('interactive');
    await pacer.noteThrottle({ region: REGION, api: 'CreateRoom', reservedAtMs: NOW });
    expect(pacer.rate(REGION, 'CreateRoom')).toBeLessThan(4.5);
    setting.clock.set(NOW + SECOND);
    await set(setCeiling(undefined, 2, setting.clock.nowMs()));
    await ask('interactive');
    expect(pacer.rate(REGION, 'CreateRoom')).toBeCloseTo(1.99);
    setting.clock.set(NOW + 2 * SECOND);
    await pacer.noteThrottle({ region: REGION, api: 'CreateRoom', reservedAtMs: setting.clock.nowMs() });
    expect(pacer.rate(REGION, 'CreateRoom')).toBeLessThan(1.99);
  });
});

describe('the ceiling of a lane', () => {
  test('limits the lane, however many workers it has', async () => {
    await set(setCeiling('bulk', 1, NOW));
    const moments = await slotsWithin(60, 'bulk', [setting.newPacer(), setting.newPacer(), setting.newPacer()]);
    expect(moments.length).toBeGreaterThanOrEqual(58);
    expect(moments.length).toBeLessThanOrEqual(62);
  });

  test('leaves the rest of the quota to the other lane', async () => {
    await set(setCeiling('bulk', 1, NOW));
    const [bulk, interactive] = [setting.newPacer(), setting.newPacer()];
    let bulkSlots = 0;
    let interactiveSlots = 0;
    for (; setting.clock.nowMs() < NOW + MINUTE; setting.clock.set(setting.clock.nowMs() + 250)) {
      const latestMs = setting.clock.nowMs() + SECOND;
      const request = { region: REGION, api: 'CreateRoom', count: 10, latestMs } as const;
      const forBulk = await bulk.reserve({ ...request, lane: 'bulk' });
      if (forBulk.kind === 'slots') bulkSlots += forBulk.slots.length;
      const forInteractive = await interactive.reserve({
        ...request,
        latestMs: latestMs + SECOND,
        lane: 'interactive',
      });
      if (forInteractive.kind === 'slots') interactiveSlots += forInteractive.slots.length;
    }
    expect(bulkSlots).toBeLessThanOrEqual(62);
    expect(bulkSlots + interactiveSlots).toBeGreaterThan(60 * 4.9);
  });

  test.each([1, undefined])(
    'does not restart a cut from which the region has recovered (ceiling %s)',
    async (ceiling) => {
      await ask('interactive');
      for (const reservedAtMs of [NOW, NOW + SECOND]) {
        setting.clock.set(reservedAtMs);
        await pacer.noteThrottle({ region: REGION, api: 'CreateRoom', reservedAtMs });
      }
      setting.clock.set(NOW + 60 * MINUTE);
      await set(setCeiling('bulk', ceiling, setting.clock.nowMs()));
      await ask('interactive');
      expect(pacer.rate(REGION, 'CreateRoom')).toBeCloseTo(4.975);
    },
  );

  test('applies to a worker that does not know it, because the write of that worker is refused once', async () => {
    await ask('bulk');
    await pacer.noteThrottle({ region: REGION, api: 'CreateRoom', reservedAtMs: NOW });
    setting.clock.set(NOW + MINUTE);
    await set(setCeiling('bulk', 0.1, setting.clock.nowMs()));
    const reservation = await pacer.reserve({
      region: REGION,
      api: 'CreateRoom',
      lane: 'bulk',
      count: 3,
      latestMs: NOW + MINUTE + SECOND,
    });
    expect(reservation).toMatchObject({ kind: 'slots', slots: [{ kind: 'slot' }] });
  });

  test('can be removed, and leaves nothing behind', async () => {
    await set(setCeiling('bulk', 1, NOW));
    await slotsWithin(2, 'bulk');
    await set(setCeiling('bulk', undefined, setting.clock.nowMs()));
    expect(setting.stored()).not.toHaveProperty('bulk_ceiling');
    expect(setting.stored()).not.toHaveProperty('bulk_free_at');
    expect((await slotsWithin(10, 'bulk')).length).toBeGreaterThan(45);
  });

  test('makes the answer contain the next slot of the lane if it is later than that of the region', async () => {
    await set(setCeiling('bulk', 0.1, NOW));
    expect(await ask('bulk')).toMatchObject({ kind: 'slots' });
    const latestMs = setting.clock.nowMs() + SECOND;
    const request = { region: REGION, api: 'CreateRoom', count: 1, latestMs } as const;
    expect(await pacer.reserve({ ...request, lane: 'bulk' })).toEqual({ kind: 'full', freeAtMs: NOW + 10 * SECOND });
    expect(await pacer.reserve({ ...request, lane: 'interactive' })).toMatchObject({ kind: 'slots' });
  });

  test('pulls back a moment of the lane that a wrong clock has stored far ahead', async () => {
    let pulledBack = 0;
    const worker = setting.newPacer({ onPulledBack: () => (pulledBack += 1) });
    await set(setCeiling('bulk', 1, NOW));
    await set({ update: 'SET bulk_free_at = :far', values: { far: NOW + 3_600_000 } });
    expect(
      await worker.reserve({ region: REGION, api: 'CreateRoom', lane: 'bulk', count: 1, latestMs: NOW + SECOND }),
    ).toMatchObject({ kind: 'slots' });
    expect(pulledBack).toBe(1);
  });
});

test('the item contains the ceiling with which the workers are deployed', async () => {
  await ask('interactive');
  expect(setting.stored()).toMatchObject({ deployed_ceiling: { N: '5' } });
});
