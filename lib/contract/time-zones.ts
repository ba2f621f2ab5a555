import { TIME_ZONE_NAMES } from './time-zone-names.ts';
import { suggestTimeZones } from './time-zone-suggestions.ts';

/** An ISO 8601 offset, such as `+02:00`. Clocks are at most 14 hours ahead of UTC, and at most 12 hours behind. */
const OFFSET = /^(?:\+(?:0\d|1[0-3]):[0-5]\d|\+14:00|-(?:0\d|1[01]):[0-5]\d|-12:00)$/;

/** Names such as `W. Europe Standard Time`. No name in the database has a space. */
const WINDOWS_NAME = /\S (?:Standard|Daylight) Time\b/i;

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

/**
 * Names in the database that are abbreviations, in lower case. The database gives each of them one meaning, but people also use it in other
 * places, or in summer, for a different offset. In the database, `EST` is -05:00 all year, and `CET` has summer time, whereas Algiers uses
 * CET without summer time.
 */
const ABBREVIATIONS = new Set(['cet', 'eet', 'est', 'hst', 'met', 'mst', 'wet']);

/**
 * The problem of a time zone, with suggestions. Undefined if it is an offset, or a name in the database that is not an abbreviation.
 */
export function timeZoneProblem(name: string): string | undefined {
  if (OFFSET.test(name)) return undefined;
  if (WINDOWS_NAME.test(name))
    return `is a name that only Windows uses: give the name in the time-zone database, such as Europe/Berlin (.NET: TimeZoneInfo.TryConvertWindowsIdToIanaId)`;
  const isAbbreviation = ABBREVIATIONS.has(name.toLowerCase());
  if (!isAbbreviation && isTimeZone(name)) return undefined;
  const meant = suggestTimeZones(name);
  const hint = meant.length > 0 ? `did you mean ${meant.join(' or ')}?` : 'names look like Europe/Berlin';
  return isAbbreviation
    ? `is an abbreviation, and not the name of a time zone; ${hint}`
    : `is not a known time zone: ${JSON.stringify(name)} is not in the time-zone database; ${hint}`;
}

function isKnownToIntl(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).format(0) !== '';
  } catch {
    return false;
  }
}
