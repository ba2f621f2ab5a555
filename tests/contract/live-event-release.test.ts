import { describe, expect, test } from '@jest/globals';
import { liveEventMeaning } from '../../lib/contract/live-event-meaning.ts';
import { parseLiveEventMessage } from '../../lib/contract/live-event-message.ts';
import { DAY_MS } from './messages.ts';

const DEFAULTS = {
  nowMs: Date.parse('2026-10-01T09:00:00Z'),
  leadMs: 30 * 60_000,
  atRiskMs: 10 * 60_000,
  region: 'eu-west-1',
  releases: true,
} as const;
const EVENT = {
  liveEventId: 'derby',
  revision: 1,
  startsAt: '2026-10-24T20:00:00+02:00',
  rooms: [{ key: 'main', room: {} }],
};
const STARTS_MS = Date.parse(EVENT.startsAt);
const MINUTE_MS = 60_000;

const parse = (changes: object, releases = true) =>
  parseLiveEventMessage(JSON.stringify({ ...EVENT, ...changes }), { ...DEFAULTS, releases });
function planOf(changes: object) {
  const message = parse(changes);
  if (message.kind !== 'scheduled') throw new Error(JSON.stringify(message));
  return message.plan;
}
function problems(changes: object, releases = true): string[] {
  const message = parse(changes, releases);
  return message.kind === 'invalid' ? message.problems.map(({ path, message: text }) => `${path}: ${text}`) : [];
}
const hourAfter = (hours: number) => STARTS_MS + hours * 60 * MINUTE_MS;

describe('the rooms of a live event are released', () => {
  test.each<[string, object, number]>([
    ['at its end', { endsAt: '2026-10-24T22:00:00+02:00' }, hourAfter(2)],
    ['some time after its end', { endsAt: '2026-10-24T20:00:00Z', releaseAfter: 'PT90M' }, hourAfter(3.5)],
    ['some time after its start, if it states no end', { releaseAfter: 'P1D' }, STARTS_MS + DAY_MS],
    ['at least a minute after its start', { releaseAfter: 'PT0S' }, STARTS_MS + MINUTE_MS],
    [
      'at least a minute after its start, if it ends earlier',
      { endsAt: '2026-10-24T20:00:30+02:00' },
      STARTS_MS + MINUTE_MS,
    ],
    [
      'up to 400 days after its end',
      { endsAt: '2026-10-24T22:00:00+02:00', releaseAfter: 'P400D' },
      hourAfter(2) + 400 * DAY_MS,
    ],
  ])('%s', (_, changes, releaseAtMs) => {
    expect(planOf(changes)).toMatchObject({ releaseAtMs });
  });

  test.each<[string, string, string, string]>([
    // The clocks of Berlin go back at 03:00 on 25 October, so 02:30 occurs twice.
    ['the second of two equal local times', '2026-10-24T23:00', '2026-10-25T02:30', '2026-10-25T01:30:00.000Z'],
    [
      'a local time after the clocks have gone back',
      '2026-10-24T23:00',
      '2026-10-25T04:00',
      '2026-10-25T03:00:00.000Z',
    ],
    [
      'a time with an offset, after a local start',
      '2026-10-24T23:00',
      '2026-10-25T02:30:00+02:00',
      '2026-10-25T00:30:00.000Z',
    ],
  ])('at %s', (_, startsAt, endsAt, expected) => {
    const { releaseAtMs = 0 } = planOf({ startsAt, endsAt, timezone: 'Europe/Berlin' });
    expect(new Date(releaseAtMs).toISOString()).toBe(expected);
  });

  test('not at all, if it states neither field', () => {
    expect(planOf({})).not.toHaveProperty('releaseAtMs');
    expect(planOf({ endsAt: null, releaseAfter: null })).toEqual(planOf({}));
  });
});

describe('a live event is invalid', () => {
  test.each<[string, object, RegExp[]]>([
    ['if it ends when it starts', { endsAt: EVENT.startsAt }, [/^endsAt: must be after startsAt$/]],
    ['if it ends before it starts', { endsAt: '2026-10-24T17:59:59Z' }, [/^endsAt: must be after startsAt$/]],
    [
      'if it ends more than 400 days after its start',
      { endsAt: '2027-11-29T00:00:00Z' },
      [/^endsAt: must be at most 400 days/],
    ],
    ['if its end is no time', { endsAt: 'late' }, [/^endsAt: must be an ISO 8601/]],
    [
      'if its end is a local time without a zone',
      { endsAt: '2026-10-24T22:00' },
      [/^timezone: is required, because endsAt has no offset$/],
    ],
    [
      'if neither time has an offset and there is no zone, with one problem',
      { startsAt: '2026-10-24T20:00', endsAt: '2026-10-24T22:00' },
      [/^timezone: is required, because startsAt has no offset$/],
    ],
    [
      'if its end is skipped by the clocks',
      { startsAt: '2027-03-27T20:00', endsAt: '2027-03-28T02:30', timezone: 'Europe/Berlin' },
      [/^endsAt: does not exist in Europe\/Berlin/],
    ],
    [
      'if its zone is unknown, with one problem',
      { endsAt: '2026-10-24T22:00', timezone: 'Mars/Base' },
      [/^timezone: /],
    ],
    ['if the duration is too long', { releaseAfter: 'P401D' }, [/^releaseAfter: must be at most P400D$/]],
    ['if the duration is in weeks', { releaseAfter: 'P1W' }, [/^releaseAfter: must be an ISO 8601 duration/]],
    [
      'with all of its problems at once',
      { endsAt: '2026-10-24T17:00:00Z', releaseAfter: 'P500D', leadTime: 'P7D', tenant: '' },
      [/^tenant: /, /^endsAt: must be after/, /^releaseAfter: must be at most/, /^leadTime: /],
    ],
  ])('%s', (_, changes, expected) => {
    expect(problems(changes)).toEqual(expected.map((each) => expect.stringMatching(each)));
  });

  test('if it states a release while releases are switched off', () => {
    expect(problems({ endsAt: '2026-10-24T22:00:00Z', releaseAfter: 'PT1H' }, false)).toEqual([
      expect.stringMatching(/^endsAt: releases are switched off in this deployment: /),
      expect.stringMatching(/^releaseAfter: releases are switched off in this deployment: /),
    ]);
    expect(parse({}, false)).toEqual(parse({}, true));
  });
});

describe('the content of a revision', () => {
  const meaning = (changes: object) => liveEventMeaning(planOf(changes), 'eu-west-1');
  const END = { endsAt: '2026-10-24T22:00:00+02:00' };

  test('contains its end and its release, regardless of how they are written', () => {
    const different = [
      {},
      END,
      { ...END, releaseAfter: 'PT1H' },
      { releaseAfter: 'PT2H' },
      { endsAt: '2026-10-24T22:00:01+02:00' },
    ];
    expect(new Set(different.map(meaning)).size).toBe(different.length);
    expect(new Set(different.map((changes) => planOf(changes).hash)).size).toBe(different.length);
    expect(meaning({ ...END, releaseAfter: 'PT3600S' })).toBe(meaning({ ...END, releaseAfter: 'PT1H' }));
    expect(meaning({ endsAt: '2026-10-24T20:00:00Z', releaseAfter: 'PT0S' })).toBe(meaning(END));
  });

  test('without a release has the hash that earlier releases have stored', () => {
    expect(meaning({})).toBe('3dbad60fb9e5f15d9936fade4ee08a522fff486b0b6445f0f7e30f04f1c19313');
  });
});
