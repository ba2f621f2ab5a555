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

/**
 * A wait for which the need is not forgotten: at most half of the time that is left until the room is needed, or a minute if
 * that is longer, so that nobody is told more than a minute late that it expired. When it has passed, nothing presses any more.
 * @param neededByMs epoch milliseconds; undefined if nobody has said, as in a message that can't be read
 */
export function capByNeed(
  waitMs: number,
  { nowMs, neededByMs }: { nowMs: number; neededByMs: number | undefined },
): number {
  if (neededByMs === undefined || neededByMs <= nowMs) return waitMs;
  return Math.min(waitMs, Math.max(LEAST_CAP_BY_NEED_MS, (neededByMs - nowMs) * SHARE_OF_NEED));
}
