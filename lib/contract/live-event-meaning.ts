import { canonicalJson, payloadHash, sha256 } from './keys.ts';
import type { LiveEventPlan } from './live-event-message.ts';
import { withoutEmptyMembers } from './payload-notations.ts';
import type { Region } from './regions.ts';

/**
 * Identifies the content of a revision: hex SHA-256, equal for revisions that request the same rooms at the same times for the same
 * tenant. The notation of times and of empty members, the order of the rooms and the correlationId do not matter.
 * @param defaultRegion the region of rooms that name none
 */
export function liveEventMeaning(
  { event, startsAtMs, opensAtMs, checkAtMs }: LiveEventPlan,
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
