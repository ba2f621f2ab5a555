import { describe, expect, test } from '@jest/globals';
import { checkLiveEventLine } from '../../client/live-event-lines.ts';
import { parseLiveEventMessage } from '../../lib/contract/live-event-message.ts';
import { TIME_ZONE_NAMES } from '../../lib/contract/time-zone-names.ts';
import { suggestTimeZones } from '../../lib/contract/time-zone-suggestions.ts';
import { isTimeZone, timeZoneProblem } from '../../lib/contract/time-zones.ts';

const NOW_MS = Date.parse('2026-11-02T09:00:00Z');
const DEFAULTS = {
  nowMs: NOW_MS,
  leadMs: 30 * 60_000,
  atRiskMs: 10 * 60_000,
  region: 'eu-west-1',
  releases: true,
} as const;

function startOf(startsAt: string, timezone: string): string {
  const event = { liveEventId: 'derby', revision: 1, startsAt, timezone, rooms: [{ key: 'main', room: {} }] };
  const read = parseLiveEventMessage(JSON.stringify(event), DEFAULTS);
  if (read.kind === 'scheduled') return new Date(read.plan.startsAtMs).toISOString();
  return read.kind === 'invalid'
    ? read.problems.map(({ path, message }) => `${path}: ${message}`).join('\n')
    : read.kind;
}

describe('a time zone is a name or link of the database, or an offset', () => {
  test.each([
    ['UTC', '18:00'],
    ['Asia/Kolkata', '12:30'],
    ['Asia/Calcutta', '12:30'],
    ['Europe/Kyiv', '15:00'],
    ['US/Eastern', '22:00'],
    ['GB', '17:00'],
    ['EST5EDT', '22:00'],
    ['Etc/GMT+5', '23:00'],
    ['europe/paris', '16:00'],
    ['+02:00', '16:00'],
    ['-04:30', '22:30'],
  ])('%s', (timezone, time) => {
    expect(startOf('2027-07-03T18:00:00', timezone)).toBe(`2027-07-03T${time}:00.000Z`);
  });

  test('this runtime knows all names of the list, and all names that the runtime lists are accepted', () => {
    expect(TIME_ZONE_NAMES.length).toBeGreaterThan(590);
    expect(TIME_ZONE_NAMES.filter((name) => !isTimeZone(name))).toEqual([]);
    expect(Intl.supportedValuesOf('timeZone').filter((name) => !isTimeZone(name))).toEqual([]);
  });

  test('an offset has hours and minutes, and is from -12:00 to +14:00', () => {
    const isAccepted = (name: string) => timeZoneProblem(name) === undefined;
    expect(['+00:00', '-12:00', '+14:00', '+05:45'].filter(isAccepted)).toHaveLength(4);
    expect(['+2', '+0200', '+14:30', '-12:30', '+24:00', '+02:60', '02:00'].filter(isAccepted)).toEqual([]);
  });
});

describe('an unknown time zone is refused with a hint', () => {
  test.each([
    ['BST', 'did you mean Europe/London (+01:00 in summer)?'],
    ['IST', 'did you mean Asia/Kolkata (+05:30) or Asia/Jerusalem (+02:00) or Europe/Dublin'],
    ['PST', 'did you mean America/Los_Angeles'],
    ['cest', 'did you mean Europe/Berlin'],
    ['AET', 'names look like Europe/Berlin'],
    ['GMT+5', 'did you mean +05:00?'],
    ['UTC-3', 'did you mean -03:00?'],
    ['+0200', 'did you mean +02:00?'],
    ['Z', 'did you mean UTC?'],
    ['Berlin', 'did you mean Europe/Berlin?'],
    ['new york', 'did you mean America/New_York?'],
    ['Europe/Berln', 'did you mean Europe/Berlin?'],
    ['Europe/Atlantis', 'names look like Europe/Berlin'],
    ['Factory', 'names look like Europe/Berlin'],
  ])('%s', (timezone, hint) => {
    const said = startOf('2027-07-03T18:00:00', timezone);
    expect(said).toContain(`timezone: is not a known time zone: "${timezone}" is not in the time-zone database; `);
    expect(said).toContain(hint);
  });

  test.each(['W. Europe Standard Time', 'Central America Daylight Time', 'Eastern Standard Time (Mexico)'])(
    'that only Windows has: %s',
    (timezone) => {
      expect(startOf('2027-07-03T18:00:00', timezone)).toMatch(
        /^timezone: is a name that only Windows uses: .*Europe\/Berlin/,
      );
    },
  );

  test('even if the start has an offset, and also in the dry run', () => {
    expect(startOf('2027-07-03T18:00:00Z', 'BST')).toMatch(/^timezone: is not a known time zone/);
    const derby = { liveEventId: 'derby-london', revision: 1, startsAt: '2027-07-03T20:00:00', timezone: 'BST' };
    const body = JSON.stringify({ ...derby, rooms: [{ key: 'main', room: {} }] });
    const line = checkLiveEventLine({ number: 1, name: 'line 1', body }, { region: 'eu-west-1', nowMs: NOW_MS });
    expect(line).toMatchObject({ kind: 'unusable', problems: [{ path: 'timezone' }] });
  });
});

describe('an abbreviation is refused all year, even if the database has it, with the places that use it', () => {
  test.each([
    ['EST', 'did you mean America/New_York (-05:00 in winter) or America/Panama (-05:00)?'],
    ['mst', 'did you mean America/Denver (-07:00 in winter) or America/Phoenix (-07:00)?'],
    ['HST', 'did you mean Pacific/Honolulu (-10:00)?'],
    ['CET', 'did you mean Europe/Berlin (+01:00 in winter) or Africa/Algiers (+01:00)?'],
    ['EET', 'did you mean Europe/Athens (+02:00 in winter) or Africa/Tripoli (+02:00)?'],
    ['Met', 'did you mean Europe/Berlin (+01:00 in winter)?'],
    ['WET', 'did you mean Europe/Lisbon (+00:00 in winter)?'],
  ])('%s', (timezone, hint) => {
    const said = `timezone: is an abbreviation, and not the name of a time zone; ${hint}`;
    expect(startOf('2027-01-03T18:00:00', timezone)).toBe(said);
    expect(startOf('2027-07-03T18:00:00Z', timezone)).toBe(said);
  });

  test('no other name of the list is an abbreviation of more than one time: each has one meaning', () => {
    const short = TIME_ZONE_NAMES.filter((name) => /^[A-Z]{2,5}$/.test(name) && timeZoneProblem(name) === undefined);
    // Five are countries, and three are UTC.
    expect(short).toEqual(['GB', 'GMT', 'NZ', 'PRC', 'ROC', 'ROK', 'UCT', 'UTC']);
  });

  test('the suggested names are in the database', () => {
    const meant = ['CET', 'EET', 'EST', 'HST', 'MET', 'MST', 'WET', 'BST', 'IST', 'CST'].flatMap(suggestTimeZones);
    expect(meant.map((text) => text.replace(/ .*/, '')).filter((name) => !isTimeZone(name))).toEqual([]);
  });
});
