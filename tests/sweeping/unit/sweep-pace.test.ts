import { describe, expect, test } from '@jest/globals';
import { REGIONS } from '../../../lib/contract/regions.ts';
import type { Pacer } from '../../../lib/pace/pacer.ts';
import type { Reservation, Slot } from '../../../lib/pace/slot.ts';
import { type Clock, systemClock } from '../../../lib/platform/clock.ts';
import { createSweepPace, NoCallError } from '../../../lib/sweeping/sweep-pace.ts';
import { regionAfter, regionsFrom } from '../../../lib/sweeping/sweep-position.ts';
import { createLoneClock } from '../../../simulation/lone-clock.ts';
import { createVirtualClock } from '../../../simulation/virtual-clock.ts';

const call = { region: 'eu-west-1', api: 'ListRooms' } as const;

function virtualClock() {
  const time = createVirtualClock(10_000);
  return { ...createLoneClock(time, { longestMs: Number.POSITIVE_INFINITY, movesTime: true }), advance: time.pass };
}

/** Grants every slot, `delayMs` after the request for it. */
function openPace(clock: Clock, delayMs = 0): Pick<Pacer, 'reserve'> & { askedAtMs: number[] } {
  const askedAtMs: number[] = [];
  return {
    askedAtMs,
    async reserve() {
      const nowMs = clock.nowMs();
      askedAtMs.push(nowMs);
      const item = { free_at: 0, open_step: 0 };
      const slot: Slot = { kind: 'slot', atMs: nowMs + delayMs, reservedAtMs: nowMs, probe: false, item };
      return { kind: 'slots', slots: [slot] };
    },
  };
}

function setting(changes: Partial<Parameters<typeof createSweepPace>[0]> = {}) {
  const clock = virtualClock();
  return {
    callsPerSecond: 1,
    pacer: openPace(clock),
    clock,
    lastSendMs: 60_000,
    signal: new AbortController().signal,
    ...changes,
  };
}

describe('the calls of a sweep', () => {
  test('are made once a second, and each slot is reserved only then', async () => {
    const clock = virtualClock();
    const pacer = openPace(clock);
    const awaitCall = createSweepPace(setting({ pacer, clock }));
    await awaitCall(call);
    clock.advance(400);
    await awaitCall({ region: 'us-east-1', api: 'DeleteRoom' });
    clock.advance(5_000);
    await awaitCall(call);
    expect(pacer.askedAtMs).toEqual([10_000, 11_000, 16_000]);
  });

  test('wait for a shared slot, and the next second begins at that slot', async () => {
    const clock = virtualClock();
    const pacer = openPace(clock, 300);
    const awaitCall = createSweepPace(setting({ pacer, clock }));
    await awaitCall(call);
    expect(clock.nowMs()).toBe(10_300);
    await awaitCall(call);
    expect(pacer.askedAtMs).toEqual([10_000, 11_300]);
  });

  test('end at the deadline, and no other slot is reserved', async () => {
    const clock = virtualClock();
    const pacer = openPace(clock);
    const awaitCall = createSweepPace(setting({ pacer, clock, lastSendMs: 11_000 }));
    await awaitCall(call);
    await awaitCall(call);
    await expect(awaitCall(call)).rejects.toEqual(new NoCallError('deadline'));
    expect(pacer.askedAtMs).toEqual([10_000, 11_000]);
  });

  test.each<Reservation>([
    { kind: 'full', freeAtMs: 70_000 },
    { kind: 'open-breaker', item: { free_at: 0, open_until: 70_000, open_step: 1 } },
  ])('end in a region whose pace is $kind', async (reservation) => {
    const pacer = { reserve: async () => reservation };
    const waiting = createSweepPace(setting({ pacer }))(call);
    await expect(waiting).rejects.toMatchObject({ name: 'NoCallError', reason: 'no-slot' });
  });

  test('are given up immediately if the sweep is aborted during the wait', async () => {
    const pacer = openPace(systemClock);
    const stop = new AbortController();
    const awaitCall = createSweepPace(
      setting({ pacer, clock: systemClock, callsPerSecond: 0.001, lastSendMs: Number.MAX_VALUE, signal: stop.signal }),
    );
    await awaitCall(call);
    const waiting = awaitCall(call);
    stop.abort(new Error('time is up'));
    await expect(waiting).rejects.toThrow('time is up');
    expect(pacer.askedAtMs).toHaveLength(1);
  });
});

describe('the order of the regions', () => {
  test('begins at any region and includes all others', () => {
    expect(regionsFrom('eu-central-1')).toEqual(['eu-central-1', 'eu-west-1', ...REGIONS.slice(0, 5)]);
  });

  test('begins again after the last region', () => {
    expect([regionAfter('us-east-1'), regionAfter('eu-west-1')]).toEqual(['us-west-2', 'us-east-1']);
  });
});
