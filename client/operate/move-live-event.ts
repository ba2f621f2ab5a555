import { isoDuration } from '../../lib/contract/duration.ts';
import { liveEventMeaning } from '../../lib/contract/live-event-meaning.ts';
import type { Region } from '../../lib/contract/regions.ts';
import type { OpenedEvent, PendingEvent } from '../../lib/live-events/live-event-item.ts';
import type { LiveEventInput } from '../api/live-event-result.ts';

/** The default of the parameter `liveEventAtRiskMinutes`. A stage may have another. */
const DEFAULT_AT_RISK_MS = 10 * 60_000;

/** The new times of an event. `endsAtMs` is only for an event that has an end. */
export interface NewTimes {
  startsAtMs: number;
  endsAtMs?: number | undefined;
}

/** The next revision of an event, with another start. */
export interface MovedEvent {
  event: LiveEventInput;
  /**
   * Whether the check keeps its distance from the start. The item does not contain this distance if the event was accepted after its
   * opening. The message then omits the distance, so that the default of the stage applies.
   */
  keepsCheck: boolean;
}

/**
 * Builds the next revision of an event from its stored item: with the same rooms, lead time and distance between the end and the release,
 * and the same metadata and correlation id. The item stores no time zone, so the times of the new revision are in UTC. They are the same
 * points in time.
 */
export function moveLiveEvent(
  item: PendingEvent | OpenedEvent,
  { startsAtMs, endsAtMs }: NewTimes,
  defaultRegion: Region,
): MovedEvent {
  const { live_event_id: liveEventId, revision, tenant, rooms, metadata, correlation_id: correlationId } = item;
  const atRiskMs = atRiskMsOf(item, defaultRegion);
  const releaseAfter = releaseAfterOf(item);
  const event: LiveEventInput = {
    ...{ liveEventId, revision: revision + 1, tenant },
    startsAt: isoTime(startsAtMs),
    ...(endsAtMs !== undefined && { endsAt: isoTime(endsAtMs) }),
    ...(releaseAfter !== undefined && { releaseAfter }),
    leadTime: isoDuration(item.starts_at - item.opens_at),
    // A duration with half a second cannot be written. It occurs only if the check is halfway between the opening and the start. In that
    // case, this is also the default.
    ...(atRiskMs !== undefined && isWhole(atRiskMs) && { atRiskTime: isoDuration(atRiskMs) }),
    rooms: [...rooms],
    ...(correlationId !== undefined && { correlationId }),
    ...(metadata !== undefined && { metadata }),
  };
  return { event, keepsCheck: atRiskMs !== undefined };
}

/**
 * How long before the start the check of an event takes place. greenroom moves the check of an event that it accepts after the opening, and
 * stores only its time. The hash of the content shows whether a distance is that of the original message.
 */
function atRiskMsOf(item: PendingEvent | OpenedEvent, defaultRegion: Region): number | undefined {
  const { live_event_id: liveEventId, revision, tenant, rooms, starts_at: startsAtMs, opens_at: opensAtMs } = item;
  const stored = startsAtMs - item.check_at;
  if (opensAtMs > item.accepted_at) return stored;
  const content = {
    ...{ event: { liveEventId, revision, tenant, rooms }, startsAtMs, opensAtMs },
    ...(item.ends_at !== undefined && { endsAtMs: item.ends_at }),
    ...(item.release_at !== undefined && { releaseAtMs: item.release_at }),
  };
  const byDefault = Math.min(DEFAULT_AT_RISK_MS, (startsAtMs - opensAtMs) / 2);
  return [stored, byDefault].find(
    (ms) => liveEventMeaning({ ...content, checkAtMs: startsAtMs - ms }, defaultRegion) === item.meaning,
  );
}

/** The time from the end, or from the start of an event without an end, to the release. Undefined if the event has no release time. */
function releaseAfterOf({ starts_at, ends_at, release_at }: PendingEvent | OpenedEvent): string | undefined {
  if (release_at === undefined) return undefined;
  const afterMs = release_at - (ends_at ?? starts_at);
  // A fraction of a second shows that greenroom moved the release to a minute after the start. It will do so again.
  return isWhole(afterMs) ? isoDuration(afterMs) : undefined;
}

function isWhole(ms: number): boolean {
  return ms % 1000 === 0;
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
