import { durationMs, durationSchema, isoDuration } from './duration.ts';
import { keyTextProblems } from './key-edges.ts';
import { MAX_LIVE_EVENT_ROOMS } from './live-event.ts';
import { startOf } from './live-event-moments.ts';
import { type LiveEventRelease, liveEventRelease } from './live-event-release.ts';
import { otherRegionProblems } from './other-regions.ts';
import type { Problem } from './problems.ts';
import { isRecord } from './record.ts';
import type { Region } from './regions.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
// A request's `neededBy` may be at most seven days ahead (read-message.ts), and an event's rooms are needed until an hour after its start.
// Six days is therefore the longest possible lead time in whole days.
const MAX_LEAD_MS = 6 * DAY_MS;
/**
 * The check is at least this long before the start, so that people have time to act. It is also at least this long after the opening, so
 * that there is time to create the rooms. If the lead time is too short for both, the check is halfway between the opening and the start.
 */
const CHECK_MARGIN_MS = 2 * MINUTE_MS;
// A DynamoDB item may be at most 400 KB, and the item of an event contains more than its rooms.
const MAX_ROOMS_BYTES = 350_000;

export interface LiveEventDefaults {
  leadMs: number;
  atRiskMs: number;
  /** The region of rooms that name none. */
  region: Region;
  /** Whether the deployment releases rooms. If not, an event that states a release is invalid. */
  releases: boolean;
}

/** The times of a live event, in epoch milliseconds. */
export interface LiveEventTimes {
  startsAtMs: number;
  /** When its rooms are requested. */
  opensAtMs: number;
  /** When the event is announced as at risk, if rooms are missing. */
  checkAtMs: number;
}

/** @returns `times`, unless a field that they depend on is invalid; `release`, which is complete only if there are no problems */
export function planLiveEvent(
  fields: Record<string, unknown>,
  defaults: LiveEventDefaults,
): { times?: LiveEventTimes; release: LiveEventRelease; problems: Problem[] } {
  const start = startOf(fields);
  const durations = durationsOf(fields, defaults);
  const { release, problems: releaseProblems } = liveEventRelease(fields, start, defaults.releases);
  const problems = [
    ...start.problems,
    ...releaseProblems,
    ...durations.problems,
    ...roomsProblems(fields.rooms, defaults.region),
  ];
  if (start.ms === undefined || durations.problems.length > 0) return { release, problems };
  const { ms: startsAtMs } = start;
  const times = { startsAtMs, opensAtMs: startsAtMs - durations.leadMs, checkAtMs: startsAtMs - durations.atRiskMs };
  return { times, release, problems };
}

function durationsOf({ leadTime, atRiskTime }: Record<string, unknown>, defaults: LiveEventDefaults) {
  const read = (value: unknown) => {
    const { data } = durationSchema.safeParse(value);
    return data === undefined ? undefined : durationMs(data);
  };
  const leadMs = read(leadTime) ?? defaults.leadMs;
  const atRiskMs = read(atRiskTime) ?? Math.min(defaults.atRiskMs, leadMs / 2);
  if (leadMs < MINUTE_MS || leadMs > MAX_LEAD_MS)
    return { leadMs, atRiskMs, problems: [{ path: 'leadTime', message: 'must be PT1M to P6D' }] };
  const marginMs = Math.min(CHECK_MARGIN_MS, leadMs / 2);
  if (atRiskMs >= marginMs && atRiskMs <= leadMs - marginMs) return { leadMs, atRiskMs, problems: [] };
  const [least, most] = [isoDuration(marginMs), isoDuration(leadMs - marginMs)];
  const range = least === most ? least : `${least} to ${most}`;
  const message = `must be ${range} with a lead time of ${isoDuration(leadMs)}: rooms need time before the check, and people need time after it`;
  return { leadMs, atRiskMs, problems: [{ path: 'atRiskTime', message }] };
}

function roomsProblems(rooms: unknown, defaultRegion: Region): Problem[] {
  if (!Array.isArray(rooms)) return [];
  if (rooms.length > MAX_LIVE_EVENT_ROOMS) return [];
  const firstIndexes = new Map<unknown, number>();
  const problems: Problem[] = [];
  for (const [index, room] of rooms.entries()) {
    if (!isRecord(room)) continue;
    for (const { path, message } of otherRegionProblems(room, defaultRegion))
      problems.push({ path: `rooms[${index}].${path}`, message });
    const { key } = room;
    problems.push(...keyTextProblems(`rooms[${index}].key`, key));
    if (typeof key !== 'string') continue;
    const first = firstIndexes.get(key);
    if (first === undefined) firstIndexes.set(key, index);
    else problems.push({ path: `rooms[${index}].key`, message: `is already the key of rooms[${first}]` });
  }
  const sizeBytes = Buffer.byteLength(JSON.stringify(rooms));
  if (sizeBytes > MAX_ROOMS_BYTES)
    problems.push({
      path: 'rooms',
      message: `are ${sizeBytes} bytes long as JSON, but at most ${MAX_ROOMS_BYTES} are allowed: split the event`,
    });
  return problems;
}
