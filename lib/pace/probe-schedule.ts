import type { OpenReason } from './pace-item.ts';

/**
 * The time until the next scheduled probe: after the breaker was opened (step 0), or after n probes that found the region closed (step n).
 */
export type ProbeSchedule = (step: number, reason: OpenReason | undefined) => number;

/**
 * The longest interval if the room quota is reached. Deleting any room of the region ends this state, and only a probe shows that it has
 * ended. The other reasons end only after a person has changed the account.
 */
export const MAX_QUOTA_INTERVAL_MS = 900_000;

/** @param seconds the intervals. The last one repeats */
export function probeSchedule(seconds: readonly number[]): ProbeSchedule {
  return (step, reason) => {
    const intervalMs = (seconds[Math.min(Math.max(0, step), seconds.length - 1)] ?? 0) * 1000;
    return reason === 'quota' ? Math.min(intervalMs, MAX_QUOTA_INTERVAL_MS) : intervalMs;
  };
}
