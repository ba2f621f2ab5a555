import { durationMs, durationSchema, isoDuration } from './duration.ts';
import { keyTextProblems } from './key-edges.ts';
import { MAX_LIVE_EVENT_ROOMS, scheduledLiveEventSchema } from './live-event.ts';
import { offsetMsAt, resolveLocalTime } from './local-time.ts';
import { otherRegionProblems } from './other-regions.ts';
import type { Problem } from './problems.ts';
import { isRecord } from './record.ts';
import type { Region } from './regions.ts';
import { timeZoneProblem } from './time-zones.ts';
import { offsetMs, timestampMs } from './timestamp.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
// A request's `neededBy` may be at most seven days ahead (read-message.ts), and an event's rooms are needed until an hour after its start.
// A lead time of six days is the longest in whole days that fits.
const MAX_LEAD_MS = 6 * DAY_MS;
/**
 * The check is at least this long before the start, so that people have time to act, and at least this long after the opening, so that
 * there is time to create the rooms. If the lead time is too short for both, the check is halfway between the opening and the start.
 */
const CHECK_MARGIN_MS = 2 * MINUTE_MS;
// A DynamoDB item may have at most 400 KB, and the item of an event contains more than its rooms.
const MAX_ROOMS_BYTES = 350_000;

export interface LiveEventDefaults {
  leadMs: number;
  atRiskMs: number;
  /** The region of rooms that name none. */
  region: Region;
}

/** The times of a live event, in epoch milliseconds. */
export interface LiveEventTimes {
  startsAtMs: number;
  /** When its rooms are requested. */
  opensAtMs: number;
  /** When the event is announced as at risk, if rooms are missing. */
  checkAtMs: number;
}

/** @returns `times`, unless a field that they depend on is invalid */
export function planLiveEvent(
  fields: Record<string, unknown>,
  defaults: LiveEventDefaults,
): { times?: LiveEventTimes; problems: Problem[] } {
  const start = startOf(fields);
  const durations = durationsOf(fields, defaults);
  const problems = [...start.problems, ...durations.problems, ...roomsProblems(fields.rooms, defaults.region)];
  if (start.ms === undefined || durations.problems.length > 0) return { problems };
  const { ms: startsAtMs } = start;
  const times = { startsAtMs, opensAtMs: startsAtMs - durations.leadMs, checkAtMs: startsAtMs - durations.atRiskMs };
  return { times, problems };
}

/** Rejects a local time that clocks skip. If a local time occurs twice, the first one counts, so that the rooms exist in either case. */
function startOf({ startsAt, timezone }: Record<string, unknown>): { ms?: number; problems: Problem[] } {
  const { shape } = scheduledLiveEventSchema;
  const time = shape.startsAt.safeParse(startsAt).data;
  const zoneName = shape.timezone.safeParse(timezone).data;
  const offset = time === undefined ? undefined : /(?:Z|[+-]\d{2}:?\d{2})$/i.exec(time)?.[0];
  const zoneProblem = zoneName === undefined ? undefined : timeZoneProblem(zoneName);
  if (zoneProblem !== undefined) return refused('timezone', zoneProblem);
  if (time === undefined) return { problems: [] };
  if (offset !== undefined) return startWithOffset(time, offset, zoneName);
  if (zoneName === undefined)
    return timezone === undefined
      ? refused('timezone', 'is required, because startsAt has no offset')
      : { problems: [] };
  const resolved = resolveLocalTime(time.toUpperCase(), zoneName);
  if (resolved.kind === 'skipped')
    return refused('startsAt', `does not exist in ${zoneName}: the clocks skip it when they go forward`);
  return { ms: resolved.kind === 'twice' ? resolved.earlierMs : resolved.ms, problems: [] };
}

/**
 * "Z" is accepted with every time zone, and so is "-00:00": "If the time in UTC is known, but the offset to local time is unknown, this can
 * be represented with an offset of "-00:00"." (https://www.rfc-editor.org/rfc/rfc3339#section-4.3). Any other offset must be the one that
 * the time zone has at that time.
 */
function startWithOffset(time: string, offset: string, zoneName: string | undefined) {
  const ms = timestampMs(time);
  if (ms === undefined) return { problems: [] };
  if (zoneName === undefined || /^(?:z|-00:?00)$/i.test(offset)) return { ms, problems: [] };
  if (offsetMs(offset) === offsetMsAt(ms, zoneName)) return { ms, problems: [] };
  return refused(
    'startsAt',
    `has the offset ${offset}, which ${zoneName} does not have at that time: leave out the offset or the timezone`,
  );
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
      message: `have ${sizeBytes} bytes as JSON, but at most ${MAX_ROOMS_BYTES} are allowed: split the event`,
    });
  return problems;
}

function refused(path: string, message: string): { problems: Problem[] } {
  return { problems: [{ path, message }] };
}
