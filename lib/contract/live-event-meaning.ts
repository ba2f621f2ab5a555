import { canonicalJson, payloadHash, sha256 } from './keys.ts';
import type { ScheduledLiveEvent } from './live-event.ts';
import type { LiveEventTimes } from './live-event-plan.ts';
import type { LiveEventRelease } from './live-event-release.ts';
import { withoutEmptyMembers } from './payload-notations.ts';
import type { Region } from './regions.ts';

/** The parts of a revision that are its content. Data for tracing (the correlationId and the metadata) is not among them. */
export interface LiveEventContent extends LiveEventTimes, LiveEventRelease {
  event: Pick<ScheduledLiveEvent, 'liveEventId' | 'revision' | 'tenant' | 'rooms'>;
}

/**
 * Identifies the content of a revision. Two revisions have the same hex SHA-256 if they request the same rooms at the same times for the
 * same tenant, and release them at the same time. The notation of times and of empty members, the order of the rooms, the correlationId and
 * the metadata do not matter.
 * @param defaultRegion the region of rooms that name none
 */
export function liveEventMeaning(
  { event, startsAtMs, opensAtMs, checkAtMs, endsAtMs, releaseAtMs }: LiveEventContent,
  defaultRegion: Region,
): string {
  const { liveEventId, revision, tenant } = event;
  const rooms = event.rooms
    .map(({ key, room, region = defaultRegion }) => [key, payloadHash({ room: withoutEmptyMembers(room), region })])
    .sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  const leadMs = startsAtMs - opensAtMs;
  const atRiskMs = startsAtMs - checkAtMs;
  // Without an end and a release, the hash is the one that earlier versions have stored: canonical JSON leaves out undefined members.
  const times = { startsAtMs, leadMs, atRiskMs, endsAtMs, releaseAtMs };
  return sha256(canonicalJson({ liveEventId, revision, tenant, ...times, rooms }));
}
