import type { Random } from './backoff.ts';

const SHARE_OF_AGE = 1 / 3;
const SHORTEST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 3_600_000;
const JITTER_SHARE = 0.05;
const SHARE_OF_NEED = 1 / 2;
const LEAST_CAP_BY_NEED_MS = 60_000;

/**
 * How long to wait for something whose end nobody knows: a third of the time that it has lasted already, at least 2 seconds and
 * at most an hour. So what is over soon is noticed soon, and a day's outage costs some forty tries. The cap comes first; the
 * jitter takes up to a twentieth off, so that the cap holds and what failed together does not come back together.
 * @param ageMs since the cause of the wait began
 */
export function shareOfAgeMs(ageMs: number, random: Random): number {
  const waitMs = Math.min(LONGEST_WAIT_MS, Math.max(SHORTEST_WAIT_MS, ageMs * SHARE_OF_AGE));
  return Math.floor(waitMs * (1 - random() * JITTER_SHARE));
}

/** What is left to a message before it is parked. */
export interface ReceivesLeft {
  /** How often it may still be received. */
  count: number;
  /** When it is parked, in epoch milliseconds. */
  parkedAtMs: number;
}

// The longest that any reason makes a request wait when the end of the wait is not known (see `patienceMs`). Nobody waits longer to
// save receives as long as waits of this length suffice.
const SUFFICIENT_WAIT_MS = 3_900_000;
// While the need is still to come, the waits that it shortens: half of what is left, again and again until a minute is left.
const RECEIVES_FOR_NEED = 10;
const RECEIVES_FOR_PARKING = 2;

/**
 * The shortest wait with which a message's receives last until it is parked; 0 as long as they do anyway. One reason alone never
 * uses them up (tests/project). But when several take turns, each of them may be new again and again, or have an end that is near
 * every time: then its receives would be gone in hours, and it would be announced as a dead letter that crashed every time.
 */
export function sparingMs(
  left: ReceivesLeft | undefined,
  { nowMs, neededByMs }: { nowMs: number; neededByMs: number | undefined },
): number {
  if (left === undefined) return 0;
  const reserved = neededByMs !== undefined && neededByMs > nowMs ? RECEIVES_FOR_NEED : RECEIVES_FOR_PARKING;
  const spare = left.count - reserved;
  const evenlyMs = Math.max(0, left.parkedAtMs - nowMs) / Math.max(1, spare);
  return evenlyMs > SUFFICIENT_WAIT_MS || spare < 1 ? Math.ceil(evenlyMs) : 0;
}

/**
 * A wait for which the need is not forgotten: at most half of the time that is left until the room is needed, or a minute if
 * that is longer, so that nobody is told more than a minute late that it expired. When it has passed, nothing presses any more.
 * @param neededByMs epoch milliseconds; undefined if nobody has said, as in a message that cannot be read
 */
export function capByNeed(
  waitMs: number,
  { nowMs, neededByMs }: { nowMs: number; neededByMs: number | undefined },
): number {
  if (neededByMs === undefined || neededByMs <= nowMs) return waitMs;
  return Math.min(waitMs, Math.max(LEAST_CAP_BY_NEED_MS, (neededByMs - nowMs) * SHARE_OF_NEED));
}
