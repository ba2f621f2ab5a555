import { shareOfAgeMs } from '../../lib/platform/waits.ts';
import type { IncomingRecord } from '../../lib/provisioning/incoming-record.ts';
import { delaySeconds } from '../../lib/provisioning/postpone.ts';
import { POSTPONE_REASONS, type PostponeReason } from '../../lib/provisioning/postponement.ts';
import { comesBackAtMs } from '../../lib/provisioning/wait-times.ts';
import { afterDeadlineMs, afterLeaseMs, tryAgainAtMs } from '../../lib/rosters/wait-or-park.ts';

const DAY_MS = 86_400_000;
/** A jitter at its ends: some waits it makes longer, others shorter. */
const RANDOMS = [() => 0, () => 0.999_999];
/** From no wish at all to the longest that is taken (7 days). */
const NEEDS = [undefined, 0, DAY_MS, 7 * DAY_MS];

/**
 * How often a message is received from when it arrives until it is parked, the receive that parks it included.
 * @param waitMs how long it is postponed at an age, when it is received for the `count`-th time
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

/** The most receives that one reason can cost a request, by reason. Of `busy` it is those of one lease: after it, the claim is its own. */
export function mostReceives(settings: LaneSettings): [PostponeReason, number][] {
  return POSTPONE_REASONS.map((reason) => {
    const counts = NEEDS.flatMap((neededByMs) =>
      RANDOMS.map((random) =>
        receivesUntil(lastsUntilMs(reason, neededByMs, settings), (nowMs, count) => {
          const endsAtMs = endOf(reason, nowMs, count, settings);
          return comesBackAtMs({ reason, endsAtMs }, { nowMs, sinceMs: 0, count, neededByMs, random }) - nowMs;
        }),
      ),
    );
    return [reason, Math.max(...counts)];
  });
}

function lastsUntilMs(reason: PostponeReason, neededByMs: number | undefined, settings: LaneSettings): number {
  if (reason === 'busy') return settings.leaseMs;
  // When the need has passed, the intent that is settled then was the last.
  if (reason === 'unsettled' && neededByMs !== undefined) return neededByMs + settings.settleMs;
  return settings.parkedAfterMs;
}

/** The most receives of messages about rosters: a failure, or (a manifest) a lease that another worker takes again and again. */
export function mostReceivesOfRosters(
  parkedAfterMs: number,
  leaseMs: number,
  invocationMs = leaseMs,
): [string, number][] {
  const record = (SentTimestamp: number) => ({ attributes: { SentTimestamp } }) as IncomingRecord;
  const least = (wait: (nowMs: number, random: () => number) => number) =>
    Math.max(...RANDOMS.map((random) => receivesUntil(parkedAfterMs, (nowMs) => wait(nowMs, random) - nowMs)));
  return [
    ['failed', least((nowMs, random) => tryAgainAtMs(record(0), { nowMs, random }))],
    ['deadline', least((nowMs) => nowMs + invocationMs + afterDeadlineMs(record(0), nowMs, nowMs) - nowMs)],
    ['another-reader', least((nowMs, random) => afterLeaseMs(record(0), nowMs + leaseMs, { nowMs, random }))],
  ];
}

/** The nearest end that a reason may name again and again. */
function endOf(
  reason: PostponeReason,
  nowMs: number,
  count: number,
  { settleMs, likelyMs, leaseMs, probeScheduleMs }: LaneSettings,
): number | undefined {
  switch (reason) {
    case 'busy':
      return leaseMs;
    case 'unsettled':
      // At first when the room is likely to be listed, then when the intent has settled.
      return nowMs + (count % 2 === 1 ? likelyMs : settleMs - likelyMs);
    case 'listing':
      return nowMs + shareOfAgeMs(nowMs, () => 0.999_999);
    case 'no-slot':
      return nowMs;
    case 'breaker-open':
      return nowMs + (probeScheduleMs[Math.min(count, probeScheduleMs.length) - 1] ?? 0);
    default:
      return undefined;
  }
}
