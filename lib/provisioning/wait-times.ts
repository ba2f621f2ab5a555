import type { Random } from '../platform/backoff.ts';
import { capByNeed, type ReceivesLeft, shareOfAgeMs, sparingMs } from '../platform/waits.ts';
import type { Postponement } from './postponement.ts';

/** What the length of a wait depends on. Times are epoch milliseconds. */
export interface Circumstances {
  nowMs: number;
  /** Since when the reason lasts. If that could not be noted, since the first receive of the message. */
  sinceMs: number;
  /** How often the message's key was postponed for this reason, including this time. */
  count: number;
  /** Until when the room is wanted. */
  neededByMs: number | undefined;
  /** The message's remaining receives; undefined where they do not count. */
  receivesLeft?: ReceivesLeft | undefined;
  random: Random;
}

const PATIENCE_STEP_MS = 1_000;
// A little more than other waits: it takes long to get there, and a queue's receives must suffice (tests/project).
const MOST_PATIENCE_MS = 3_900_000;
const MOST_SPREAD_MS = 300_000;
const LEAST_BUSY_WAIT_MS = 4_000;
const BUSY_JITTER_MS = 2_000;

/**
 * When a postponed message is to come back. A reason whose end nobody knows is waited for by a share of the time that it has
 * lasted; a known end is waited for. Either is stretched where the receives would not suffice otherwise. The need caps all waits
 * but one: before an intent is settled, looking again would tell nothing.
 */
export function comesBackAtMs(
  why: Pick<Postponement, 'reason' | 'endsAtMs'>,
  { receivesLeft, ...circumstances }: Circumstances,
): number {
  const { nowMs, neededByMs } = circumstances;
  const leastMs = sparingMs(receivesLeft, { nowMs, neededByMs });
  if (why.reason === 'unsettled') return settledAtMs(why.endsAtMs ?? nowMs, { ...circumstances, leastMs });
  return nowMs + capByNeed(Math.max(leastMs, uncappedMs(why, circumstances)), { nowMs, neededByMs });
}

/**
 * The end of the settle time. Only where one intent after another has stayed without an answer for an hour or more is the wait
 * longer, or a week's outage would cost more receives than there are; and not where no further attempt will be made.
 */
function settledAtMs(
  endsAtMs: number,
  {
    nowMs,
    sinceMs,
    neededByMs,
    leastMs,
    random,
  }: Omit<Circumstances, 'count' | 'receivesLeft'> & { leastMs: number /** For the sake of its receives. */ },
): number {
  if (neededByMs !== undefined && neededByMs <= nowMs) return Math.max(endsAtMs, nowMs + leastMs);
  const waitMs = Math.max(leastMs, shareOfAgeMs(nowMs - sinceMs, random));
  return Math.max(endsAtMs, nowMs + capByNeed(waitMs, { nowMs, neededByMs }));
}

function uncappedMs(
  { reason, endsAtMs }: Pick<Postponement, 'reason' | 'endsAtMs'>,
  { nowMs, sinceMs, count, random }: Omit<Circumstances, 'neededByMs' | 'receivesLeft'>,
): number {
  if (endsAtMs === undefined) return shareOfAgeMs(nowMs - sinceMs, random);
  const leftMs = Math.max(0, endsAtMs - nowMs);
  switch (reason) {
    case 'busy': {
      // A lease is mostly given up long before its end. Looking early costs a receive: who is new looks soon, so that a duplicate
      // or a corrected request is not made to wait, and who has waited long waits for the end.
      const earlyMs = Math.max(LEAST_BUSY_WAIT_MS, shareOfAgeMs(nowMs - sinceMs, random));
      return Math.min(leftMs, earlyMs) + random() * BUSY_JITTER_MS;
    }
    case 'listing':
      return leftMs;
    case 'no-slot':
      return spread(leftMs + patienceMs(count), random());
    default:
      // A region that is closed: up to an hour until its next probe, and two for the key that opened it.
      return Math.min(spread(leftMs, random()), leftMs + MOST_SPREAD_MS);
  }
}

/**
 * How much longer than to its turn a request is postponed that finds no slot for the `count`-th time. Who is turned away again
 * and again waits behind a long line of more urgent requests; asking as often as at first, it would only cost receives. It is
 * not a matter of age: a row three hours into a healthy import is old without being in trouble.
 */
export function patienceMs(count: number): number {
  return Math.min(MOST_PATIENCE_MS, PATIENCE_STEP_MS * (count - 1) ** 2);
}

/** A quarter of the wait and a second more at most, so that those who were turned away do not all come back at once. */
function spread(waitMs: number, share: number): number {
  return waitMs + share * (waitMs / 4 + 1_000);
}
