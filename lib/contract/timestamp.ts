import * as z from 'zod/mini';
import { about } from './about.ts';
import { expected } from './text.ts';

/** A date of the Gregorian calendar. February has 29 days only in leap years. */
const DATE =
  '(?:(?:\\d\\d[2468][048]|\\d\\d[13579][26]|\\d\\d0[48]|[02468][048]00|[13579][26]00)-02-29' +
  '|\\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|02-(?:0[1-9]|1\\d|2[0-8])))';
const MINUTE = '(?:[01]\\d|2[0-3]):[0-5]\\d';
const OFFSET = '(?:[Zz]|[+-](?:[01]\\d|2[0-3]):?[0-5]\\d)';
const TIME = `${MINUTE}:(?:[0-5]\\d|60)(?:\\.\\d+)?${OFFSET}`;
const LOCAL_TIME = `${MINUTE}(?::[0-5]\\d(?:\\.\\d+)?)?`;

const TIMESTAMP = new RegExp(`^${DATE}[Tt]${TIME}$`);
const TIMESTAMP_OR_LOCAL = new RegExp(`^${DATE}[Tt](?:${TIME}|${LOCAL_TIME})$`);
const PARTS = /^(.{10})T(\d\d:\d\d):(\d\d)(\.\d+)?(Z|[+-]\d\d:?\d\d)$/i;

const NO_LEAP_SECOND =
  'has the second 60, which exists only as a leap second: at 23:59:60 UTC on the last day of a month';

/**
 * A point in time: RFC 3339 in full (https://www.rfc-editor.org/rfc/rfc3339#section-5.6), and also an offset without a colon (`+0000`),
 * which `strftime` writes.
 */
export const timestampSchema = timestampOf(
  TIMESTAMP,
  'an ISO 8601 date and time with an offset, such as 2026-12-18T14:00:00Z',
);

/** A point in time, or a local time without an offset. */
export const timestampOrLocalSchema = timestampOf(
  TIMESTAMP_OR_LOCAL,
  'an ISO 8601 date and time, such as 2026-12-18T20:00:00+01:00; the offset may be left out if timezone is given',
);

function timestampOf(pattern: RegExp, what: string) {
  const error = expected(what);
  return about(
    z.string({ error }).check(
      z.regex(pattern, { error: `must be ${what}` }),
      z.refine((text) => !isFalseLeapSecond(text), NO_LEAP_SECOND),
    ),
    { format: 'date-time' },
  );
}

/**
 * A timestamp in epoch milliseconds. Digits after the milliseconds are cut off. A leap second counts as the first second
 * of the next minute, as in POSIX time, which has no leap seconds.
 * @returns undefined if the text is not a timestamp with an offset
 */
export function timestampMs(text: string): number | undefined {
  if (!TIMESTAMP.test(text) || isFalseLeapSecond(text)) return undefined;
  return partsOf(text)?.ms;
}

/** How far local time is ahead of UTC, in milliseconds. @param offset such as `+01:00`, `+0100` or `Z` */
export function offsetMs(offset: string): number {
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)$/.exec(offset) ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60_000;
}

/**
 * "to date: June (XXXX-06-30T23:59:60Z) or December": https://www.rfc-editor.org/rfc/rfc3339#section-5.7. Future leap seconds may occur at
 * the end of any month.
 */
function isFalseLeapSecond(text: string): boolean {
  const parts = partsOf(text);
  if (parts?.second !== '60') return false;
  const next = new Date(parts.ms);
  return next.getUTCDate() !== 1 || next.getUTCHours() !== 0 || next.getUTCMinutes() !== 0;
}

function partsOf(text: string): { second: string; ms: number } | undefined {
  const [, date, minute, second, fraction = '', offset] = PARTS.exec(text) ?? [];
  if (second === undefined || offset === undefined) return undefined;
  const shown = Date.parse(`${date}T${minute}:${second === '60' ? '59' : second}${fraction.slice(0, 4)}Z`);
  return { second, ms: shown - offsetMs(offset) + (second === '60' ? 1_000 : 0) };
}
