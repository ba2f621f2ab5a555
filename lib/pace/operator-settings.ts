import type { Lane } from '../contract/lanes.ts';
import type { SharedTime } from '../platform/shared-time.ts';
import type { PaceItem } from './pace-item.ts';
import type { PaceUpdate } from './pace-table.ts';

/**
 * The lane of a call. The calls of releases have a lane of their own, which an operator can only pause: `stopReleases` does this for their
 * DeleteRoom calls.
 */
export type CallLane = Lane | 'releases';

/** A pause without an end is stored with the latest time that a JavaScript date can represent. */
const NO_END_MS = 8.64e15;

/** A lane whose calls an operator has paused. `untilMs`: undefined until the operator resumes it. */
export interface Paused {
  kind: 'paused';
  untilMs: number | undefined;
}

/** The pause of a lane; undefined if the lane is not paused. All times are in the shared time. */
export function pausedNow(item: PaceItem, lane: CallLane | undefined, nowMs: number): Paused | undefined {
  if (lane === 'releases') return item.stopped_at === undefined ? undefined : { kind: 'paused', untilMs: undefined };
  const untilMs = lane && item[`${lane}_paused_until`];
  if (untilMs === undefined || untilMs <= nowMs) return undefined;
  return { kind: 'paused', untilMs: untilMs >= NO_END_MS ? undefined : untilMs };
}

/** The pause with its end in the worker's own time. */
export function inOwnTime({ kind, untilMs }: Paused, time: SharedTime): Paused {
  return { kind, untilMs: untilMs && time.toOwnMs(untilMs) };
}

/** The condition that a lane is not paused, for every write that permits a call. It needs the value `now`. */
export function isNotPaused(lane: CallLane): string {
  if (lane === 'releases') return 'attribute_not_exists(stopped_at)';
  return `(attribute_not_exists(${lane}_paused_until) OR ${lane}_paused_until <= :now)`;
}

/** The maximum rate of a region, in calls a second. @param deployed the rate that applies unless an operator has set another one */
export function ceilingOf({ ceiling }: PaceItem, deployed: number): number {
  return ceiling ?? deployed;
}

/** Pauses lanes. Calls that already have a slot are still sent, so the last call may follow up to three seconds later. */
export function pause(lanes: readonly Lane[], untilMs = NO_END_MS): PaceUpdate {
  return {
    update: `SET ${lanes.map((lane) => `${lane}_paused_until = :until`).join(', ')}`,
    values: { until: untilMs },
  };
}

export function resume(lanes: readonly Lane[]): PaceUpdate {
  return { update: `REMOVE ${lanes.map((lane) => `${lane}_paused_until`).join(', ')}`, values: {} };
}

/**
 * Stops the releases of a region. Write it to the pace item of DeleteRoom. No release gets a slot of DeleteRoom from then on. Slots that are
 * already reserved are at most a second ahead. Other DeleteRoom calls continue: they delete rooms that greenroom has created by mistake
 * and never published. If the releases are stopped already, the time of the first stop is kept.
 */
export function stopReleases(nowMs: number): PaceUpdate {
  return { update: 'SET stopped_at = if_not_exists(stopped_at, :now)', values: { now: Math.round(nowMs) } };
}

export function resumeReleases(): PaceUpdate {
  return { update: 'REMOVE stopped_at', values: {} };
}

/** The time since which an operator has stopped the releases of a region, in the shared time. @param item the pace item of DeleteRoom */
export function releasesStoppedSinceMs({ stopped_at }: PaceItem): number | undefined {
  return stopped_at;
}

/**
 * Sets the ceiling for a region or for one lane, or removes it.
 *
 * It also changes `rate_at`, which is part of the condition of every reservation. The next write of a worker that still uses the old
 * ceiling therefore fails, and the response contains the new ceiling.
 * - If the region's rate was cut, a new ceiling for the region removes the cut, because it was a share of the old ceiling.
 * - A new ceiling for a lane keeps the cut, so `rate_at` changes by only one millisecond. If it were set to the present, a region that has
 *   long recovered from a cut would have to recover again, and the other lane would be slow too.
 */
export function setCeiling(lane: Lane | undefined, callsPerSecond: number | undefined, nowMs: number): PaceUpdate {
  const isLane = lane !== undefined;
  const attribute = isLane ? (`${lane}_ceiling` as const) : 'ceiling';
  const removed = [...(callsPerSecond === undefined ? [attribute] : []), isLane ? `${lane}_free_at` : 'rate'];
  const changed = [
    `rate_at = ${isLane ? 'if_not_exists(rate_at, :now) + :one' : ':now'}`,
    ...(callsPerSecond === undefined ? [] : [`${attribute} = :ceiling`]),
  ];
  return {
    update: `SET ${changed.join(', ')} REMOVE ${removed.join(', ')}`,
    values: {
      now: Math.round(nowMs),
      ...(isLane && { one: 1 }),
      ...(callsPerSecond !== undefined && { ceiling: callsPerSecond }),
    },
  };
}
