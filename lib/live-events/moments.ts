import type { LiveEventTimes } from '../contract/live-event-plan.ts';
import type { Clock } from '../platform/clock.ts';
import type { LiveEventItem } from './live-event-item.ts';
import { WANTED_AFTER_START_MS } from './request-rooms.ts';

/**
 * EventBridge Scheduler has a "60 second precision. This means that if you set your schedule to run at 1:00, it will invoke the target API
 * between 1:00:00 and 1:00:59": https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html. So schedules
 * are set a minute early, and their message waits in the queue for the rest of it.
 */
export const SCHEDULER_LATE_MS = 60_000;
/** What is due within so short a time is done at once: rooms a few seconds early do no harm. */
const AT_ONCE_MS = 5_000;
/** For what is nearer than this, a schedule may fire too late: the message at hand waits for it in the queue. */
const NEAR_MS = SCHEDULER_LATE_MS + AT_ONCE_MS;
/** A reminder may overtake the other one, or meet it in one batch, when both are late: rooms asked for so shortly ago have had no time. */
const JUST_DUE_MS = 10_000;

type Ticking = Pick<Clock, 'nowMs'>;

/** The moments of an event that are still to come. */
export interface MomentsAhead {
  open?: number;
  check?: number;
}

export function momentsAhead(item: LiveEventItem, clock: Ticking): MomentsAhead {
  if (item.live_state === 'cancelled') return {};
  const opens = item.live_state === 'pending' && isAhead(item.opens_at, clock);
  const checks = item.checked_revision !== item.revision && item.check_at > clock.nowMs();
  return { ...(opens && { open: item.opens_at }), ...(checks && { check: item.check_at }) };
}

/** Whether rooms are not to be asked for yet. */
export function isAhead(atMs: number, clock: Ticking): boolean {
  return atMs > clock.nowMs() + AT_ONCE_MS;
}

/** Whether a schedule can't be relied on to come in time for a moment. */
export function isNear(atMs: number, clock: Ticking): boolean {
  return atMs <= clock.nowMs() + NEAR_MS;
}

/** The first moment ahead that is too near for a schedule. */
export function nearMomentMs(item: LiveEventItem, clock: Ticking): number | undefined {
  const near = Object.values(momentsAhead(item, clock)).filter((atMs) => isNear(atMs, clock));
  return near.length === 0 ? undefined : Math.min(...near);
}

/** The moments of an event, whether they lie ahead or not; of one that is called off there are none. */
export function momentsOf(item: LiveEventItem): LiveEventTimes | undefined {
  if (item.live_state === 'cancelled') return undefined;
  return { startsAtMs: item.starts_at, opensAtMs: item.opens_at, checkAtMs: item.check_at };
}

/** By when something must have been done for an event: the next of its moments; undefined once its rooms are wanted no more. */
export function nextMomentMs(moments: LiveEventTimes | undefined, clock: Ticking): number | undefined {
  if (moments === undefined) return undefined;
  const { opensAtMs, checkAtMs, startsAtMs } = moments;
  const ahead = [opensAtMs, checkAtMs, startsAtMs, startsAtMs + WANTED_AFTER_START_MS].filter(
    (ms) => ms > clock.nowMs(),
  );
  return ahead.length === 0 ? undefined : Math.min(...ahead);
}

/** Whether it is time to look whether all rooms stand, and nobody has looked yet. */
export function isCheckDue(item: LiveEventItem, clock: Ticking): boolean {
  if (item.live_state === 'cancelled' || item.checked_revision === item.revision) return false;
  return item.check_at <= clock.nowMs();
}

/** When to look for rooms that nobody could have asked for before this moment; undefined if they have had their time. */
export function justDueUntilMs(item: LiveEventItem, clock: Ticking): number | undefined {
  const nowMs = clock.nowMs();
  switch (item.live_state) {
    case 'cancelled':
      return undefined;
    case 'pending':
      // Nobody has looked at it since it is due: the other reminder is as late as this one.
      return (item.expected_at ?? item.opens_at) <= Math.max(item.opens_at, item.accepted_at)
        ? nowMs + JUST_DUE_MS
        : undefined;
    case 'opened':
      return item.opened_at > nowMs - JUST_DUE_MS ? item.opened_at + JUST_DUE_MS : undefined;
  }
}
