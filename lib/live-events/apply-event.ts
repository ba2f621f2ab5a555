import type { LiveEventOccasion } from '../contract/live-event-message.ts';
import { advanceEvent } from './advance-event.ts';
import { type Attempts, createAttempts } from './attempts.ts';
import { checkEvent } from './check-event.ts';
import { isCheckDue, isNear, nearTimeMs, nextTimeMs, SCHEDULER_LATE_MS, timesAhead, timesOf } from './event-times.ts';
import type { LiveEventItem } from './live-event-item.ts';
import type { LiveEventOutcome } from './live-event-outcome.ts';
import type { LiveEventServices } from './live-event-services.ts';
import { readLiveEventItem } from './read-live-event-item.ts';
import { withTimes } from './returns-at.ts';
import { arm, disarm } from './schedules.ts';
import { sendWishes } from './send-wishes.ts';

const MAX_ROUNDS = 5;

/**
 * Does everything that the event's item requires now: it sends wishes for rooms that exist already, does the check if it is due, sets the
 * schedules and, if the event is due, requests its rooms. The schedules of a cancelled event are deleted. Each step is tried even if
 * another one fails. Two workers may set the schedules of two revisions in the wrong order, so the item is read again after its schedules
 * are set. If a worker crashes in between, its message is delivered again, and the event is applied again.
 * @throws IncompleteEventError if a step fails, unless the message returns to its queue anyway
 */
export async function applyEvent(
  item: LiveEventItem,
  services: LiveEventServices,
  signal: AbortSignal,
): Promise<LiveEventOutcome> {
  const attempts = createAttempts();
  // The wishes are not sent only at the opening, because the rooms' earlier release time may come before it.
  await attempts.try(() => sendWishes(item, services, signal));
  if (item.live_state !== 'cancelled' && isCheckDue(item, services.clock))
    await attempts.try(() => checkEvent(item, services));
  const armed = await armCurrent(item, attempts, services, signal);
  if (armed.kind !== 'current') return withFailure(armed, attempts);
  const { item: current } = armed;
  return withTimes(current, async () => {
    const outcome = await attempts.try(() => advanceEvent(current, services, signal));
    const cause = attempts.failure();
    // The message returns anyway, and the failed steps are tried again then. It returns by the event's next due time at the latest, because
    // the step that failed may be setting the schedule for that time.
    if (outcome?.kind === 'postponed' && cause !== undefined) {
      const nextMs = nextTimeMs(timesOf(current), services.clock) ?? outcome.untilMs;
      return { ...outcome, untilMs: Math.min(outcome.untilMs, nextMs), cause };
    }
    attempts.throwIfAny();
    return waitForNearTime(outcome ?? { kind: 'scheduled' }, current, services);
  });
}

/** The outcome of an event that no longer exists or keeps changing. A failed step must be visible, and must be tried again. */
function withFailure(outcome: LiveEventOutcome, attempts: Attempts): LiveEventOutcome {
  if (outcome.kind === 'postponed') return { ...outcome, cause: attempts.failure() };
  attempts.throwIfAny();
  return outcome;
}

/** If the opening or the check is too near for a schedule, the message returns at that time, even if it also waits for something else. */
function waitForNearTime(
  outcome: LiveEventOutcome,
  item: LiveEventItem,
  { clock }: LiveEventServices,
): LiveEventOutcome {
  // The check may have become due in the meantime.
  const nearMs = isCheckDue(item, clock) ? clock.nowMs() : nearTimeMs(item, clock);
  if (nearMs === undefined) return outcome;
  switch (outcome.kind) {
    case 'postponed':
      return { ...outcome, untilMs: Math.min(outcome.untilMs, nearMs) };
    case 'scheduled':
    case 'opened':
      return { kind: 'postponed', reason: 'due-soon', untilMs: nearMs };
    default:
      return outcome;
  }
}

/**
 * Sets the schedules and reads the item again. If the event has changed in the meantime, does both again, at most `MAX_ROUNDS` times.
 * @returns the item for which the schedules are set, or the outcome if the event no longer exists or has changed every time
 */
async function armCurrent(
  item: LiveEventItem,
  attempts: Attempts,
  services: LiveEventServices,
  signal: AbortSignal,
): Promise<{ kind: 'current'; item: LiveEventItem } | LiveEventOutcome> {
  let current = item;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    await armSchedules(current, attempts, services, signal);
    const read = await attempts.try(async () => ({ now: await readLiveEventItem(current.live_event_id, services) }));
    // If the item cannot be read, the last known item is used. That is safe, because every write is conditional.
    const now = read === undefined ? current : read.now;
    if (now === undefined) return { kind: 'ignored', reason: 'unknown-event' };
    if (now.revision === current.revision && now.live_state === current.live_state)
      return { kind: 'current', item: now };
    current = now;
  }
  return { kind: 'postponed', reason: 'changed', untilMs: services.clock.nowMs(), times: timesOf(current) };
}

/**
 * Sets the event's two schedules, for the opening and the check. Each is a minute early, because a schedule may fire a minute late. If one
 * of the two times has passed or is too near, it gets no schedule: the worker acts immediately, or its message waits until that time.
 */
async function armSchedules(
  item: LiveEventItem,
  attempts: Attempts,
  services: LiveEventServices,
  signal: AbortSignal,
): Promise<void> {
  const ahead = timesAhead(item, services.clock);
  const occasions: LiveEventOccasion[] = ['open', 'check'];
  for (const occasion of occasions) {
    const atMs = ahead[occasion];
    await attempts.try(() =>
      atMs === undefined || isNear(atMs, services.clock)
        ? disarm(item, occasion, services)
        : arm({ ...item, times: timesOf(item) }, occasion, atMs - SCHEDULER_LATE_MS, services, signal),
    );
  }
}
