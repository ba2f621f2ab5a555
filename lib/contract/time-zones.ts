import { offsetMsAt } from './local-time.ts';
import { TIME_ZONE_NAMES } from './time-zone-names.ts';
import { suggestTimeZones } from './time-zone-suggestions.ts';

/** An ISO 8601 offset, such as `+02:00`. Clocks are at most 14 hours ahead of UTC, and at most 12 hours behind. */
const OFFSET = /^(?:\+(?:0\d|1[0-3]):[0-5]\d|\+14:00|-(?:0\d|1[01]):[0-5]\d|-12:00)$/;

/** In lower case, because no two names differ only in case, and Intl accepts any case. */
const NAMES = new Set(TIME_ZONE_NAMES.map((name) => name.toLowerCase()));

/**
 * Whether a string is a name or link in the IANA time-zone database that this runtime knows too. Intl also accepts other names, with
 * outdated meanings.
 */
export function isTimeZone(name: string): boolean {
  const isListed = NAMES.has(name.toLowerCase()) || Intl.supportedValuesOf('timeZone').includes(name);
  return isListed && isKnownToIntl(name);
}

/** Whether a string is an offset, or a name in the database. */
export function isTimeZoneOrOffset(name: string): boolean {
  return OFFSET.test(name) || isTimeZone(name);
}

/** The error for a string that is neither an offset nor a name in the database, with suggestions. */
export function unknownTimeZone(name: string): string {
  const meant = suggestTimeZones(name);
  const hint = meant.length > 0 ? `did you mean ${meant.join(' or ')}?` : 'names look like Europe/Berlin';
  return `is not a known time zone: ${JSON.stringify(name)} is not in the time-zone database; ${hint}`;
}

/** Names in the database that mean standard time all year, and the place whose time people usually mean. */
const USUALLY_MEANT = new Map([
  ['est', 'America/New_York'],
  ['mst', 'America/Denver'],
]);

/**
 * The error for a name that is misleading at a certain time. In the database, EST and MST mean standard time all year, but a person who
 * writes EST in summer usually means the time in New York, which is summer time. Undefined if both have the same offset at that time.
 */
export function misleadingTimeZone(name: string, ms: number): string | undefined {
  const place = USUALLY_MEANT.get(name.toLowerCase());
  if (place === undefined) return undefined;
  const [fixed, shown] = [offsetMsAt(ms, name), offsetMsAt(ms, place)];
  if (fixed === shown) return undefined;
  return `is misleading: ${name} is ${offsetText(fixed)} all year, and ${place} has ${offsetText(shown)} at that time; write ${place} or ${offsetText(fixed)}`;
}

function isKnownToIntl(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).format(0) !== '';
  } catch {
    return false;
  }
}

function offsetText(ms: number): string {
  const minutes = Math.abs(ms) / 60_000;
  const two = (value: number) => String(value).padStart(2, '0');
  return `${ms < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
