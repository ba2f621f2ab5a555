import { scheduledLiveEventSchema } from './live-event.ts';
import { offsetMsAt, resolveLocalTime } from './local-time.ts';
import type { Problem } from './problems.ts';
import { timeZoneProblem } from './time-zones.ts';
import { offsetMs, timestampMs } from './timestamp.ts';

/** A time that a live event states, in epoch milliseconds; absent if it is missing or invalid. */
export interface Moment {
  ms?: number;
  /** The problems that the schema does not find. */
  problems: Problem[];
}

/** When an event starts. If a local time occurs twice, the first one counts, so that the rooms exist in either case. */
export function startOf({ startsAt, timezone }: Record<string, unknown>): Moment {
  return momentOf('startsAt', startsAt, timezone, 'first');
}

/** When an event ends. If a local time occurs twice, the second one counts, so that no room is released too early. */
export function endOf({ endsAt, timezone }: Record<string, unknown>): Moment {
  return momentOf('endsAt', endsAt, timezone, 'second');
}

/** Rejects a local time that clocks skip. */
function momentOf(field: string, value: unknown, timezone: unknown, ofTwo: 'first' | 'second'): Moment {
  const { shape } = scheduledLiveEventSchema;
  const time = shape.startsAt.safeParse(value).data;
  const zoneName = shape.timezone.safeParse(timezone).data;
  const offset = time === undefined ? undefined : /(?:Z|[+-]\d{2}:?\d{2})$/i.exec(time)?.[0];
  const zoneProblem = zoneName === undefined ? undefined : timeZoneProblem(zoneName);
  if (zoneProblem !== undefined) return refused('timezone', zoneProblem);
  if (time === undefined) return { problems: [] };
  if (offset !== undefined) return momentWithOffset(field, time, offset, zoneName);
  if (zoneName === undefined)
    return timezone === undefined
      ? refused('timezone', `is required, because ${field} has no offset`)
      : { problems: [] };
  const resolved = resolveLocalTime(time.toUpperCase(), zoneName);
  if (resolved.kind === 'skipped')
    return refused(field, `does not exist in ${zoneName}: the clocks skip it when they go forward`);
  if (resolved.kind === 'unique') return { ms: resolved.ms, problems: [] };
  return { ms: ofTwo === 'first' ? resolved.earlierMs : resolved.laterMs, problems: [] };
}

/**
 * "Z" is accepted with every time zone, and so is "-00:00": "If the time in UTC is known, but the offset to local time is unknown, this can
 * be represented with an offset of "-00:00"." (https://www.rfc-editor.org/rfc/rfc3339#section-4.3). Any other offset must be the one that
 * the time zone has at that time.
 */
function momentWithOffset(field: string, time: string, offset: string, zoneName: string | undefined): Moment {
  const ms = timestampMs(time);
  if (ms === undefined) return { problems: [] };
  if (zoneName === undefined || /^(?:z|-00:?00)$/i.test(offset)) return { ms, problems: [] };
  if (offsetMs(offset) === offsetMsAt(ms, zoneName)) return { ms, problems: [] };
  return refused(
    field,
    `has the offset ${offset}, which ${zoneName} does not have at that time: leave out the offset or the timezone`,
  );
}

function refused(path: string, message: string): Moment {
  return { problems: [{ path, message }] };
}
