import { liveEventMeaning } from '../contract/live-event-meaning.ts';
import type { LiveEventPlan } from '../contract/live-event-message.ts';
import type { Region } from '../contract/regions.ts';
import type { OpenedEvent, PendingEvent } from './live-event-item.ts';

/**
 * Whether a message and the stored revision have the same content. The hash and the meaning include the revision. Data for tracing, such as
 * the correlationId, is part of the hash but not of the meaning.
 */
export function isSameRevision(plan: LiveEventPlan, item: PendingEvent | OpenedEvent, defaultRegion: Region): boolean {
  if (item.hash === plan.hash) return true;
  const meaning = liveEventMeaning(plan, defaultRegion);
  return item.meaning === undefined ? storedMeaning(plan, item, defaultRegion) === meaning : item.meaning === meaning;
}

/**
 * The meaning of an item that version 0.1.0 wrote, which stores only the hash. The item's rooms and times show its content. Version 0.1.0 may
 * have moved the check when it accepted the revision, so the item is compared with the check that the message would have had then.
 */
function storedMeaning(
  plan: LiveEventPlan,
  item: PendingEvent | OpenedEvent,
  defaultRegion: Region,
): string | undefined {
  if (item.check_at !== checkAtMs(plan, item.accepted_at)) return undefined;
  const { live_event_id: liveEventId, revision, tenant, rooms, starts_at: startsAtMs, opens_at: opensAtMs } = item;
  const stored = { event: { liveEventId, revision, tenant, rooms }, startsAtMs, opensAtMs, checkAtMs: plan.checkAtMs };
  return liveEventMeaning(stored, defaultRegion);
}

/** If the lead time has already begun, the check is at least halfway to the start, so that there is time to create rooms before it. */
export function checkAtMs({ startsAtMs, opensAtMs, checkAtMs }: LiveEventPlan, nowMs: number): number {
  if (opensAtMs > nowMs) return checkAtMs;
  return Math.max(checkAtMs, Math.floor(nowMs + (startsAtMs - nowMs) / 2));
}
