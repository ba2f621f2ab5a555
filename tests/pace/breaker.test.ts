import { beforeEach, describe, expect, test } from '@jest/globals';
import { createBreaker } from '../../lib/pace/breaker.ts';
import type { Pacer } from '../../lib/pace/pacer.ts';
import {
  createPaceSetting,
  INTERVAL,
  NOW,
  type PaceSetting,
  REGION,
  reserve,
  SCHEDULE,
  SECOND,
} from './pace-setting.ts';

let setting: PaceSetting;
beforeEach(() => {
  setting = createPaceSetting();
});

const breaker = () => createBreaker(setting.table, SCHEDULE);

/** The answer to a worker that knows nothing about the region: a slot, or the time until which the breaker stays open. */
async function asked(
  nowMs: number,
  ledgerKey = 'other',
  neededByMs?: number,
): Promise<Awaited<ReturnType<Pacer['probe']>>> {
  setting.clock.set(nowMs);
  const pacer = setting.newPacer();
  const place = { region: REGION, api: 'CreateRoom' } as const;
  const reservation = await pacer.reserve({ ...place, count: 1, latestMs: nowMs + 60 * SECOND });
  if (reservation.kind === 'open-breaker')
    return pacer.probe({ ...place, ledgerKey, neededByMs, item: reservation.item });
  const slot = reservation.kind === 'slots' ? reservation.slots[0] : undefined;
  if (!slot) throw new Error(`No slot but ${JSON.stringify(reservation)}`);
  return slot;
}

/** Like `asked`, but a probe then finds the region still closed. */
async function probesInVain(
  nowMs: number,
  ledgerKey = 'other',
  neededByMs?: number,
  reason: 'quota' | 'blocked' = 'blocked',
): Promise<Awaited<ReturnType<Pacer['probe']>>> {
  const result = await asked(nowMs, ledgerKey, neededByMs);
  if (result.kind === 'slot') await breaker().open({ region: REGION, ledgerKey, reason, slot: result });
  return result;
}

describe('while the breaker is open', () => {
  const openUntil = NOW + 60 * SECOND;
  const closedUntil = (untilMs: number) => ({ kind: 'region-closed', untilMs, openedAtMs: NOW });

  beforeEach(() => breaker().open({ region: REGION, ledgerKey: 'opener', reason: 'blocked' }));

  test('no worker gets a slot, not even one that does not know that the breaker is open', async () => {
    expect(await asked(NOW + SECOND)).toEqual(closedUntil(openUntil));
    expect(await asked(openUntil - 1)).toEqual(closedUntil(openUntil));
  });

  test('other regions and APIs continue', async () => {
    const latest = { latestMs: NOW + SECOND };
    expect(await reserve(setting.newPacer(), { region: 'us-east-1', ...latest })).toMatchObject([{ atMs: NOW }]);
    expect(await reserve(setting.newPacer(), { api: 'ListRooms', ...latest })).toMatchObject([{ atMs: NOW }]);
  });

  test('it does not change when another call finds the region closed', async () => {
    setting.clock.set(NOW + 30 * SECOND);
    await breaker().open({ region: REGION, ledgerKey: 'second', reason: 'blocked' });
    expect(await asked(NOW + 30 * SECOND)).toEqual(closedUntil(openUntil));
  });

  test('one call probes when the probe is due, even if several ask at the same moment', async () => {
    const results = await Promise.all(['a', 'b', 'c', 'd'].map((key) => asked(openUntil, key)));
    const probes = results.filter(({ kind }) => kind === 'slot');
    expect(probes).toEqual([expect.objectContaining({ atMs: openUntil, probe: true })]);
    // The probe has a minute to be answered.
    const closed = closedUntil(openUntil + 60 * SECOND);
    expect(results.filter(({ kind }) => kind === 'region-closed')).toEqual([closed, closed, closed]);
  });

  test('the next call after a successful probe has a slot one interval later', async () => {
    const probe = await asked(openUntil);
    if (probe.kind !== 'slot') throw new Error('No probe');
    await breaker().noteSuccess(REGION, probe);
    expect(await asked(openUntil)).toMatchObject({ atMs: expect.closeTo(openUntil + INTERVAL, 3), probe: false });
  });

  test('the second probe comes after five minutes, and later ones every fifteen minutes', async () => {
    let atMs = openUntil;
    for (const waitSeconds of [300, 900, 900]) {
      expect(await probesInVain(atMs)).toMatchObject({ kind: 'slot', probe: true });
      const nextMs = atMs + waitSeconds * SECOND;
      expect(await asked(nextMs - 1)).toEqual(closedUntil(nextMs));
      atMs = nextMs;
    }
  });

  test('its age is unknown if a worker of the previous release opened it, until a probe finds the region still closed', async () => {
    await setting.table.update(REGION, 'CreateRoom', { update: 'REMOVE opened_at', values: {} });
    expect(await asked(openUntil - 1)).toEqual({ kind: 'region-closed', untilMs: openUntil });
    await probesInVain(openUntil);
    expect(await asked(openUntil + SECOND)).toMatchObject({ kind: 'region-closed', openedAtMs: openUntil });
  });

  test('the key that opened it does not probe, because it may be the only key that fails', async () => {
    expect(await asked(openUntil, 'opener')).toEqual(closedUntil(openUntil + 300 * SECOND));
    expect(await asked(openUntil, 'other')).toMatchObject({ kind: 'slot', probe: true });
  });

  test('the key that opened it probes if no other key has come for a whole interval', async () => {
    const lateMs = openUntil + 300 * SECOND;
    expect(await asked(lateMs - 1, 'opener')).toEqual(closedUntil(lateMs));
    expect(await asked(lateMs, 'opener')).toMatchObject({ kind: 'slot', atMs: lateMs, probe: true });
  });

  test('a successful probe closes it for all workers', async () => {
    const probe = await asked(openUntil);
    if (probe.kind !== 'slot') throw new Error('No probe');
    await breaker().noteSuccess(REGION, probe);
    expect(await asked(openUntil + SECOND)).toMatchObject({ kind: 'slot', atMs: openUntil + SECOND, probe: false });
  });

  test('a successful call that was under way when it opened does not close it', async () => {
    const before = { probe: false, atMs: NOW, item: { free_at: NOW, open_step: 0 } };
    await breaker().noteSuccess(REGION, before);
    expect(await asked(NOW + SECOND)).toMatchObject({ kind: 'region-closed' });
  });
});

describe('a request that is needed before the next probe of the schedule', () => {
  const MINUTE = 60 * SECOND;
  const openUntil = NOW + 900 * SECOND;
  /** The region was found closed for the third time just now. */
  beforeEach(async () => {
    await breaker().open({ region: REGION, ledgerKey: 'opener', reason: 'blocked' });
    for (const waitSeconds of [60, 300]) {
      const { clock } = setting;
      expect(await probesInVain(clock.nowMs() + waitSeconds * SECOND)).toMatchObject({ probe: true });
    }
    // The tests measure time from here on.
    await setting.table.update(REGION, 'CreateRoom', {
      update: 'SET open_until = :until, probed_at = :now',
      values: { until: openUntil, now: NOW },
    });
  });
  const needed = (inMinutes: number) => NOW + inMinutes * MINUTE;
  const closedUntil = (untilMs: number) => ({ kind: 'region-closed', untilMs, openedAtMs: NOW });

  test.each([
    [14, 7],
    [4, 2],
    [2, 1],
    [1.5, 1],
    [0.5, 1],
    // The probe is not later than that of the schedule.
    [40, 15],
  ])('in %d minutes probes after %d minutes', async (inMinutes, afterMinutes) => {
    const atMs = NOW + afterMinutes * MINUTE;
    expect(await asked(NOW, 'other', needed(inMinutes))).toEqual(closedUntil(atMs));
    expect(await asked(atMs - 1, 'other', needed(inMinutes))).toEqual(closedUntil(atMs));
    expect(await asked(atMs, 'other', needed(inMinutes))).toMatchObject({ kind: 'slot', atMs, probe: true });
  });

  test('does not change the schedule for other requests', async () => {
    await probesInVain(NOW + 7 * MINUTE, 'other', needed(14));
    expect(await asked(NOW + 7 * MINUTE)).toEqual(closedUntil(openUntil));
    expect(await asked(openUntil)).toMatchObject({ kind: 'slot', probe: true });
  });

  test('delays the next probe of the schedule only enough to leave a minute between two probes', async () => {
    await probesInVain(openUntil - SECOND, 'other', needed(15));
    expect(await asked(openUntil)).toEqual(closedUntil(openUntil - SECOND + MINUTE));
  });

  test('probes alone if several such requests ask at the same moment', async () => {
    const atMs = NOW + 7 * MINUTE;
    const results = await Promise.all(['a', 'b', 'c', 'd'].map((key) => asked(atMs, key, needed(14))));
    expect(results.filter(({ kind }) => kind === 'slot')).toHaveLength(1);
    expect(results.filter(({ kind }) => kind === 'region-closed')).toEqual(
      Array(3).fill(closedUntil(atMs + 3.5 * MINUTE)),
    );
  });

  test('probes later than others if its key opened the breaker, but in time', async () => {
    expect(await asked(NOW, 'opener', needed(8))).toEqual(closedUntil(NOW + 6 * MINUTE));
    expect(await probesInVain(NOW + 6 * MINUTE, 'opener', needed(8))).toMatchObject({ kind: 'slot', probe: true });
    expect(await asked(NOW + 6 * MINUTE, 'opener', needed(8))).toEqual(closedUntil(NOW + 8 * MINUTE));
  });

  test('counts from the last probe of the schedule if a worker of the previous release made that probe', async () => {
    await setting.table.update(REGION, 'CreateRoom', { update: 'REMOVE probed_at', values: {} });
    expect(await asked(NOW + 7 * MINUTE - 1, 'other', needed(14))).toEqual(closedUntil(NOW + 7 * MINUTE));
    expect(await asked(NOW + 7 * MINUTE, 'other', needed(14))).toMatchObject({ kind: 'slot', probe: true });
  });
});

describe('denials', () => {
  const deny = (ledgerKey: string, deniedBeforeMs?: number) =>
    breaker().noteDenial({ region: REGION, ledgerKey, ...(deniedBeforeMs !== undefined && { deniedBeforeMs }) });

  async function succeed(nowMs: number): Promise<void> {
    const slot = await asked(nowMs);
    if (slot.kind !== 'slot') throw new Error('No slot');
    await breaker().noteSuccess(REGION, slot);
  }

  test('of three different keys in a row open the breaker', async () => {
    for (const key of ['a', 'b', 'c']) {
      expect(await asked(NOW)).toMatchObject({ kind: 'slot' });
      await deny(key);
    }
    expect(await asked(NOW)).toEqual({ kind: 'region-closed', untilMs: NOW + 60 * SECOND, openedAtMs: NOW });
  });

  test('of only one key do not open the breaker, however many there are', async () => {
    for (let time = 0; time < 5; time++) await deny('a');
    expect(await asked(NOW)).toMatchObject({ kind: 'slot' });
  });

  test('are forgotten after a success', async () => {
    await deny('a');
    await deny('b');
    await succeed(NOW);
    await deny('c');
    expect(await asked(NOW)).toMatchObject({ kind: 'slot' });
  });

  test('concern only the key if others have succeeded since its earlier denial', async () => {
    expect(await deny('a')).toEqual({ isOnlyThisKey: false, atMs: NOW });
    expect(await deny('a', NOW)).toMatchObject({ isOnlyThisKey: false });
    await succeed(NOW + 2 * SECOND);
    expect(await deny('a', NOW)).toMatchObject({ isOnlyThisKey: true });
    expect(await deny('b', NOW + 3 * SECOND)).toMatchObject({ isOnlyThisKey: false });
  });

  test('that concern only the key neither count for the region nor open its breaker', async () => {
    await succeed(NOW + 2 * SECOND);
    const denials = ['a', 'b', 'c', 'd'];
    await deny('x');
    await succeed(NOW + 4 * SECOND);
    for (const key of denials) expect(await deny(key, NOW)).toMatchObject({ isOnlyThisKey: true });
    expect(await asked(NOW + 4 * SECOND)).toMatchObject({
      kind: 'slot',
      item: { denials_outlived_at: NOW + 4 * SECOND },
    });
    expect(await asked(NOW + 5 * SECOND)).not.toHaveProperty('item.denied_keys');
  });

  test('are stored for only as many keys as it takes to open the breaker, however long the role is denied', async () => {
    for (let key = 0; key < 20; key++) await deny(`key-${key}`);
    const { item } = await setting.table.update(REGION, 'CreateRoom', { update: 'REMOVE rate', values: {} });
    expect(item.denied_keys?.size).toBe(3);
    expect(item.open_until).toBeDefined();
  });

  test('do not open the breaker for ten minutes after a success that followed denials', async () => {
    await deny('x');
    await succeed(NOW + SECOND);
    setting.clock.set(NOW + 601 * SECOND);
    for (const key of ['a', 'b', 'c']) await deny(key);
    expect(await asked(NOW + 601 * SECOND)).toMatchObject({ kind: 'slot' });
    setting.clock.set(NOW + 602 * SECOND);
    await deny('d');
    expect(await asked(NOW + 602 * SECOND)).toMatchObject({ kind: 'region-closed' });
  });

  test('are forgotten after a success even if its slot was reserved before them', async () => {
    const slot = await asked(NOW);
    if (slot.kind !== 'slot') throw new Error('No slot');
    for (const key of ['a', 'b']) await deny(key);
    await breaker().noteSuccess(REGION, slot);
    await deny('c');
    expect(await asked(NOW + SECOND)).toMatchObject({ kind: 'slot' });
  });
});
