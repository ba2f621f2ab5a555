import { describe, expect, test } from '@jest/globals';
import type { KeyState } from '../../client/api/key-state.ts';
import { waitForRoom } from '../../client/api/wait-for-room.ts';
import type { WaitOptions } from '../../client/api/wait-result.ts';
import { createLoneClock } from '../../simulation/lone-clock.ts';
import { createVirtualClock } from '../../simulation/virtual-clock.ts';

const START_MS = Date.UTC(2026, 0, 1);
const at = (seconds: number) => new Date(START_MS + seconds * 1000).toISOString();
const key = { idempotencyKey: 'key' };
const PENDING: KeyState = { kind: 'pending', ...key, generation: 0 };
const RELEASED: KeyState = { kind: 'released', ...key, releasedAt: at(0) };
const FAILED: KeyState = {
  kind: 'failed',
  ...key,
  decidedAt: at(10),
  completionId: 'id',
  reason: 'expired',
  error: { name: 'Expired', message: 'too late' },
  retryable: true,
};

/** Waits while the states follow each other, the last one for good. @returns the outcome, and the times of the reads in seconds */
async function wait(states: KeyState[], options: WaitOptions = {}, abortAtRead = Number.POSITIVE_INFINITY) {
  const time = createVirtualClock(START_MS);
  const clock = createLoneClock(time, { longestMs: Number.POSITIVE_INFINITY, movesTime: true });
  const ending = new AbortController();
  const reads: number[] = [];
  const read = async () => {
    reads.push((time.nowMs() - START_MS) / 1000);
    if (reads.length >= abortAtRead) ending.abort(new Error('stop'));
    return states[Math.min(reads.length, states.length) - 1] ?? PENDING;
  };
  const outcome = await waitForRoom(read, options, { clock, random: () => 0.5, signal: ending.signal }).catch(
    (error: Error) => error,
  );
  return { outcome, reads };
}

describe('a wait', () => {
  test('ends with the first outcome, and reads more and more rarely', async () => {
    const { outcome, reads } = await wait([...Array.from({ length: 6 }, () => PENDING), RELEASED]);
    expect(outcome).toEqual(RELEASED);
    expect(reads).toEqual([0, 0.4, 1, 2, 3.8, 6, 8.2]);
  });

  test('ends at the time limit with the last state', async () => {
    const { outcome, reads } = await wait([PENDING], { timeoutSeconds: 5 });
    expect(outcome).toEqual({ kind: 'timeout', ...key, last: PENDING });
    expect(reads.at(-1)).toBe(5);
  });

  test('without time reads once', async () => {
    const { outcome, reads } = await wait([PENDING], { timeoutSeconds: 0 });
    expect([outcome, reads]).toEqual([{ kind: 'timeout', ...key, last: PENDING }, [0]]);
  });

  test('that is ended by its signal reads no more, and rejects with the reason', async () => {
    const { outcome, reads } = await wait([PENDING], { timeoutSeconds: 60 }, 3);
    expect(outcome).toEqual(new Error('stop'));
    expect(reads).toHaveLength(3);
  });

  test('that is ended during a read rejects with the reason, and passes on any other error of a read', async () => {
    const time = createVirtualClock(START_MS);
    const clock = createLoneClock(time, { longestMs: Number.POSITIVE_INFINITY, movesTime: true });
    const ending = new AbortController();
    const waiting = { clock, random: () => 0.5, signal: ending.signal };
    const fail = (before: () => void) => async () => {
      before();
      throw new Error('read');
    };
    await expect(
      waitForRoom(
        fail(() => undefined),
        {},
        waiting,
      ),
    ).rejects.toThrow('read');
    const stop = () => ending.abort(new Error('stop'));
    await expect(waitForRoom(fail(stop), {}, waiting)).rejects.toThrow('stop');
  });

  test.each([
    ['a failure that is as old as the request is the outcome', 10, FAILED],
    ['an earlier failure is not the outcome of a later request', 11, { kind: 'timeout', ...key, last: FAILED }],
  ])('%s', async (_title, requested, expected) => {
    const { outcome } = await wait([FAILED], { timeoutSeconds: 1, requestedAt: at(requested) });
    expect(outcome).toEqual(expected);
  });

  test.each([
    ['timeoutSeconds', { timeoutSeconds: Number.NaN }],
    ['timeoutSeconds', { timeoutSeconds: -1 }],
    ['requestedAt', { requestedAt: 'yesterday' }],
  ])('refuses an unusable %s instead of waiting forever', async (name, options) => {
    const { outcome, reads } = await wait([PENDING], options);
    expect(outcome).toEqual(expect.objectContaining({ name: 'RangeError', message: expect.stringContaining(name) }));
    expect(reads).toEqual([]);
  });
});
