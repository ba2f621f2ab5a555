import { sha256 } from '../contract/keys.ts';
import type { LiveEventOccasion } from '../contract/live-event-message.ts';
import type { ListedEvent } from './listed-events.ts';
import { isAhead, isNear } from './moments.ts';

/** The time between two runs of `rearmEvents`: the rate of the schedule in serverless.yml. */
export const REARM_EVERY_MS = 300_000;
/**
 * A moment is overdue if nothing has been done this long after it. Until then its reminder may only be late: the schedule may fire a minute
 * late, and the message may wait in the queue.
 */
export const GRACE_MS = 120_000;
/** A reminder that is needed within this time is examined in every run, so that each is examined at least twice before its moment. */
const SOON_MS = 3 * REARM_EVERY_MS;
/** Each run examines about this many of the later reminders. Successive runs cover all of them. */
const LATER_PER_RUN = 500;

/** A reminder that an event needs. */
export interface Reminder {
  event: ListedEvent;
  occasion: LiveEventOccasion;
  atMs: number;
}

/**
 * The reminders of an event that must have a schedule. The schedule of a moment that is too near may have fired already, so it counts as
 * missing only once the moment is overdue. A check that is still ahead cannot have been done yet.
 */
export function remindersAhead(event: ListedEvent, nowMs: number): Reminder[] {
  const clock = { nowMs: () => nowMs };
  const opening: Reminder = { event, occasion: 'open', atMs: event.opens_at };
  const check: Reminder = { event, occasion: 'check', atMs: event.check_at };
  return [...(event.live_state === 'pending' ? [opening] : []), check].filter(
    ({ atMs }) => isAhead(atMs, clock) && !isNear(atMs, clock),
  );
}

/** Selects the reminders to examine in this run, the most urgent first. */
export function remindersToExamine(reminders: readonly Reminder[], nowMs: number): Reminder[] {
  const [soon = [], later = []] = [true, false].map((isSoon) =>
    reminders.filter(({ atMs }) => atMs <= nowMs + SOON_MS === isSoon),
  );
  const runs = Math.max(1, Math.ceil(later.length / LATER_PER_RUN));
  const turn = Math.floor(nowMs / REARM_EVERY_MS) % runs;
  // The event's id decides which run examines it. Its place in the list cannot decide this, because the list changes between two runs.
  const ofTurn = later.filter(({ event }) => runs === 1 || numberOf(event.live_event_id) % runs === turn);
  return [...soon, ...ofTurn].sort((a, b) => a.atMs - b.atMs);
}

/**
 * The reminders of a pending event that should have come by now: no worker has examined the event since its opening was due, or since its
 * turn was expected.
 */
export function overdueOfPending(event: ListedEvent, nowMs: number): Reminder[] {
  const expectedAtMs = Math.max(event.opens_at, event.expected_at ?? 0);
  if (event.live_state !== 'pending' || !isOverdue(expectedAtMs, nowMs)) return [];
  const opening: Reminder = { event, occasion: 'open', atMs: event.opens_at };
  return event.check_at > nowMs ? [opening] : [opening, { event, occasion: 'check', atMs: event.check_at }];
}

export function isOverdue(atMs: number, nowMs: number): boolean {
  return atMs < nowMs - GRACE_MS;
}

function numberOf(liveEventId: string): number {
  return Number.parseInt(sha256(liveEventId).slice(0, 8), 16);
}
