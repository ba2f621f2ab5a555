import type { Random } from '../platform/backoff.ts';
import {
  capByNeededBy,
  minWaitForReceivesMs,
  type ReceivesLeft,
  SUFFICIENT_WAIT_FOR_REGION_MS,
  shareOfAgeMs,
} from '../platform/waits.ts';
import type { Postponement, PostponeReason } from './postponement.ts';

/** The facts that determine the length of a wait. Times are epoch milliseconds. */
export interface Circumstances {
  nowMs: number;
  /** When the reason began or, if the ledger has no note of it, when the message was first received. */
  sinceMs: number;
  /** How many times the message's key was postponed for this reason, including this time. */
  count: number;
  /** When the room is needed. */
  neededByMs: number | undefined;
  /** The message's remaining receives; undefined if they are not limited. */
  receivesLeft?: ReceivesLeft | undefined;
  random: Random;
}

/** The waits that end when the request may probe an open breaker, if that time is known. */
const FOR_REGION: readonly PostponeReason[] = ['breaker-open', 'quota', 'blocked', 'denied'];
const LONG_FOR_REGION_MS = 3_600_000;
const PATIENCE_STEP_MS = 1_000;
// A little longer than the longest other wait, so that a message does not run out of receives (tests/project). A request waits this long
// only after more than sixty attempts.
const MAX_PATIENCE_MS = 3_900_000;
const MAX_SPREAD_MS = 300_000;
const MIN_BUSY_WAIT_MS = 4_000;
const BUSY_JITTER_MS = 2_000;

/**
 * When a postponed message returns. If the end of the reason is known, the message waits until then. Otherwise it waits for a share of the
 * time that the reason has lasted. Either wait is extended if the message would otherwise run out of receives. `neededBy` caps every wait
 * except the wait for an intent to settle, because a search before the settle time proves nothing.
 */
export function returnsAtMs(
  postponement: Pick<Postponement, 'reason' | 'endsAtMs'>,
  { receivesLeft, ...circumstances }: Circumstances,
): number {
  const { nowMs, neededByMs } = circumstances;
  const minWaitMs = minWaitForReceivesMs(
    receivesLeft,
    { nowMs, neededByMs },
    waitsLongForRegion(postponement, circumstances) ? SUFFICIENT_WAIT_FOR_REGION_MS : undefined,
  );
  if (postponement.reason === 'unsettled')
    return settledAtMs(postponement.endsAtMs ?? nowMs, { ...circumstances, minWaitMs });
  return nowMs + capByNeededBy(Math.max(minWaitMs, uncappedMs(postponement, circumstances)), { nowMs, neededByMs });
}

/** Whether the region has been closed to the request for an hour. Before that, probes follow one another closely, and few receives are used. */
function waitsLongForRegion(
  { reason, endsAtMs }: Pick<Postponement, 'reason' | 'endsAtMs'>,
  { nowMs, sinceMs }: Pick<Circumstances, 'nowMs' | 'sinceMs'>,
): boolean {
  return endsAtMs !== undefined && FOR_REGION.includes(reason) && nowMs - sinceMs >= LONG_FOR_REGION_MS;
}

/**
 * When a message with an unsettled intent returns: usually at `endsAtMs`. If the calls for its key have received no response for about an
 * hour, it returns later. Otherwise it would run out of receives in an outage of a week. After `neededBy`, greenroom creates no room, so
 * the message returns at `endsAtMs` again.
 */
function settledAtMs(
  endsAtMs: number,
  {
    nowMs,
    sinceMs,
    neededByMs,
    minWaitMs,
    random,
  }: Omit<Circumstances, 'count' | 'receivesLeft'> & {
    /** The shortest wait that does not use up the receives. */
    minWaitMs: number;
  },
): number {
  if (neededByMs !== undefined && neededByMs <= nowMs) return Math.max(endsAtMs, nowMs + minWaitMs);
  const waitMs = Math.max(minWaitMs, shareOfAgeMs(nowMs - sinceMs, random));
  return Math.max(endsAtMs, nowMs + capByNeededBy(waitMs, { nowMs, neededByMs }));
}

function uncappedMs(
  { reason, endsAtMs }: Pick<Postponement, 'reason' | 'endsAtMs'>,
  { nowMs, sinceMs, count, random }: Omit<Circumstances, 'neededByMs' | 'receivesLeft'>,
): number {
  if (endsAtMs === undefined) return shareOfAgeMs(nowMs - sinceMs, random);
  const leftMs = Math.max(0, endsAtMs - nowMs);
  switch (reason) {
    case 'busy': {
      // Most leases are released long before their end, but each early attempt costs a receive. A request that has waited only briefly
      // returns early, because it may be a duplicate or a correction. A request that has waited longer returns at the end of the lease.
      const earlyMs = Math.max(MIN_BUSY_WAIT_MS, shareOfAgeMs(nowMs - sinceMs, random));
      return Math.min(leftMs, earlyMs) + random() * BUSY_JITTER_MS;
    }
    case 'listing':
      return leftMs;
    case 'paused':
      // The operator may resume the lane early, so the request waits no longer than it would if the end of the pause were unknown.
      return Math.min(spread(leftMs, random()), shareOfAgeMs(nowMs - sinceMs, random));
    case 'no-slot':
      return spread(leftMs + extraWaitMs(count), random());
    default:
      // The region is closed. Its next probe is up to an hour away, or up to two hours for the key that opened the breaker. If the room
      // quota is reached, it is up to 15 minutes away for every key.
      return Math.min(spread(leftMs, random()), leftMs + MAX_SPREAD_MS);
  }
}

/**
 * The additional wait of a request that gets no slot for the `count`-th time. A request that repeatedly gets no slot is behind a long line
 * of more urgent requests, and frequent attempts would only use up its receives. The wait does not depend on age, because a row of a large
 * import may be hours old although nothing is wrong.
 */
export function extraWaitMs(count: number): number {
  return Math.min(MAX_PATIENCE_MS, PATIENCE_STEP_MS * (count - 1) ** 2);
}

/** Adds up to a quarter of the wait plus one second, so that the waiting requests do not all return at the same time. */
function spread(waitMs: number, share: number): number {
  return waitMs + share * (waitMs / 4 + 1_000);
}
