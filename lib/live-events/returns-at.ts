import type { IncomingRecord } from '../platform/incoming-record.ts';
import { MAX_RECEIVES, PARKED_AFTER_MS } from '../platform/retention.ts';
import { retryAtMs } from '../platform/wait-or-park.ts';
import { capByNeededBy, minWaitForReceivesMs } from '../platform/waits.ts';
import { IncompleteEventError } from './attempts.ts';
import { nextTimeMs, timesOf } from './event-times.ts';
import type { LiveEventItem } from './live-event-item.ts';
import type { LiveEventOutcome, Postponed } from './live-event-outcome.ts';
import type { LiveEventServices } from './live-event-services.ts';

/**
 * At each due time of an event, a schedule sends a reminder. A message that waits for something else returns this long after the due time,
 * in case the reminder does not arrive.
 */
const AFTER_REMINDER_MS = 10_000;

/**
 * When a postponed message returns: no later than ten seconds after the next due time of its event. After a failure, it returns after a
 * fraction of the time since it was first received. However, it returns no later than halfway to that due time, or after a minute if that
 * is later. The short waits before a due time use up receives, so the wait is longer if few receives are left. A wait whose end is unknown
 * (`isEndless`, `changed`) is treated like a failure, so that it does not use up the receives.
 */
export function returnsAtMs(
  { reason, untilMs, cause, isEndless = false, times }: Postponed,
  record: IncomingRecord,
  { clock, random }: Pick<LiveEventServices, 'clock' | 'random'>,
): number {
  const nowMs = clock.nowMs();
  const neededByMs = nextTimeMs(times, { nowMs: () => nowMs });
  const latestMs = neededByMs === undefined ? Number.POSITIVE_INFINITY : neededByMs + AFTER_REMINDER_MS;
  const isUnknownEnd = isEndless || reason === 'changed' || reason === 'failed';
  if (!isUnknownEnd && cause === undefined) return Math.min(untilMs, latestMs);
  const againMs = Math.min(
    Math.max(retryAtMs(record, { nowMs, neededByMs, random }), sparingUntilMs(record, { nowMs, neededByMs })),
    latestMs,
  );
  return isUnknownEnd ? againMs : Math.min(untilMs, againMs);
}

/** The earliest time at which a message may return. If it returned earlier, its receives might be used up before it is parked. */
function sparingUntilMs(
  { attributes }: IncomingRecord,
  { nowMs, neededByMs }: { nowMs: number; neededByMs: number | undefined },
): number {
  const left = {
    count: MAX_RECEIVES.liveEvents - attributes.ApproximateReceiveCount,
    parkedAtMs: attributes.SentTimestamp + PARKED_AFTER_MS.liveEvents,
  };
  return nowMs + capByNeededBy(minWaitForReceivesMs(left, { nowMs, neededByMs }), { nowMs, neededByMs });
}

/** Runs a step for an event, and adds the event's times to a postponed outcome or to the error. @throws IncompleteEventError */
export async function withTimes(item: LiveEventItem, act: () => Promise<LiveEventOutcome>): Promise<LiveEventOutcome> {
  try {
    const outcome = await act();
    return outcome.kind === 'postponed' ? { times: timesOf(item), ...outcome } : outcome;
  } catch (error) {
    const failures = error instanceof IncompleteEventError ? error.failures : [error];
    throw new IncompleteEventError(failures, timesOf(item));
  }
}
