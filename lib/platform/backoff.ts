import type { Clock } from './clock.ts';

/** Returns a number in [0, 1), as Math.random does. */
export type Random = () => number;

/** What waiting takes. */
export interface Waiting {
  clock: Clock;
  random: Random;
  /** Ends the wait. */
  signal: AbortSignal;
}

export interface BackoffPolicy {
  baseMs: number;
  capMs: number;
}

/**
 * How long to wait before the attempt after the `attempt`-th (from 1): the doubled base, capped, and of that a random share
 * (full jitter), so that workers that failed together do not come back together.
 */
export function backoffMs(attempt: number, { baseMs, capMs }: BackoffPolicy, random: Random): number {
  return Math.floor(random() * Math.min(capMs, baseMs * 2 ** (attempt - 1)));
}
