import type { Random } from '../platform/backoff.ts';
import { MAX_RECEIVES } from '../platform/retention.ts';
import { shareOfAgeMs } from '../platform/waits.ts';
import type { RegionProgress } from './reader-item.ts';

/**
 * Waits become longer when the notice has no more spare receives than this. A job whose region is closed for a day uses about forty
 * receives (see `shareOfAgeMs`).
 */
export const RESERVED_RECEIVES = 40;
/** The longest wait for a full lane or a slow region. A longer wait could leave the lane or region idle if it speeds up in the meantime. */
const LONGEST_WAIT_MS = 30 * 60_000;
const SHORTEST_WAIT_MS = 2_000;
/**
 * The reader checks a full lane again after this share of the job's age, but not before five minutes have passed. That is about a hundred
 * checks a day.
 */
const SHARE_OF_JOB_AGE = 1 / 30;
const SHORTEST_LANE_WAIT_MS = 5 * 60_000;
/** If fewer rows than this share of the limit were outstanding, the region may have been idle for part of the time. */
const RUN_DRY = 0.1;

/** A region in which the next row cannot be sent yet. */
export interface FullRegion {
  /** The number of rows that are sent but not answered: now, and when this pass began. */
  outstanding: number;
  outstandingBefore: number;
  /** The number of rows that had been answered when this pass began. */
  answered: number;
  limit: number;
  /** When the counters were read, in epoch milliseconds. */
  nowMs: number;
  /** The maximum number of rooms per second in a region. */
  callsPerSecond: number;
}

/**
 * When to check a full region again: when half of the limit is expected to be outstanding, at the rate at which rows were answered since
 * the last check. If no row was answered since then, the region may be closed, and the wait is a fraction of the time without an answer.
 * @returns epoch milliseconds, and `stalledAtMs` to store for the next check
 */
export function nextCheck(
  region: FullRegion,
  last: Pick<RegionProgress, 'looked_at' | 'answered' | 'stalled_at'> | undefined,
  random: Random,
): { checkMs: number; stalledAtMs?: number } {
  const { nowMs, answered, limit, callsPerSecond } = region;
  const toAnswer = Math.max(1, region.outstanding - limit / 2);
  const fastestMs = (toAnswer * 1000) / callsPerSecond;
  if (last?.looked_at === undefined || last.looked_at >= nowMs) return { checkMs: nowMs + atLeast(fastestMs) };
  const progress = answered - (last.answered ?? 0);
  if (progress <= 0) {
    const stalledAtMs = last.stalled_at ?? last.looked_at;
    return { checkMs: nowMs + shareOfAgeMs(nowMs - stalledAtMs, random), stalledAtMs };
  }
  const measuredMs = (toAnswer * (nowMs - last.looked_at)) / progress;
  const ranDry = region.outstandingBefore < limit * RUN_DRY;
  const waitMs = Math.min(LONGEST_WAIT_MS, ranDry ? Math.min(fastestMs, measuredMs) : measuredMs);
  return { checkMs: nowMs + atLeast(waitMs) };
}

/**
 * When to check a full lane again. The wait depends on the age of the job, so that the number of checks stays limited even if the lane is
 * full repeatedly.
 * @returns epoch milliseconds
 */
export function nextLaneCheck({ nowMs, startedAtMs }: { nowMs: number; startedAtMs: number }): number {
  const waitMs = Math.max(SHORTEST_LANE_WAIT_MS, (nowMs - startedAtMs) * SHARE_OF_JOB_AGE);
  return nowMs + Math.ceil(Math.min(LONGEST_WAIT_MS, waitMs));
}

function atLeast(waitMs: number): number {
  return Math.ceil(Math.max(SHORTEST_WAIT_MS, waitMs));
}

/** How many receives of a notice are used, and how many its job still needs. The receives must not run out before the job can end. */
export interface Budget {
  receiveCount: number;
  /** The minimum number of passes that the remaining rows need. */
  passesNeeded: number;
  nowMs: number;
  /** The receives must last until this time. */
  untilMs: number;
  /** Waits become longer when there are no more spare receives than this. */
  reserved?: number;
}

/** Makes a wait longer if few spare receives are left, so that the receives last until `untilMs`. */
export function stretch(
  checkMs: number,
  { receiveCount, passesNeeded, nowMs, untilMs, reserved = RESERVED_RECEIVES }: Budget,
): number {
  const spare = MAX_RECEIVES.manifests - receiveCount - passesNeeded;
  if (spare > reserved) return checkMs;
  return Math.max(checkMs, nowMs + Math.ceil(Math.max(0, untilMs - nowMs) / Math.max(1, spare)));
}
