import { beforeEach, describe, expect, test } from '@jest/globals';
import { createLoneClock } from '../../simulation/lone-clock.ts';
import { createVirtualClock, type VirtualClock } from '../../simulation/virtual-clock.ts';

let time: VirtualClock;
let stop: AbortController;
beforeEach(() => {
  time = createVirtualClock(1_000);
  stop = new AbortController();
});

describe('a lone clock', () => {
  test.each([
    [true, 1_500],
    [false, 1_000],
  ])('ends a wait immediately, and moves the time only if it is told to (%s)', async (movesTime, afterwardsMs) => {
    const clock = createLoneClock(time, { longestMs: 500, movesTime });
    await clock.sleep(500, stop.signal);
    expect([clock.nowMs(), time.nowMs(), clock.openWaits()]).toEqual([afterwardsMs, afterwardsMs, 0]);
  });

  test('ends a longer wait only when it is aborted', async () => {
    const clock = createLoneClock(time, { longestMs: 500, movesTime: true });
    const wait = clock.sleep(501, stop.signal);
    expect(clock.openWaits()).toBe(1);
    stop.abort(new Error('stopped'));
    await expect(wait).rejects.toThrow('stopped');
    await expect(clock.sleep(1, stop.signal)).rejects.toThrow('stopped');
    expect([clock.nowMs(), clock.openWaits()]).toEqual([1_000, 0]);
  });
});
