import { beforeEach, describe, expect, test } from '@jest/globals';
import { createVirtualClock, type VirtualClock } from '../../simulation/virtual-clock.ts';

let clock: VirtualClock;
let log: string[];
beforeEach(() => {
  clock = createVirtualClock(1_000);
  log = [];
});

const note = (name: string) => () => void log.push(`${name} at ${clock.nowMs()}`);
const never = new AbortController().signal;

describe('a virtual clock', () => {
  test('runs timers by their time, and timers of the same time in the order in which they were set', async () => {
    for (const [name, delayMs] of Object.entries({ late: 300, first: 100, second: 100, past: -50 }))
      clock.after(delayMs, note(name));
    await clock.run(1_200);
    expect(log).toEqual(['past at 1000', 'first at 1100', 'second at 1100']);
    expect([clock.nowMs(), clock.nextMs()]).toEqual([1_200, 1_300]);
  });

  test('orders timers of the same time by the given tie-break', async () => {
    const places = [2, 3, 1];
    clock = createVirtualClock(0, { tieBreak: () => places.shift() ?? 0 });
    for (const name of ['a', 'b', 'c']) clock.after(5, note(name));
    await clock.run(5);
    expect(log).toEqual(['c at 5', 'a at 5', 'b at 5']);
  });

  test('lets waiting code continue before it moves again', async () => {
    const work = async (name: string, waitMs: number) => {
      for (let round = 1; round <= 2; round++) {
        await clock.sleep(waitMs, never);
        note(`${name}${round}`)();
      }
    };
    await Promise.all([work('a', 100), work('b', 150), clock.run(2_000)]);
    expect(log).toEqual(['a1 at 1100', 'b1 at 1150', 'a2 at 1200', 'b2 at 1300']);
  });

  test('stops as soon as its condition is true', async () => {
    for (const delayMs of [100, 200, 300]) clock.after(delayMs, note('timer'));
    await clock.run(5_000, () => log.length === 2);
    expect([clock.nowMs(), clock.nextMs()]).toEqual([1_200, 1_300]);
  });

  test('that was moved by `pass` runs overdue timers late, and never moves back', async () => {
    clock.after(100, note('due'));
    clock.pass(500);
    await clock.run(1_200);
    expect(log).toEqual(['due at 1500']);
    expect(clock.nowMs()).toBe(1_500);
  });

  test('drops cancelled timers and aborted waits', async () => {
    const stop = new AbortController();
    clock.after(100, note('cancelled')).cancelled = true;
    const wait = clock.sleep(200, stop.signal);
    stop.abort(new Error('stopped'));
    await expect(wait).rejects.toThrow('stopped');
    await expect(clock.sleep(1, stop.signal)).rejects.toThrow('stopped');
    expect(clock.nextMs()).toBe(Number.POSITIVE_INFINITY);
  });
});
