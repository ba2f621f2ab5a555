import type { PaceItem } from './pace-item.ts';
import type { PaceUpdate } from './pace-table.ts';
import { cutRate } from './rate.ts';

/** What a worker wants to reserve. Times are in the shared time. */
export interface Wanted {
  count: number;
  nowMs: number;
  intervalMs: number;
  headStartMs: number;
  latestMs: number;
}

/** Whether no reserved slot lies ahead. */
export function isIdle(seen: PaceItem, nowMs: number): boolean {
  return seen.free_at <= nowMs;
}

/** How many free slots there are up to the latest useful moment, at most `count`. */
export function countThatFits(seen: PaceItem, { count, nowMs, intervalMs, headStartMs, latestMs }: Wanted): number {
  const firstMs = Math.max(nowMs, seen.free_at);
  if (firstMs > latestMs) return 0;
  const restMs = latestMs - firstMs - (isIdle(seen, nowMs) ? headStartMs : 0);
  return Math.min(count, 1 + Math.max(0, Math.floor(restMs / intervalMs)));
}

/** The write that reserves slots: after those that others have reserved, or from now on if there are none. */
export function reservation(
  seen: PaceItem,
  { count, nowMs, intervalMs, headStartMs, latestMs }: Wanted,
): Required<PaceUpdate> {
  const open = `attribute_not_exists(open_until) AND ${rateIsAsSeen(seen)}`;
  const values = { now: nowMs, ...rateSeen(seen) };
  return isIdle(seen, nowMs)
    ? {
        update: 'SET free_at = :next',
        condition: `${open} AND (attribute_not_exists(free_at) OR free_at <= :now)`,
        values: { ...values, next: nowMs + headStartMs + count * intervalMs },
      }
    : {
        update: 'SET free_at = free_at + :step',
        condition: `${open} AND free_at BETWEEN :now AND :latest`,
        values: { ...values, step: count * intervalMs, latest: latestMs - (count - 1) * intervalMs },
      };
}

/** The write that cuts the rate for all workers after a throttle. If several workers are throttled at once, only the first write succeeds. */
export function rateCut(seen: PaceItem, nowMs: number, ceiling: number): Required<PaceUpdate> {
  return {
    update: 'SET rate = :rate, rate_at = :now',
    condition: rateIsAsSeen(seen),
    values: { rate: cutRate(seen, nowMs, ceiling), now: Math.round(nowMs), ...rateSeen(seen) },
  };
}

/**
 * Pulls back a moment that no worker with a correct clock can have stored. The condition compares with a bound and not with the moment
 * that was seen: DynamoDB adds decimals of up to 38 digits, and a number in JavaScript keeps seventeen of them.
 */
export function pullBack(nowMs: number, tooFarMs: number): Required<PaceUpdate> {
  return {
    update: 'SET free_at = :now',
    condition: 'free_at > :too_far',
    values: { now: nowMs, too_far: tooFarMs },
  };
}

/**
 * The interval was computed from the rate that this worker knows, so the stored rate must still be the same. No other condition
 * on a pace item tests numbers for equality. Here it is safe, because `rate_at` is in whole milliseconds and nothing is added to it.
 */
function rateIsAsSeen({ rate_at }: PaceItem): string {
  return rate_at === undefined ? 'attribute_not_exists(rate_at)' : 'rate_at = :rate_at';
}

function rateSeen({ rate_at }: PaceItem): Record<string, number> {
  return rate_at === undefined ? {} : { rate_at: rate_at };
}
