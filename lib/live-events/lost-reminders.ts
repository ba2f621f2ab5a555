import { sha256 } from '../contract/keys.ts';
import type { LiveEventOccasion } from '../contract/live-event-message.ts';
import { isAhead, isNear } from './event-times.ts';
import type { ListedEvent } from './listed-events.ts';

/** The time between two runs of `rearmEvents`: the rate of the schedule in serverless.yml. */
export const REARM_EVERY_MS = 300_000;
/**
 * An opening or a check is overdue if no worker has handled it this long after its time. Until then its reminder may only be late: the
 * schedule may fire a minute late, and the message may wait in the queue.
 */
export const GRACE_MS = 120_000;
/** Each run examines the reminders that are due within this time, so that each reminder is examined at least twice before it is due. */
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
 * Those reminders of an event that must have a schedule. If the opening or the check is near, its schedule may already have fired, so it
 * does not count as missing unless the opening or the check becomes overdue. A check that is still ahead cannot have been done yet.
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
  const run = Math.floor(nowMs / REARM_EVERY_MS) % runs;
  // The event's id determines which run examines the event. The position in the list cannot determine this, because the list changes between
  // two runs.
  const ofRun = later.filter(({ event }) => runs === 1 || numberOf(event.live_event_id) % runs === run);
  return [...soon, ...ofRun].sort((a, b) => a.atMs - b.atMs);
}

/**
 * The reminders of a pending event that should have arrived by now. They are overdue because no worker has examined the event since its
 * opening was due, or since its turn was expected.
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
