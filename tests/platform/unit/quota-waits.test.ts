import { expect, test } from '@jest/globals';
import { MAX_RECEIVES, PARKED_AFTER_MS } from '../../../lib/platform/retention.ts';
import type { PostponeReason } from '../../../lib/provisioning/postponement.ts';
import { returnsAtMs } from '../../../lib/provisioning/wait-times.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const PARKED = PARKED_AFTER_MS.lane;

interface Receive {
  atMs: number;
  waitMs: number;
  count: number;
}

/** The receives of a request that waits for its full region, from its arrival until it is parked. A probe is always 15 minutes away. */
function receives({ random = 0.5, neededByMs = undefined as number | undefined } = {}): Receive[] {
  const found: Receive[] = [];
  for (let atMs = 0; atMs <= PARKED; ) {
    const count = found.length + 1;
    const waitMs = wait('quota', { nowMs: atMs, sinceMs: 0, count, random, neededByMs, endsInMs: 15 * MINUTE });
    found.push({ atMs, waitMs, count });
    atMs += waitMs;
  }
  return found;
}

interface Moment {
  nowMs: number;
  /** When the reason began. */
  sinceMs: number;
  /** How often the message was received. */
  count: number;
  random: number;
  neededByMs: number | undefined;
  endsInMs?: number;
}

function wait(reason: PostponeReason, { nowMs, sinceMs, count, random, neededByMs, endsInMs }: Moment): number {
  const receivesLeft = { count: MAX_RECEIVES.lane - count, parkedAtMs: PARKED };
  const why = { reason, endsAtMs: endsInMs === undefined ? undefined : nowMs + endsInMs };
  const circumstances = { nowMs, sinceMs, count: 1, neededByMs, receivesLeft, random: () => random };
  return returnsAtMs(why, circumstances) - nowMs;
}

test.each([0, 0.5, 0.999])(
  'a request of a full region returns after at most 19 minutes for six hours, and then after less than an hour (jitter %d)',
  (random) => {
    for (const neededByMs of [undefined, 7 * DAY]) {
      const all = receives({ random, neededByMs });
      const early = all.filter(({ atMs }) => atMs < 6 * HOUR);
      const waits = all.map(({ waitMs }) => waitMs).slice(0, -12);
      expect(Math.max(...early.map(({ waitMs }) => waitMs))).toBeLessThan(19 * MINUTE);
      expect(Math.max(...waits)).toBeLessThan(HOUR);
      expect(all.length).toBeLessThanOrEqual(MAX_RECEIVES.lane);
    }
  },
);

test('a request that has waited for a full region has 25 more receives on its first day before a wait for another reason is extended', () => {
  for (const { atMs, count } of receives({ neededByMs: 7 * DAY }).filter(({ atMs }) => atMs < DAY)) {
    const later = { nowMs: atMs, sinceMs: atMs, count: count + 25, random: 0, neededByMs: 7 * DAY };
    expect(wait('throttled', later)).toBeLessThan(MINUTE);
  }
});

test('a wait for a region that has just been closed is not extended after forty receives for other reasons, as it is after an hour', () => {
  const moment = { nowMs: HOUR, count: 40, random: 0, neededByMs: undefined, endsInMs: MINUTE };
  expect(wait('breaker-open', { ...moment, sinceMs: HOUR })).toBe(MINUTE);
  expect(wait('breaker-open', { ...moment, sinceMs: 0 })).toBeGreaterThan(55 * MINUTE);
});
