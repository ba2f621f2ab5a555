import type { IncomingRecord } from '../platform/incoming-record.ts';
import { createAttempts } from './attempts.ts';
import { isNear, nextTimeMs, SCHEDULER_LATE_MS } from './event-times.ts';
import type { LiveEventOutcome } from './live-event-outcome.ts';
import type { LiveEventServices } from './live-event-services.ts';
import { arm } from './schedules.ts';

/**
 * A message that waits for its event's turn is received again each time the event is examined. After this many receives, a schedule replaces
 * the message with a new one, whose receive count starts again. Only crashes can therefore exhaust the queue's maxReceiveCount, no matter
 * how long the event waits for its turn.
 */
const HANDED_OVER_AFTER_RECEIVES = 100;
/**
 * A schedule may be too late for a turn that is near, so the message itself waits for such a turn until it has been received this many times.
 */
export const MOST_RECEIVES_FOR_NEAR_TURN = 200;

/** Replaces a message with a schedule if it has been received many times while it waited for its event's turn. */
export async function handOverIfWaiting(
  outcome: LiveEventOutcome,
  { liveEventId, revision = 0 }: { liveEventId: string; revision?: number },
  { attributes }: IncomingRecord,
  services: LiveEventServices,
  signal: AbortSignal,
): Promise<LiveEventOutcome> {
  const isWaiting = outcome.kind === 'postponed' && outcome.reason === 'not-its-turn';
  if (!isWaiting || attributes.ApproximateReceiveCount < HANDED_OVER_AFTER_RECEIVES) return outcome;
  // A schedule can replace only a message that waits for the turn. After a failure, or if the opening or the check is near, this message
  // itself must return to the queue. If no schedule can be set, this message also waits for the turn, as long as enough receives are left.
  const isEndless = attributes.ApproximateReceiveCount >= MOST_RECEIVES_FOR_NEAR_TURN;
  if (outcome.cause !== undefined) return { ...outcome, isEndless };
  const { untilMs, times } = outcome;
  const isTurnNear = isNear(untilMs, services.clock);
  if (isTurnNear && !isEndless) return outcome;
  const nextMs = nextTimeMs(times, services.clock);
  if (nextMs !== undefined && isNear(nextMs, services.clock)) return outcome;
  const attempts = createAttempts();
  const firesAtMs = isTurnNear ? untilMs : untilMs - SCHEDULER_LATE_MS;
  await attempts.try(() => arm({ live_event_id: liveEventId, revision, times }, 'open', firesAtMs, services, signal));
  const cause = attempts.failure();
  return cause === undefined ? { kind: 'handed-over', untilMs } : { ...outcome, cause, isEndless };
}
