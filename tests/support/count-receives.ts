import { noteCause, type Waits } from '../../lib/ledger/causes.ts';
import { MAX_QUOTA_INTERVAL_MS } from '../../lib/pace/probe-schedule.ts';
import type { Random } from '../../lib/platform/backoff.ts';
import type { IncomingRecord } from '../../lib/platform/incoming-record.ts';
import { delaySeconds } from '../../lib/platform/postpone.ts';
import { afterDeadlineMs, afterLeaseMs, retryAtMs } from '../../lib/platform/wait-or-park.ts';
import { shareOfAgeMs } from '../../lib/platform/waits.ts';
import { POSTPONE_REASONS, type Postponement, type PostponeReason } from '../../lib/provisioning/postponement.ts';
import { returnsAtMs } from '../../lib/provisioning/wait-times.ts';

const DAY_MS = 86_400_000;
/** The lowest and the highest jitter. Both are needed, because more jitter makes some waits longer and others shorter. */
const RANDOMS = [() => 0, () => 0.999_999];
/** No `neededBy`, and values up to the longest accepted one (7 days). */
const NEEDS = [undefined, 0, DAY_MS, 7 * DAY_MS];

/**
 * How often a message is received from its arrival until it is parked, including the receive that parks it.
 * @param waitMs how long a message of this age is postponed when it is received for the `count`-th time
 */
export function receivesUntil(parkedAfterMs: number, waitMs: (ageMs: number, count: number) => number): number {
  let count = 0;
  for (let ageMs = 0; ageMs <= parkedAfterMs; ageMs += delaySeconds(waitMs(ageMs, count)) * 1000) count += 1;
  return count + 1;
}

export interface LaneSettings {
  parkedAfterMs: number;
  settleMs: number;
  likelyMs: number;
  leaseMs: number;
  probeScheduleMs: readonly number[];
}

/**
 * The maximum number of receives that one reason can cost a request, by reason. `busy` lasts for one lease, because the request then claims
 * the key.
 */
export function mostReceives(settings: LaneSettings): [PostponeReason, number][] {
  return POSTPONE_REASONS.map((reason) => [
    reason,
    most((neededByMs, random) =>
      receivesUntil(lastsUntilMs(reason, neededByMs, settings), (nowMs, count) => {
        const endsAtMs = endOf(reason, nowMs, count, settings);
        return returnsAtMs({ reason, endsAtMs }, { nowMs, sinceMs: 0, count, neededByMs, random }) - nowMs;
      }),
    ),
  ]);
}

/** The reasons whose waits become longer to save receives although no other reason occurs. */
export function stretchedAlone(settings: LaneSettings, maxReceives: number): PostponeReason[] {
  return POSTPONE_REASONS.filter((reason) => {
    let isStretched = false;
    most((neededByMs, random) =>
      receivesUntil(lastsUntilMs(reason, neededByMs, settings), (nowMs, count) => {
        const why = { reason, endsAtMs: endOf(reason, nowMs, count, settings) };
        const circumstances = { nowMs, sinceMs: 0, count, neededByMs, random };
        const receivesLeft = { count: maxReceives - count, parkedAtMs: settings.parkedAfterMs };
        const untilMs = returnsAtMs(why, circumstances);
        isStretched ||= returnsAtMs(why, { ...circumstances, receivesLeft }) !== untilMs;
        return untilMs - nowMs;
      }),
    );
    return isStretched;
  });
}

/** The reason why a request waits when it is received for the `count`-th time, and the end of that reason if it is known. */
type ReasonAt = (nowMs: number, count: number) => Pick<Postponement, 'reason' | 'endsAtMs'>;

export interface MixedLane extends LaneSettings {
  maxReceives: number;
  neededByMs: number | undefined;
  random: Random;
}

/** How often a request that waits for changing reasons is received until it is parked. */
export function receivesOfMix(
  reasonAt: ReasonAt,
  { parkedAfterMs, maxReceives, neededByMs, random }: Omit<MixedLane, keyof LaneSettings> & { parkedAfterMs: number },
): number {
  let waits: Waits | undefined;
  return receivesUntil(parkedAfterMs, (nowMs, count) => {
    const why = reasonAt(nowMs, count);
    const noted = noteCause(waits, why.reason, nowMs);
    // The reason cannot be stored without the ledger.
    const isStored = why.reason !== 'ledger-unavailable';
    if (isStored) waits = noted.waits;
    const { first, count: times } = isStored ? noted.cause : { first: 0, count: 1 };
    const receivesLeft = { count: maxReceives - count, parkedAtMs: parkedAfterMs };
    return returnsAtMs(why, { nowMs, sinceMs: first, count: times, neededByMs, receivesLeft, random }) - nowMs;
  });
}

/** The maximum number of receives of a request with one reason, or with two reasons that alternate after up to 30 receives. */
export function mostReceivesOfPairs(settings: LaneSettings, maxReceives: number): [string, number][] {
  const pairs = POSTPONE_REASONS.flatMap((one, index) => POSTPONE_REASONS.slice(index).map((other) => [one, other]));
  return pairs.map((pair) => [
    pair.join('/'),
    Math.max(
      ...[1, 5, 30].map((receivesEach) =>
        most((neededByMs, random) => {
          const reasonAt: ReasonAt = (nowMs, count) => {
            const reason = pair[Math.floor(count / receivesEach) % 2] ?? 'busy';
            return { reason, endsAtMs: endOf(reason, nowMs, 1, settings) };
          };
          return receivesOfMix(reasonAt, { ...settings, maxReceives, neededByMs, random });
        }),
      ),
    ),
  ]);
}

export interface Throttling {
  maxReceives: number;
  /** How long Lambda retries a throttled batch before the queue delivers the batch again. */
  visibilityTimeoutMs: number;
  /** Which receives are throttled: with 2, every second one. */
  each: number;
}

/**
 * How often a request that waits for one reason is received until it is parked, by reason. Lambda throttles some of the receives for the
 * whole visibility timeout.
 */
export function mostReceivesIfThrottled(settings: LaneSettings, throttling: Throttling): [PostponeReason, number][] {
  const { maxReceives, visibilityTimeoutMs, each } = throttling;
  return POSTPONE_REASONS.filter((reason) => reason !== 'busy').map((reason) => [
    reason,
    most((neededByMs, random) => {
      let ageMs = 0;
      for (let count = 1, invocations = 1; ; count++) {
        const isThrottled = count % each === 0;
        if (isThrottled) {
          ageMs += visibilityTimeoutMs;
          continue;
        }
        if (ageMs > settings.parkedAfterMs) return count;
        const receivesLeft = { count: maxReceives - count, parkedAtMs: settings.parkedAfterMs };
        const circumstances = { nowMs: ageMs, sinceMs: 0, count: invocations, neededByMs, random, receivesLeft };
        const endsAtMs = endOf(reason, ageMs, invocations, settings);
        ageMs += delaySeconds(returnsAtMs({ reason, endsAtMs }, circumstances) - ageMs) * 1000;
        invocations += 1;
      }
    }),
  ]);
}

function most(receives: (neededByMs: number | undefined, random: Random) => number): number {
  return Math.max(...NEEDS.flatMap((neededByMs) => RANDOMS.map((random) => receives(neededByMs, random))));
}

function lastsUntilMs(reason: PostponeReason, neededByMs: number | undefined, settings: LaneSettings): number {
  if (reason === 'busy') return settings.leaseMs;
  // After `neededBy`, the last intent is settled, and no other one is written.
  if (reason === 'unsettled' && neededByMs !== undefined) return neededByMs + settings.settleMs;
  return settings.parkedAfterMs;
}

/**
 * The maximum number of receives of messages about rosters that fail, reach deadlines, or (for a manifest) wait for leases that another
 * worker repeatedly acquires.
 */
export function mostReceivesOfRosters(
  parkedAfterMs: number,
  leaseMs: number,
  invocationMs = leaseMs,
): [string, number][] {
  const record = (SentTimestamp: number) => ({ attributes: { SentTimestamp } }) as IncomingRecord;
  const least = (wait: (nowMs: number, random: () => number) => number) =>
    Math.max(...RANDOMS.map((random) => receivesUntil(parkedAfterMs, (nowMs) => wait(nowMs, random) - nowMs)));
  return [
    ['failed', least((nowMs, random) => retryAtMs(record(0), { nowMs, random }))],
    ['deadline', least((nowMs) => nowMs + invocationMs + afterDeadlineMs(record(0), nowMs, { nowMs }) - nowMs)],
    ['another-reader', least((nowMs, random) => afterLeaseMs(record(0), nowMs + leaseMs, { nowMs, random }))],
  ];
}

/** The earliest end that a reason can have each time. */
function endOf(
  reason: PostponeReason,
  nowMs: number,
  count: number,
  { settleMs, likelyMs, leaseMs, probeScheduleMs }: LaneSettings,
): number | undefined {
  const intervalMs = probeScheduleMs[Math.min(count, probeScheduleMs.length) - 1] ?? 0;
  switch (reason) {
    case 'busy':
      return leaseMs;
    case 'unsettled':
      // First the time when the room is likely to be listed, then the time when the intent is settled.
      return nowMs + (count % 2 === 1 ? likelyMs : settleMs - likelyMs);
    case 'listing':
      return nowMs + shareOfAgeMs(nowMs, () => 0.999_999);
    case 'no-slot':
      return nowMs;
    case 'breaker-open':
      return nowMs + intervalMs;
    case 'quota':
      return nowMs + Math.min(MAX_QUOTA_INTERVAL_MS, intervalMs);
    default:
      return undefined;
  }
}
