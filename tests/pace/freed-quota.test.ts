import { beforeEach, describe, expect, test } from '@jest/globals';
import { createBreaker } from '../../lib/pace/breaker.ts';
import { noteFreed } from '../../lib/pace/freed-quota.ts';
import type { OpenReason } from '../../lib/pace/pace-item.ts';
import type { Pacer } from '../../lib/pace/pacer.ts';
import { createPaceSetting, NOW, type PaceSetting, REGION, SCHEDULE, SECOND } from './pace-setting.ts';

const MINUTE = 60 * SECOND;
let setting: PaceSetting;
let at: (ms: number) => void;
beforeEach(() => {
  setting = createPaceSetting();
  at = setting.clock.set;
});

const breaker = () => createBreaker(setting.table, SCHEDULE);
const open = (reason: Exclude<OpenReason, 'denied'> = 'quota', ledgerKey = 'opener') =>
  breaker().open({ region: REGION, ledgerKey, reason });
const free = () => noteFreed(setting.table, REGION);
const storedNumber = (name: string) => {
  const value = setting.stored()?.[name];
  return value === undefined ? undefined : Number(Object.values(value ?? {})[0]);
};

type Answer = Awaited<ReturnType<Pacer['probe']>>;

/** The answer to a worker that knows nothing about the region: a slot, or the time until which its request must wait. */
async function ask(ledgerKey = 'other', tenant?: string): Promise<Answer> {
  const pacer = setting.newPacer();
  const place = { region: REGION, api: 'CreateRoom' } as const;
  const latestMs = setting.clock.nowMs() + MINUTE;
  const reservation = await pacer.reserve({ ...place, count: 1, latestMs });
  if (reservation.kind === 'open-breaker')
    return pacer.probe({ ...place, ledgerKey, tenant, waitsSinceMs: NOW, item: reservation.item });
  const slot = reservation.kind === 'slots' ? reservation.slots[0] : undefined;
  if (!slot) throw new Error(`No slot but ${JSON.stringify(reservation)}`);
  return slot;
}

/** A request asks. If it becomes the probe, the region is still closed. */
async function askInVain(ledgerKey = 'other', reason: Exclude<OpenReason, 'denied'> = 'quota'): Promise<Answer> {
  const answer = await ask(ledgerKey);
  if (answer.kind === 'slot') await breaker().open({ region: REGION, ledgerKey, reason, slot: answer });
  return answer;
}

const PROBE = { kind: 'slot', probe: true };
const CLOSED = { kind: 'region-closed' };

describe('after a room of a full region was released', () => {
  /** The region was found full for the third time just now. Its next scheduled probe is 15 minutes away. */
  let foundMs: number;
  beforeEach(async () => {
    await open();
    for (const waitSeconds of [60, 300]) {
      at(setting.clock.nowMs() + waitSeconds * SECOND);
      expect(await askInVain()).toMatchObject(PROBE);
    }
    foundMs = setting.clock.nowMs();
    at(foundMs + 20 * SECOND);
  });

  test.each(['other', 'opener'])(
    'the next request is the probe, and its success closes the breaker (%s)',
    async (key) => {
      expect(await free()).toBe(true);
      at(foundMs + 21 * SECOND);
      const probe = await ask(key);
      expect(probe).toMatchObject(PROBE);
      if (probe.kind !== 'slot') throw new Error('No probe');
      await breaker().noteSuccess(REGION, probe);
      at(foundMs + 22 * SECOND);
      expect(await ask('opener')).toMatchObject({ kind: 'slot', probe: false });
      expect(setting.stored()).not.toHaveProperty('open_reason');
    },
  );

  // Control: nothing but the note makes the difference.
  test('without the note, no request probes before the schedule permits it', async () => {
    at(foundMs + 15 * MINUTE - 1);
    expect(await ask('other')).toMatchObject(CLOSED);
    expect(await ask('opener')).toMatchObject(CLOSED);
    at(foundMs + 15 * MINUTE);
    expect(await ask('opener')).toMatchObject(CLOSED);
    expect(await ask('other')).toMatchObject(PROBE);
  });

  test('only one of several requests that ask together is the probe', async () => {
    await free();
    const answers = await Promise.all(['a', 'b', 'opener', 'c'].map((key) => ask(key)));
    expect(answers.filter(({ kind }) => kind === 'slot')).toEqual([expect.objectContaining(PROBE)]);
    expect(await ask('d')).toMatchObject(CLOSED);
  });

  test('a probe in vain costs one call, and does not change the schedule', async () => {
    const dueMs = foundMs + 15 * MINUTE;
    await free();
    expect(await askInVain('opener')).toMatchObject(PROBE);
    for (const key of ['opener', 'other']) expect(await ask(key)).toMatchObject(CLOSED);
    expect(storedNumber('open_until')).toBe(dueMs);
    at(dueMs - 1);
    expect(await ask()).toMatchObject(CLOSED);
    at(dueMs);
    expect(await ask()).toMatchObject(PROBE);
  });

  test('another request probes a minute later if the worker of the probe has crashed', async () => {
    await free();
    expect(await ask('crashed')).toMatchObject(PROBE);
    at(setting.clock.nowMs() + MINUTE - 1);
    expect(await ask()).toMatchObject(CLOSED);
    at(setting.clock.nowMs() + 1);
    expect(await ask()).toMatchObject(PROBE);
  });

  test('the answer to a probe that was sent before the release does not undo the note', async () => {
    at(foundMs + 15 * MINUTE);
    const earlier = await ask('earlier');
    at(foundMs + 15 * MINUTE + SECOND);
    await free();
    await breaker().open({
      region: REGION,
      ledgerKey: 'earlier',
      reason: 'quota',
      ...(earlier.kind === 'slot' && { slot: earlier }),
    });
    expect(await ask()).toMatchObject(PROBE);
  });

  test('a tenant whose probe was inconclusive lets others probe first', async () => {
    await free();
    expect(await ask('refused', 'tenant')).toMatchObject(PROBE);
    at(setting.clock.nowMs() + 20 * SECOND);
    await free();
    expect(await ask('another', 'tenant')).toMatchObject(CLOSED);
    expect(await ask('other')).toMatchObject(PROBE);
  });
});

describe('releases that follow one another', () => {
  beforeEach(async () => {
    await open();
    at(NOW + 20 * SECOND);
    await free();
  });

  test('permit a probe every ten seconds, however many there are', async () => {
    let probes = 0;
    for (let half = 0; half < 120; half++) {
      await free();
      if ((await askInVain(`key-${half}`)).kind === 'slot') probes += 1;
      at(setting.clock.nowMs() + 500);
    }
    // The schedule permits one of them: a minute after the breaker was opened.
    expect(probes).toBeGreaterThanOrEqual(6);
    expect(probes).toBeLessThanOrEqual(7);
  });

  test('are not forgotten if they follow a note closely: the next probe comes ten seconds after the one before', async () => {
    await askInVain();
    at(NOW + 23 * SECOND);
    expect(await free()).toBe(true);
    expect(await free()).toBe(false);
    at(NOW + 30 * SECOND - 1);
    expect(await ask()).toMatchObject(CLOSED);
    at(NOW + 30 * SECOND);
    expect(await ask()).toMatchObject(PROBE);
  });

  test('write nothing while the probe that they permit is still to come', async () => {
    const before = setting.stored();
    at(NOW + 25 * SECOND);
    expect(await free()).toBe(false);
    expect(setting.stored()).toEqual(before);
  });

  test('cost the item no attribute that grows', async () => {
    for (let count = 0; count < 60; count++) {
      at(NOW + (30 + count * 11) * SECOND);
      await free();
      await ask(`key-${count}`);
    }
    expect(storedNumber('freed_at')).toBeLessThanOrEqual(setting.clock.nowMs());
    expect(JSON.stringify(setting.stored()).length).toBeLessThan(1_500);
  });
});

describe('a release changes nothing', () => {
  async function changesNothing() {
    const before = setting.stored();
    expect(await free()).toBe(false);
    expect(setting.stored()).toEqual(before);
  }

  test('while the breaker is closed', async () => {
    await ask();
    await changesNothing();
  });

  test('in a region without a pace item', () => changesNothing());

  test('while the account is blocked', async () => {
    await open('blocked');
    await changesNothing();
  });

  test('while access is denied', async () => {
    for (const ledgerKey of ['a', 'b', 'c']) await breaker().noteDenial({ region: REGION, ledgerKey });
    expect(setting.stored()).toMatchObject({ open_reason: { S: 'denied' } });
    await changesNothing();
  });

  test('if a worker of the previous release opened the breaker', async () => {
    await open();
    await setting.table.update(REGION, 'CreateRoom', { update: 'REMOVE open_reason', values: {} });
    await changesNothing();
  });
});

describe('the reason', () => {
  test('is that of the last probe', async () => {
    await open('blocked');
    at(NOW + MINUTE);
    await askInVain('other', 'quota');
    expect(setting.stored()).toMatchObject({ open_reason: { S: 'quota' } });
    at(NOW + MINUTE + SECOND);
    expect(await free()).toBe(true);
    expect(await askInVain('opener', 'blocked')).toMatchObject(PROBE);
    expect(await free()).toBe(false);
  });

  test('that is unknown to this release counts as absent, and the item remains readable', async () => {
    await open();
    await setting.table.update(REGION, 'CreateRoom', { update: 'SET open_reason = :new', values: { new: 'drained' } });
    expect(await ask()).toMatchObject(CLOSED);
    expect(await free()).toBe(false);
  });
});

describe('a region whose room quota is reached', () => {
  const HOURLY = [60, 3_600];
  const hourly = () => createBreaker(setting.table, HOURLY);
  const pacer = () => setting.newPacer({ probeScheduleSeconds: HOURLY });

  /** A probe finds the region closed for `reason` a minute after the breaker was opened. @returns when `ledgerKey` should ask again */
  async function waitAfterProbe(reason: 'quota' | 'blocked', ledgerKey: string, openedFor = reason): Promise<number> {
    await hourly().open({ region: REGION, ledgerKey: 'opener', reason: openedFor });
    at(NOW + MINUTE);
    const place = { region: REGION, api: 'CreateRoom' } as const;
    const item = async () =>
      (await setting.table.update(REGION, 'CreateRoom', { update: 'REMOVE rate', values: {} })).item;
    const slot = await pacer().probe({ ...place, ledgerKey: 'other', item: await item() });
    if (slot.kind !== 'slot') throw new Error('No probe');
    await hourly().open({ region: REGION, ledgerKey: 'other', reason, slot });
    const answer = await pacer().probe({ ...place, ledgerKey, item: await item() });
    if (answer.kind !== 'region-closed') throw new Error('Not closed');
    return answer.untilMs - setting.clock.nowMs();
  }

  test.each(['other', 'opener'])(
    'is asked again after 15 minutes, even if the intervals are longer (%s)',
    async (key) => {
      expect(await waitAfterProbe('quota', key)).toBe(15 * MINUTE);
    },
  );

  test('is asked again after 15 minutes, even if its account was blocked before', async () => {
    expect(await waitAfterProbe('quota', 'other', 'blocked')).toBe(15 * MINUTE);
    expect(storedNumber('open_until')).toBe(NOW + 16 * MINUTE);
  });

  test('is unlike a blocked account, which is probed at the configured intervals', async () => {
    expect(await waitAfterProbe('blocked', 'other')).toBe(60 * MINUTE);
  });
});
