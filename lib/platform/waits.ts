import type { Random } from './backoff.ts';

const SHARE_OF_AGE = 1 / 3;
const SHORTEST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 3_600_000;
const JITTER_SHARE = 0.05;
const SHARE_OF_REMAINING_TIME = 1 / 2;
const MIN_CAP_MS = 60_000;

/**
 * How long to wait if the end of the cause is unknown: a third of the time that the cause has lasted, at least 2 seconds and at most an
 * hour. With these waits, greenroom soon notices that a short outage is over, and tries a message about fifty times in an outage of a day.
 * The jitter shortens the capped wait by up to a twentieth, so that the cap holds and messages that failed together do not return together.
 * @param ageMs the time since the cause of the wait began
 */
export function shareOfAgeMs(ageMs: number, random: Random): number {
  const waitMs = Math.min(LONGEST_WAIT_MS, Math.max(SHORTEST_WAIT_MS, ageMs * SHARE_OF_AGE));
  return Math.floor(waitMs * (1 - random() * JITTER_SHARE));
}

/** The receives and the time that a message has left before it is parked. */
export interface ReceivesLeft {
  /** How many times it may still be received. */
  count: number;
  /** When it is parked, in epoch milliseconds. */
  parkedAtMs: number;
}

// The longest wait for a reason without a known end (see `extraWaitMs`). If the receives last with waits of this length, no wait is
// extended.
const SUFFICIENT_WAIT_MS = 3_900_000;
/**
 * The same for a wait until a region may be probed again. If the room quota is reached, such a wait is never longer than 15 minutes unless
 * it is extended (docs/decisions/0062). This value is ten minutes lower, so that short waits for other reasons remain before those waits are
 * extended too: at least 25 on the first day.
 */
export const SUFFICIENT_WAIT_FOR_REGION_MS = 3_300_000;
// Reserved for the waits that `neededBy` caps. Each capped wait is half of the remaining time, until a minute is left.
const RECEIVES_FOR_CAPPED_WAITS = 10;
const RECEIVES_FOR_PARKING = 2;

/**
 * The shortest wait with which a message's receives last until it is parked; 0 if they last without a minimum. A single reason for waiting
 * never uses up the receives (tests/project), except for a room quota that is reached for hours. Several reasons that alternate can use them
 * up, because each reason begins again and causes short waits. Without a minimum, the message would run out of receives within hours, and
 * greenroom would announce it as a dead letter that crashed every time.
 * @param sufficientMs no wait is extended as long as the receives last with waits of this length
 */
export function minWaitForReceivesMs(
  left: ReceivesLeft | undefined,
  { nowMs, neededByMs }: { nowMs: number; neededByMs: number | undefined },
  sufficientMs = SUFFICIENT_WAIT_MS,
): number {
  if (left === undefined) return 0;
  const reserved = neededByMs !== undefined && neededByMs > nowMs ? RECEIVES_FOR_CAPPED_WAITS : RECEIVES_FOR_PARKING;
  const spare = left.count - reserved;
  const evenlyMs = Math.max(0, left.parkedAtMs - nowMs) / Math.max(1, spare);
  return evenlyMs > sufficientMs || spare < 1 ? Math.ceil(evenlyMs) : 0;
}

/**
 * Caps a wait at half of the time that is left until the room is needed, or at a minute if that is longer. As a result, `expired` is
 * announced at most a minute late. After `neededBy` there is no cap.
 * @param neededByMs epoch milliseconds; undefined if it is unknown, for example because the message cannot be read
 */
export function capByNeededBy(
  waitMs: number,
  { nowMs, neededByMs }: { nowMs: number; neededByMs: number | undefined },
): number {
  if (neededByMs === undefined || neededByMs <= nowMs) return waitMs;
  return Math.min(waitMs, Math.max(MIN_CAP_MS, (neededByMs - nowMs) * SHARE_OF_REMAINING_TIME));
}
