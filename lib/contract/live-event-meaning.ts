import { canonicalJson, payloadHash, sha256 } from './keys.ts';
import type { ScheduledLiveEvent } from './live-event.ts';
import type { LiveEventTimes } from './live-event-plan.ts';
import { withoutEmptyMembers } from './payload-notations.ts';
import type { Region } from './regions.ts';

/** The parts of a revision that are its content. Data for tracing (the correlationId and the metadata) is not among them. */
export interface LiveEventContent extends LiveEventTimes {
  event: Pick<ScheduledLiveEvent, 'liveEventId' | 'revision' | 'tenant' | 'rooms'>;
}

/**
 * Identifies the content of a revision: hex SHA-256, equal for revisions that request the same rooms at the same times for the same
 * tenant. The notation of times and of empty members, the order of the rooms, the correlationId and the metadata do not matter.
 * @param defaultRegion the region of rooms that name none
 */
export function liveEventMeaning(
  { event, startsAtMs, opensAtMs, checkAtMs }: LiveEventContent,
  defaultRegion: Region,
): string {
  const { liveEventId, revision, tenant } = event;
  const rooms = event.rooms
    .map(({ key, room, region = defaultRegion }) => [key, payloadHash({ room: withoutEmptyMembers(room), region })])
    .sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  const leadMs = startsAtMs - opensAtMs;
  const atRiskMs = startsAtMs - checkAtMs;
  return sha256(canonicalJson({ liveEventId, revision, tenant, startsAtMs, leadMs, atRiskMs, rooms }));
}
