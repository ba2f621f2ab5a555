import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseLiveEventMessage } from '../../lib/contract/live-event-message.ts';
import { timestampMs } from '../../lib/contract/timestamp.ts';
import { DEFAULTS, eventBridge, problems, REQUEST, read } from './messages.ts';

const utc = (text: string) => Date.parse(text);

describe('a timestamp', () => {
  test.each([
    ['2026-11-03T10:00:00Z', '2026-11-03T10:00:00.000Z'],
    // "Applications that generate this format SHOULD use upper case", but "T" and "Z" "may alternatively be lower case":
    // https://www.rfc-editor.org/rfc/rfc3339#section-5.6
    ['2026-11-03t10:00:00z', '2026-11-03T10:00:00.000Z'],
    ['2026-11-03T10:00:00.5z', '2026-11-03T10:00:00.500Z'],
    ['2026-11-03T10:00:00.123456789Z', '2026-11-03T10:00:00.123Z'],
    ['2026-11-03T15:45:00+05:45', '2026-11-03T10:00:00.000Z'],
    ['2026-11-02T11:00:00-23:00', '2026-11-03T10:00:00.000Z'],
    ['2026-11-03T10:00:00-00:00', '2026-11-03T10:00:00.000Z'],
    ['2026-11-03T10:00:00+0000', '2026-11-03T10:00:00.000Z'],
    ['2026-11-03T04:30:00-0530', '2026-11-03T10:00:00.000Z'],
    ['2028-02-29T00:00:00Z', '2028-02-29T00:00:00.000Z'],
  ])('may be written as %s', (text, expected) => {
    expect(timestampMs(text)).toBe(utc(expected));
  });

  test('of any moment and offset is read as Date.parse reads it', () => {
    const dates = fc.date({ min: new Date('0001-01-02'), max: new Date('9998-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(dates, fc.integer({ min: -1439, max: 1439 }), (date, minutes) => {
        const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
        const offset = [hours, rest].map((part) => String(part).padStart(2, '0')).join(':');
        const text = `${date.toISOString().slice(0, -1)}${minutes < 0 ? '-' : '+'}${offset}`;
        expect(timestampMs(text)).toBe(Date.parse(text));
        expect(timestampMs(text.replace(/:(\d\d)$/, '$1').replace('T', 't'))).toBe(Date.parse(text));
      }),
    );
  });

  test.each([
    '2026-11-03T10:00:00',
    '2026-11-03T10:00Z',
    '2026-11-03 10:00:00Z',
    '2026-11-03T10:00:00+24:00',
    '2026-11-03T10:00:00+01',
    '2026-11-03T24:00:00Z',
    '2026-11-03T10:00:61Z',
    '2026-11-03T10:00:00,5Z',
    '2026-11-03T10:00:00.Z',
    '2027-02-29T00:00:00Z',
    '2026-11-31T00:00:00Z',
    '+002026-11-03T10:00:00Z',
  ])('may not be written as %s', (text) => {
    expect(timestampMs(text)).toBeUndefined();
    expect(problems({ ...REQUEST, neededBy: text })).toEqual([expect.stringMatching(/^neededBy: must be an ISO 8601/)]);
  });
});

/**
 * "The grammar element time-second may have the value "60" at the end of months in which a leap second occurs -- to date: June
 * (XXXX-06-30T23:59:60Z) or December (XXXX-12-31T23:59:60Z)": https://www.rfc-editor.org/rfc/rfc3339#section-5.7
 */
describe('a leap second', () => {
  test.each([
    ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
    ['2016-12-31T23:59:60.25Z', '2017-01-01T00:00:00.250Z'],
    ['1990-12-31T15:59:60-08:00', '1991-01-01T00:00:00.000Z'],
    ['2017-01-01T05:29:60+05:30', '2017-01-01T00:00:00.000Z'],
  ])('%s counts as the first second of the next minute', (text, expected) => {
    expect(timestampMs(text)).toBe(utc(expected));
  });

  test.each(['2016-12-31T23:58:60Z', '2016-12-30T23:59:60Z', '2016-12-31T23:59:60+01:00'])(
    'cannot be at %s, and the problem says so',
    (text) => {
      expect(timestampMs(text)).toBeUndefined();
      expect(problems({ ...REQUEST, neededBy: text })).toEqual([
        expect.stringMatching(/^neededBy: has the second 60, which exists only as a leap second/),
      ]);
    },
  );
});

test('every time that greenroom reads has the same notations', () => {
  const earlier = '2026-11-02t08:00:00+0000';
  expect(read(eventBridge({ ...REQUEST, neededBy: '2026-11-02t12:00:00z' }, { time: earlier }))).toMatchObject({
    kind: 'request',
    sentAtMs: utc('2026-11-02T08:00:00Z'),
    neededByMs: utc('2026-11-02T12:00:00Z'),
  });
});

describe('the start of a live event', () => {
  const startOf = (startsAt: string, timezone?: string) => {
    const event = { liveEventId: 'e', revision: 1, startsAt, timezone, rooms: [{ key: 'main', room: {} }] };
    const parsed = parseLiveEventMessage(JSON.stringify(event), { ...DEFAULTS, leadMs: 1_800_000, atRiskMs: 600_000 });
    return parsed.kind === 'scheduled' ? new Date(parsed.plan.startsAtMs).toISOString() : parsed;
  };

  test.each([
    ['2026-12-18t19:00:00z', undefined, '2026-12-18T19:00:00.000Z'],
    ['2026-12-18T20:00:00+0100', 'Europe/Berlin', '2026-12-18T19:00:00.000Z'],
    ['2026-12-18t20:00:00', 'Europe/Berlin', '2026-12-18T19:00:00.000Z'],
    ['2026-12-18T19:00:00z', 'Europe/Berlin', '2026-12-18T19:00:00.000Z'],
    ['2026-12-18T19:00:00-00:00', 'Europe/Berlin', '2026-12-18T19:00:00.000Z'],
    ['2026-12-31T23:59:60Z', undefined, '2027-01-01T00:00:00.000Z'],
  ])('may be written as %s in %s', (startsAt, timezone, expected) => {
    expect(startOf(startsAt, timezone)).toBe(expected);
  });

  test.each([
    ['2026-12-18T19:00:00+0000', 'Europe/Berlin', /^has the offset \+0000, which Europe\/Berlin does not have/],
    ['2026-12-31T23:59:60', 'Europe/Berlin', /^must be an ISO 8601/],
  ])('may not be %s in %s', (startsAt, timezone, message) => {
    expect(startOf(startsAt, timezone)).toMatchObject({
      kind: 'invalid',
      problems: [{ path: 'startsAt', message: expect.stringMatching(message) }],
    });
  });
});
