import { TIME_ZONE_NAMES } from './time-zone-names.ts';

/** Abbreviations, with the places that use them. */
const PLACES_BY_ABBREVIATION = new Map<string, string[]>([
  ['BST', ['Europe/London (+01:00 in summer)']],
  ['IST', ['Asia/Kolkata (+05:30)', 'Asia/Jerusalem (+02:00)', 'Europe/Dublin (+01:00 in summer)']],
  ['WET', ['Europe/Lisbon (+00:00 in winter)']],
  ['WEST', ['Europe/Lisbon (+01:00 in summer)']],
  ['CET', ['Europe/Berlin (+01:00 in winter)', 'Africa/Algiers (+01:00)']],
  ['CEST', ['Europe/Berlin (+02:00 in summer)']],
  ['MET', ['Europe/Berlin (+01:00 in winter)']],
  ['MEZ', ['Europe/Berlin']],
  ['MESZ', ['Europe/Berlin (+02:00 in summer)']],
  ['EET', ['Europe/Athens (+02:00 in winter)', 'Africa/Tripoli (+02:00)']],
  ['EEST', ['Europe/Athens (+03:00 in summer)']],
  ['MSK', ['Europe/Moscow (+03:00)']],
  ['TRT', ['Europe/Istanbul (+03:00)']],
  ['EST', ['America/New_York (-05:00 in winter)', 'America/Panama (-05:00)']],
  ['EDT', ['America/New_York (-04:00 in summer)']],
  ['ET', ['America/New_York']],
  ['CST', ['America/Chicago (-06:00 in winter)', 'Asia/Shanghai (+08:00)']],
  ['CDT', ['America/Chicago (-05:00 in summer)']],
  ['CT', ['America/Chicago']],
  ['MST', ['America/Denver (-07:00 in winter)', 'America/Phoenix (-07:00)']],
  ['MDT', ['America/Denver (-06:00 in summer)']],
  ['MT', ['America/Denver']],
  ['PST', ['America/Los_Angeles (-08:00 in winter)', 'Asia/Manila (+08:00)']],
  ['PDT', ['America/Los_Angeles (-07:00 in summer)']],
  ['PT', ['America/Los_Angeles']],
  ['HST', ['Pacific/Honolulu (-10:00)']],
  ['AKST', ['America/Anchorage (-09:00 in winter)']],
  ['AKDT', ['America/Anchorage (-08:00 in summer)']],
  ['AST', ['America/Halifax (-04:00 in winter)', 'Asia/Riyadh (+03:00)']],
  ['ADT', ['America/Halifax (-03:00 in summer)']],
  ['NST', ['America/St_Johns (-03:30 in winter)']],
  ['NDT', ['America/St_Johns (-02:30 in summer)']],
  ['BRT', ['America/Sao_Paulo (-03:00)']],
  ['ART', ['America/Argentina/Buenos_Aires (-03:00)']],
  ['CLT', ['America/Santiago (-04:00 in winter)']],
  ['COT', ['America/Bogota (-05:00)']],
  ['SAST', ['Africa/Johannesburg (+02:00)']],
  ['CAT', ['Africa/Maputo (+02:00)']],
  ['EAT', ['Africa/Nairobi (+03:00)']],
  ['WAT', ['Africa/Lagos (+01:00)']],
  ['GST', ['Asia/Dubai (+04:00)']],
  ['PKT', ['Asia/Karachi (+05:00)']],
  ['WIB', ['Asia/Jakarta (+07:00)']],
  ['ICT', ['Asia/Bangkok (+07:00)']],
  ['SGT', ['Asia/Singapore (+08:00)']],
  ['HKT', ['Asia/Hong_Kong (+08:00)']],
  ['JST', ['Asia/Tokyo (+09:00)']],
  ['KST', ['Asia/Seoul (+09:00)']],
  ['AWST', ['Australia/Perth (+08:00)']],
  ['ACST', ['Australia/Adelaide (+09:30 in winter)', 'Australia/Darwin (+09:30)']],
  ['AEST', ['Australia/Sydney (+10:00 in winter)', 'Australia/Brisbane (+10:00)']],
  ['AEDT', ['Australia/Sydney (+11:00 in summer)']],
  ['NZST', ['Pacific/Auckland (+12:00 in winter)']],
  ['NZDT', ['Pacific/Auckland (+13:00 in summer)']],
  ['Z', ['UTC']],
]);

const MAX_DISTANCE = 2;
const MAX_SUGGESTED = 3;

/** Suggests time zones for a string that is not a name in the database, such as an abbreviation, an offset, a city or a misspelt name. */
export function suggestTimeZones(name: string): string[] {
  const places = PLACES_BY_ABBREVIATION.get(name.trim().toUpperCase());
  if (places) return places;
  const offset = /^(?:UTC|GMT)?\s?([+-])(\d{1,2})(?::?([0-5]\d))?$/i.exec(name.trim());
  if (offset) return [`${offset[1]}${offset[2]?.padStart(2, '0')}:${offset[3] ?? '00'}`];
  const wanted = simplified(name);
  const cities = TIME_ZONE_NAMES.filter((each) => simplified(each.slice(each.lastIndexOf('/') + 1)) === wanted);
  if (cities.length > 0) return cities.slice(0, MAX_SUGGESTED);
  // Too many names differ from a short string in only a few letters.
  if (wanted.length < 6) return [];
  return TIME_ZONE_NAMES.map((each) => ({ each, distance: distanceUpTo(simplified(each), wanted) }))
    .filter(({ distance }) => distance <= MAX_DISTANCE)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 1)
    .map(({ each }) => each);
}

const simplified = (text: string) => text.toLowerCase().replace(/[\s-]+/g, '_');

/**
 * How many letters must be inserted, removed or replaced to turn `a` into `b`. Above `MAX_DISTANCE`, the result may be too low, but it is
 * still above `MAX_DISTANCE`.
 */
function distanceUpTo(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > MAX_DISTANCE) return MAX_DISTANCE + 1;
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [row, letter] of [...a].entries()) {
    const current = [row + 1];
    for (const [column, other] of [...b].entries()) {
      const replaced = (previous[column] ?? 0) + (letter === other ? 0 : 1);
      current.push(Math.min(replaced, (previous[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
