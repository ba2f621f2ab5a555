import { ceilingOf } from '../../lib/pace/operator-settings.ts';
import type { PaceItem } from '../../lib/pace/pace-item.ts';
import { rateAt } from '../../lib/pace/rate.ts';

/** The highest rate that the region may have; undefined if it is not known. */
export function ceilingNow(item: PaceItem): number | undefined {
  return item.ceiling ?? item.deployed_ceiling;
}

/**
 * The current rate, in calls a second. Undefined if no worker has reserved a slot yet, because only a reservation stores the deployed
 * ceiling.
 */
export function rateNow(item: PaceItem, nowMs: number): number | undefined {
  const ceiling = ceilingNow(item);
  return ceiling === undefined ? undefined : rateAt(item, nowMs, ceilingOf(item, ceiling));
}

/** How many calls are reserved but not sent yet. */
export function slotsAhead(item: PaceItem, atMs: number): number {
  return Math.max(0, Math.round(((item.free_at - atMs) / 1000) * (rateNow(item, atMs) ?? 0)));
}
