import type { IncomingRecord } from '../platform/incoming-record.ts';
import { MAX_RECEIVES, PARKED_AFTER_MS } from '../platform/retention.ts';
import { tryAgainAtMs } from '../platform/wait-or-park.ts';
import { capByNeed, sparingMs } from '../platform/waits.ts';
import { IncompleteEventError } from './attempts.ts';
import type { LiveEventItem } from './live-event-item.ts';
import type { LiveEventOutcome, Postponed } from './live-event-outcome.ts';
import type { LiveEventServices } from './live-event-services.ts';
import { momentsOf, nextMomentMs } from './moments.ts';

/** A schedule reminds of the moment itself. A message that waits for something else looks after that, should the schedule be missing. */
const AFTER_REMINDER_MS = 10_000;

/**
 * When the message of a postponed event comes again: whatever it waits for, and whatever has failed, at most ten seconds after the event's next
 * moment. What has failed is tried again after a share of the message's age, but by half of the way to that moment; an event has three moments, so
 * the receives that are left bound that from below. An end that is no end (`isEndless`, `changed`) does not count, so that it does not
 * use up the receives of its message.
 */
export function comesBackAtMs(
  { reason, untilMs, cause, isEndless = false, moments }: Postponed,
  record: IncomingRecord,
  { clock, random }: Pick<LiveEventServices, 'clock' | 'random'>,
): number {
  const nowMs = clock.nowMs();
  const neededByMs = nextMomentMs(moments, { nowMs: () => nowMs });
  const latestMs = neededByMs === undefined ? Number.POSITIVE_INFINITY : neededByMs + AFTER_REMINDER_MS;
  const isUnknownEnd = isEndless || reason === 'changed' || reason === 'failed';
  if (!isUnknownEnd && cause === undefined) return Math.min(untilMs, latestMs);
  const againMs = Math.min(
    Math.max(tryAgainAtMs(record, { nowMs, neededByMs, random }), sparingUntilMs(record, { nowMs, neededByMs })),
    latestMs,
  );
  return isUnknownEnd ? againMs : Math.min(untilMs, againMs);
}

/** The earliest moment at which a message may come again so that its receives last until it is parked. */
function sparingUntilMs(
  { attributes }: IncomingRecord,
  { nowMs, neededByMs }: { nowMs: number; neededByMs: number | undefined },
): number {
  const left = {
    count: MAX_RECEIVES.liveEvents - attributes.ApproximateReceiveCount,
    parkedAtMs: attributes.SentTimestamp + PARKED_AFTER_MS.liveEvents,
  };
  return nowMs + capByNeed(sparingMs(left, { nowMs, neededByMs }), { nowMs, neededByMs });
}

/** Does something for an event, so that whoever waits for the rest of it knows the event's moments. @throws IncompleteEventError */
export async function knowingMoments(
  item: LiveEventItem,
  act: () => Promise<LiveEventOutcome>,
): Promise<LiveEventOutcome> {
  try {
    const outcome = await act();
    return outcome.kind === 'postponed' ? { moments: momentsOf(item), ...outcome } : outcome;
  } catch (error) {
    const failures = error instanceof IncompleteEventError ? error.failures : [error];
    throw new IncompleteEventError(failures, momentsOf(item));
  }
}
