import type { Clock } from './clock.ts';

/** Returns a number in [0, 1), as Math.random does. */
export type Random = () => number;

/** The dependencies of a wait. */
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
 * How long to wait after an attempt, in milliseconds. The base doubles with each attempt up to the cap. The wait is a random share of the
 * result (full jitter), so that workers that failed together do not retry together.
 * @param attempt the number of the attempt, from 1
 */
export function backoffMs(attempt: number, { baseMs, capMs }: BackoffPolicy, random: Random): number {
  return Math.floor(random() * Math.min(capMs, baseMs * 2 ** (attempt - 1)));
}
