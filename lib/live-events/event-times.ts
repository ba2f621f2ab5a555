import type { LiveEventTimes } from '../contract/live-event-plan.ts';
import type { Clock } from '../platform/clock.ts';
import type { LiveEventItem } from './live-event-item.ts';
import { WANTED_AFTER_START_MS } from './request-rooms.ts';

/**
 * EventBridge Scheduler has a "60 second precision. This means that if you set your schedule to run at 1:00, it will invoke the target API
 * between 1:00:00 and 1:00:59": https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html. Schedules are therefore set a
 * minute early, and their messages wait in the queue for the rest of that minute.
 */
export const SCHEDULER_LATE_MS = 60_000;
/** An opening that is this near counts as due, because it does no harm if rooms exist a few seconds early. */
const DUE_EARLY_MS = 5_000;
/**
 * A time that is nearer than this gets no schedule, because the schedule might fire too late. The current message waits in the queue
 * instead.
 */
const NEAR_MS = SCHEDULER_LATE_MS + DUE_EARLY_MS;
/**
 * Rooms that were requested more recently than this are not expected to exist yet, so the check waits. Late reminders for the opening and
 * the check may arrive in one batch or in the wrong order.
 */
const JUST_DUE_MS = 10_000;

type Ticking = Pick<Clock, 'nowMs'>;

/** The opening and the check of an event, if they are still ahead. */
export interface TimesAhead {
  open?: number;
  check?: number;
}

export function timesAhead(item: LiveEventItem, clock: Ticking): TimesAhead {
  if (item.live_state === 'cancelled') return {};
  const opens = item.live_state === 'pending' && isAhead(item.opens_at, clock);
  const checks = item.checked_revision !== item.revision && item.check_at > clock.nowMs();
  return { ...(opens && { open: item.opens_at }), ...(checks && { check: item.check_at }) };
}

/** Whether a time is still ahead. An opening counts as due a few seconds early. */
export function isAhead(atMs: number, clock: Ticking): boolean {
  return atMs > clock.nowMs() + DUE_EARLY_MS;
}

/** Whether a time is so near that a schedule might fire too late for it. */
export function isNear(atMs: number, clock: Ticking): boolean {
  return atMs <= clock.nowMs() + NEAR_MS;
}

/** The time of the opening or the check, whichever comes first, if it is ahead but too near for a schedule. */
export function nearTimeMs(item: LiveEventItem, clock: Ticking): number | undefined {
  const near = Object.values(timesAhead(item, clock)).filter((atMs) => isNear(atMs, clock));
  return near.length === 0 ? undefined : Math.min(...near);
}

/** The times of an event, past or future. A cancelled event has none. */
export function timesOf(item: LiveEventItem): LiveEventTimes | undefined {
  if (item.live_state === 'cancelled') return undefined;
  return { startsAtMs: item.starts_at, opensAtMs: item.opens_at, checkAtMs: item.check_at };
}

/**
 * The next due time of an event: its opening, its check, its start, or the time at which its rooms are no longer wanted. Undefined after
 * that.
 */
export function nextTimeMs(times: LiveEventTimes | undefined, clock: Ticking): number | undefined {
  if (times === undefined) return undefined;
  const { opensAtMs, checkAtMs, startsAtMs } = times;
  const ahead = [opensAtMs, checkAtMs, startsAtMs, startsAtMs + WANTED_AFTER_START_MS].filter(
    (ms) => ms > clock.nowMs(),
  );
  return ahead.length === 0 ? undefined : Math.min(...ahead);
}

/** Whether the check is due and not done yet. */
export function isCheckDue(item: LiveEventItem, clock: Ticking): boolean {
  if (item.live_state === 'cancelled' || item.checked_revision === item.revision) return false;
  return item.check_at <= clock.nowMs();
}

/** When to check an event whose rooms were requested only just now, or not yet. Undefined if the rooms have had enough time. */
export function justDueUntilMs(item: LiveEventItem, clock: Ticking): number | undefined {
  const nowMs = clock.nowMs();
  switch (item.live_state) {
    case 'cancelled':
      return undefined;
    case 'pending':
      // No worker has examined the event since it became due, so the other reminder is as late as this one.
      return (item.expected_at ?? item.opens_at) <= Math.max(item.opens_at, item.accepted_at)
        ? nowMs + JUST_DUE_MS
        : undefined;
    case 'opened':
      return item.opened_at > nowMs - JUST_DUE_MS ? item.opened_at + JUST_DUE_MS : undefined;
  }
}
