import type { Random } from '../platform/backoff.ts';
import { MAX_RECEIVES } from '../platform/retention.ts';
import { shareOfAgeMs } from '../platform/waits.ts';
import type { RegionProgress } from './reader-item.ts';

/** When fewer are to spare, waits are stretched. A day with a closed region takes forty (see `shareOfAgeMs`). */
export const RESERVED_RECEIVES = 40;
/** Something was answered, but slowly: the region may be faster by now. */
const LONGEST_WAIT_MS = 30 * 60_000;
const SHORTEST_WAIT_MS = 2_000;
/** A lane that is full is looked at every five minutes, or after this share of the job's age: a hundred times a day. */
const SHARE_OF_JOB_AGE = 1 / 30;
const SHORTEST_LANE_WAIT_MS = 5 * 60_000;
/** With fewer rows outstanding than this share of the limit, a region may have had nothing to do for a part of the time. */
const RUN_DRY = 0.1;

/** What a pass sees of a region that has no room for its next row. */
export interface FullRegion {
  /** Rows that are sent and not answered: now, and when this pass began. */
  outstanding: number;
  outstandingBefore: number;
  /** Rows that were answered when this pass began. */
  answered: number;
  limit: number;
  /** Epoch milliseconds; when the counters were read. */
  nowMs: number;
  /** The most rooms a second that a region makes. */
  callsPerSecond: number;
}

/**
 * When to look at a full region again: when about half of its rows are answered, at the pace since the last look. Nothing at
 * all was answered: the region may be closed, which is waited for by its age.
 * @returns epoch milliseconds; and what is to be remembered for the next look
 */
export function nextLook(
  region: FullRegion,
  last: Pick<RegionProgress, 'looked_at' | 'answered' | 'stalled_at'> | undefined,
  random: Random,
): { lookMs: number; stalledAtMs?: number } {
  const { nowMs, answered, limit, callsPerSecond } = region;
  const toAnswer = Math.max(1, region.outstanding - limit / 2);
  const fastestMs = (toAnswer * 1000) / callsPerSecond;
  if (last?.looked_at === undefined || last.looked_at >= nowMs) return { lookMs: nowMs + atLeast(fastestMs) };
  const progress = answered - (last.answered ?? 0);
  if (progress <= 0) {
    const stalledAtMs = last.stalled_at ?? last.looked_at;
    return { lookMs: nowMs + shareOfAgeMs(nowMs - stalledAtMs, random), stalledAtMs };
  }
  const measuredMs = (toAnswer * (nowMs - last.looked_at)) / progress;
  const ranDry = region.outstandingBefore < limit * RUN_DRY;
  const waitMs = Math.min(LONGEST_WAIT_MS, ranDry ? Math.min(fastestMs, measuredMs) : measuredMs);
  return { lookMs: nowMs + atLeast(waitMs) };
}

/**
 * When to look at a full lane again. By the age of the job, so that its looks are bounded also if the lane is full again and again.
 * @returns epoch milliseconds
 */
export function nextLaneLook({ nowMs, startedAtMs }: { nowMs: number; startedAtMs: number }): number {
  const waitMs = Math.max(SHORTEST_LANE_WAIT_MS, (nowMs - startedAtMs) * SHARE_OF_JOB_AGE);
  return nowMs + Math.ceil(Math.min(LONGEST_WAIT_MS, waitMs));
}

function atLeast(waitMs: number): number {
  return Math.ceil(Math.max(SHORTEST_WAIT_MS, waitMs));
}

/** What a wait may cost: a notice must not run out of receives before its job can end. */
export interface Budget {
  receiveCount: number;
  /** The least number of passes that the remaining rows need. */
  passesNeeded: number;
  nowMs: number;
  /** When the passes must have sufficed until. */
  untilMs: number;
  /** With how many receives to spare waits begin to be stretched. */
  reserved?: number;
}

/** Stretches a wait when the receives that are to spare become few, so that the last one comes no sooner than the job's end. */
export function stretch(
  lookMs: number,
  { receiveCount, passesNeeded, nowMs, untilMs, reserved = RESERVED_RECEIVES }: Budget,
): number {
  const spare = MAX_RECEIVES.manifests - receiveCount - passesNeeded;
  if (spare > reserved) return lookMs;
  return Math.max(lookMs, nowMs + Math.ceil(Math.max(0, untilMs - nowMs) / Math.max(1, spare)));
}
