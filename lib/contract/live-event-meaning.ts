import { canonicalJson, payloadHash, sha256 } from './keys.ts';
import type { LiveEventPlan } from './live-event-message.ts';
import type { Region } from './regions.ts';

/**
 * What a revision asks for: hex SHA-256, equal for revisions that want the same rooms at the same moments on the same tenant's behalf.
 * How the start, the lead time and the check are written does not matter, nor in which order the rooms are listed; and tracing
 * data asks for nothing.
 * @param defaultRegion where rooms are made that name no region
 */
export function liveEventMeaning(
  { event, startsAtMs, opensAtMs, checkAtMs }: LiveEventPlan,
  defaultRegion: Region,
): string {
  const { liveEventId, revision, tenant } = event;
  const rooms = event.rooms
    .map(({ key, room, region = defaultRegion }) => [key, payloadHash({ room, region })])
    .sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  const leadMs = startsAtMs - opensAtMs;
  const atRiskMs = startsAtMs - checkAtMs;
  return sha256(canonicalJson({ liveEventId, revision, tenant, startsAtMs, leadMs, atRiskMs, rooms }));
}
