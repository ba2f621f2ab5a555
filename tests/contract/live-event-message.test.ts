import { describe, expect, test } from '@jest/globals';
import { parseLiveEventMessage } from '../../lib/contract/live-event-message.ts';
import { reminderMessage } from '../../lib/contract/live-event-reminder.ts';

const NOW_MS = Date.parse('2026-11-02T09:00:00Z');
const DEFAULTS = {
  nowMs: NOW_MS,
  leadMs: 30 * 60_000,
  atRiskMs: 10 * 60_000,
  region: 'eu-west-1',
  releases: true,
} as const;

const FINAL = {
  liveEventId: 'final-2026',
  revision: 1,
  startsAt: '2026-12-18T20:00:00+01:00',
  rooms: [{ key: 'main', room: {} }],
};

const readText = (body: string) => parseLiveEventMessage(body, DEFAULTS);
const read = (changes: object = {}) => readText(JSON.stringify({ ...FINAL, ...changes }));

function problemsWith(changes: object): string[] {
  const result = read(changes);
  if (result.kind !== 'invalid' && result.kind !== 'unparseable') throw new Error(`It was taken: ${result.kind}`);
  return result.problems.map(({ path, message }) => `${path}: ${message}`);
}

test('a member that appears twice is refused, because JSON.parse would keep only the last one', () => {
  const twice = JSON.stringify(FINAL).replace('"revision":1', '"revision":1,"startsAt":"2026-12-19T20:00:00Z"');
  expect(readText(twice)).toMatchObject({ kind: 'invalid', problems: [{ path: 'startsAt' }] });
  const cancelled = '{"type":"Live Event Cancelled","liveEventId":"a","liveEventId":"b","revision":2}';
  expect(readText(cancelled)).toMatchObject({ problems: [{ path: 'liveEventId' }] });
  // A cancellation may carry the whole event. Only its own fields matter.
  const whole = '{"type":"Live Event Cancelled","liveEventId":"a","revision":2,"note":1,"note":2}';
  expect(readText(whole)).toMatchObject({ kind: 'cancelled' });
});

function timesOf(changes: object) {
  const result = read(changes);
  if (result.kind !== 'scheduled') throw new Error(`It was not taken: ${JSON.stringify(result)}`);
  const { startsAtMs, opensAtMs, checkAtMs } = result.plan;
  return [startsAtMs, opensAtMs, checkAtMs].map((ms) => new Date(ms).toISOString().slice(0, 16));
}

describe('the moments of an event are', () => {
  test.each<[string, object, string[]]>([
    [
      'half an hour and ten minutes before the start by default',
      {},
      ['2026-12-18T19:00', '2026-12-18T18:30', '2026-12-18T18:50'],
    ],
    [
      'as the event states',
      { leadTime: 'P1DT1H', atRiskTime: 'PT90M' },
      ['2026-12-18T19:00', '2026-12-17T18:00', '2026-12-18T17:30'],
    ],
    [
      'with the check at half of a lead time that is shorter than the default check',
      { leadTime: 'PT8M' },
      ['2026-12-18T19:00', '2026-12-18T18:52', '2026-12-18T18:56'],
    ],
    [
      'in local time in winter',
      { startsAt: '2026-12-18T20:00', timezone: 'Europe/Berlin' },
      ['2026-12-18T19:00', '2026-12-18T18:30', '2026-12-18T18:50'],
    ],
    [
      'in local time in summer',
      { startsAt: '2027-07-18T20:00:00', timezone: 'Europe/Berlin' },
      ['2027-07-18T18:00', '2027-07-18T17:30', '2027-07-18T17:50'],
    ],
    [
      'at the first of two equal local times',
      { startsAt: '2027-10-31T02:30:00', timezone: 'Europe/Berlin' },
      ['2027-10-31T00:30', '2027-10-31T00:00', '2027-10-31T00:20'],
    ],
    [
      'at the second of two equal local times, if the offset says so',
      { startsAt: '2027-10-31T02:30:00+01:00', timezone: 'Europe/Berlin' },
      ['2027-10-31T01:30', '2027-10-31T01:00', '2027-10-31T01:20'],
    ],
    [
      'in UTC, if the start is in UTC and a time zone is named for people',
      { startsAt: '2026-12-18T19:00:00Z', timezone: 'Asia/Kolkata' },
      ['2026-12-18T19:00', '2026-12-18T18:30', '2026-12-18T18:50'],
    ],
    [
      'by an offset in place of a time zone',
      { startsAt: '2026-12-18T20:00', timezone: '+01:00' },
      ['2026-12-18T19:00', '2026-12-18T18:30', '2026-12-18T18:50'],
    ],
    [
      'in a time zone whose clocks change by half an hour on this day',
      { startsAt: '2027-04-04T01:45:00', timezone: 'Australia/Lord_Howe' },
      ['2027-04-03T14:45', '2027-04-03T14:15', '2027-04-03T14:35'],
    ],
  ])('%s', (_case, changes, times) => {
    expect(timesOf(changes)).toEqual(times);
  });
});

describe('the problems of a live event', () => {
  test.each<[string, object, RegExp[]]>([
    ['no rooms', { rooms: [] }, [/^rooms: must list at least one room$/]],
    ['no rooms', { rooms: undefined }, [/^rooms: is required$/]],
    [
      'a room key twice',
      { rooms: [FINAL.rooms[0], { key: 'side', room: {} }, FINAL.rooms[0]] },
      [/^rooms\[2\]\.key: is already the key of rooms\[0\]$/],
    ],
    [
      'a room that violates the contract',
      { rooms: [{ key: 'main', room: { name: 'a b' } }] },
      [/^rooms\[0\]\.room\.name: /],
    ],
    [
      'a region without IVS Chat',
      { rooms: [{ key: 'main', room: {}, region: 'eu-north-1' }] },
      [/^rooms\[0\]\.region: /],
    ],
    ['an unknown time zone', { timezone: 'Europe/Atlantis' }, [/^timezone: is not a known time zone/]],
    ['neither an offset nor a time zone', { startsAt: '2026-12-18T20:00:00' }, [/^timezone: is required/]],
    [
      'a time that the clocks skip',
      { startsAt: '2027-03-28T02:30:00', timezone: 'Europe/Berlin' },
      [/^startsAt: does not exist in Europe\/Berlin/],
    ],
    [
      'an offset that the zone does not have then',
      { startsAt: '2026-12-18T20:00:00+02:00', timezone: 'Europe/Berlin' },
      [/^startsAt: has the offset \+02:00/],
    ],
    ['a start that is not a time', { startsAt: 'tonight' }, [/^startsAt: must be an ISO 8601/]],
    ['a lead time in months', { leadTime: 'P1M' }, [/^leadTime: must be an ISO 8601 duration/]],
    ['a lead time of 0', { leadTime: 'PT0S' }, [/^leadTime: must be PT1M to P6D/]],
    ['a lead time of a week', { leadTime: 'P7D' }, [/^leadTime: must be PT1M to P6D/]],
    [
      'a check before the opening',
      { leadTime: 'PT5M', atRiskTime: 'PT6M' },
      [/^atRiskTime: must be PT2M to PT3M with/],
    ],
    ['a check too near to the start', { atRiskTime: 'PT1M59S' }, [/^atRiskTime: must be PT2M to PT28M with/]],
    ['a check too near to the opening', { atRiskTime: 'PT28M1S' }, [/^atRiskTime: must be PT2M to PT28M with/]],
    [
      'a check that is not in the middle of a short lead time',
      { leadTime: 'PT1M', atRiskTime: 'PT20S' },
      [/must be PT30S with/],
    ],
    ['an id with a slash', { liveEventId: 'a/b' }, [/^liveEventId: /]],
    ['no revision', { revision: undefined }, [/^revision: is required$/]],
    ['an unknown field', { startAt: 'x' }, [/^startAt: is not a known field: did you mean "startsAt"\?$/]],
    [
      'an unknown field of a room',
      { rooms: [{ key: 'a', room: { maximumMessageLenght: 5 } }] },
      [/^rooms\[0\]\.room\.maximumMessageLenght: is not a known field: did you mean "maximumMessageLength"\?$/],
    ],
    ['another type of event', { type: 'Live Event Ended' }, [/^type: must be "Live Event Scheduled" or /]],
    [
      'several problems together',
      {
        revision: -1,
        startsAt: '2025-01-01T00:00:00Z',
        leadTime: 'soon',
        rooms: [{ key: 'a', room: {} }, { key: 'a' }],
      },
      [
        /^revision: /,
        /^leadTime: /,
        /^rooms\[1\]\.room: is required/,
        /^rooms\[1\].key: is already the key of rooms\[0\]/,
        /^startsAt: is in the past/,
      ],
    ],
    [
      'a start in the past, together with another problem',
      { startsAt: '2025-01-01T00:00:00Z', rooms: [] },
      [/^rooms: /, /^startsAt: is in the past: 2025-01-01T00:00:00.000Z$/],
    ],
  ])('with %s name the field', (_case, changes, expected) => {
    const problems = problemsWith(changes);
    expect(problems).toHaveLength(expected.length);
    for (const [index, pattern] of expected.entries()) expect(problems[index]).toMatch(pattern);
  });

  test('a start in the past has its own kind if it is the only problem, because the event may have been accepted earlier', () => {
    expect(read({ startsAt: '2025-01-01T00:00:00Z' })).toMatchObject({
      kind: 'scheduled',
      overdue: [{ path: 'startsAt', message: 'is in the past: 2025-01-01T00:00:00.000Z' }],
    });
    expect(read()).toMatchObject({ kind: 'scheduled', overdue: [] });
  });

  test('a message without a readable id is unparseable, and an invalid message with an id has that id', () => {
    for (const body of ['', 'no json', '[]', '{}', '{"liveEventId":7}'])
      expect(readText(body)).toMatchObject({ kind: 'unparseable', problems: expect.any(Array) });
    expect(read({ rooms: [] })).toMatchObject({ kind: 'invalid', liveEventId: 'final-2026', revision: 1 });
  });

  test('an event may have 1,000 rooms and be 350 kB long, because of the limits of an item', () => {
    const rooms = (count: number, room: object) => Array.from({ length: count }, (_, key) => ({ key: `${key}`, room }));
    expect(read({ rooms: rooms(1000, {}) })).toMatchObject({ kind: 'scheduled' });
    expect(problemsWith({ rooms: rooms(1001, {}) })).toEqual([expect.stringMatching(/^rooms: may list at most 1000/)]);
    const large = { tags: Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`t${n}`, 'x'.repeat(200)])) };
    expect(problemsWith({ rooms: rooms(50, large) })).toEqual([expect.stringMatching(/^rooms: are \d+ bytes/)]);
  });
});

describe('envelopes', () => {
  const cancelled = { liveEventId: 'final-2026', revision: 2, tenant: 'sports' };
  const sns = (message: object) => JSON.stringify({ Type: 'Notification', Message: JSON.stringify(message) });
  const cloudEvent = (type: string, data: object) => ({ specversion: '1.0', type, data });

  test.each<[string, string, string]>([
    ['EventBridge', JSON.stringify({ 'detail-type': 'Live Event Rescheduled', detail: FINAL }), 'scheduled'],
    ['CloudEvents', JSON.stringify(cloudEvent('greenroom.live-event.scheduled.v1', FINAL)), 'scheduled'],
    ['plain SQS', JSON.stringify({ type: 'Live Event Scheduled', ...FINAL }), 'scheduled'],
    ['SNS', sns({ 'detail-type': 'Live Event Scheduled', detail: FINAL }), 'scheduled'],
    ['EventBridge', JSON.stringify({ 'detail-type': 'Live Event Cancelled', detail: cancelled }), 'cancelled'],
    ['CloudEvents in SNS', sns(cloudEvent('greenroom.live-event.cancelled.v1', cancelled)), 'cancelled'],
    ['plain SQS', JSON.stringify({ type: 'Live Event Cancelled', ...cancelled }), 'cancelled'],
    [
      'plain SQS from EventBridge Scheduler',
      JSON.stringify({ type: 'Live Event Due', liveEventId: 'final-2026', revision: 1, occasion: 'check' }),
      'due',
    ],
  ])('a live event in %s is read (%#)', (_case, body, kind) => {
    expect(readText(body).kind).toBe(kind);
  });

  test('a reminder contains the moments of its event in a place that release 0.1.0 ignores', () => {
    const reminder = { type: 'Live Event Due', liveEventId: 'final-2026', revision: 1, occasion: 'open' } as const;
    const moments = { startsAtMs: 3, opensAtMs: 1, checkAtMs: 2 };
    const { type: _, ...due } = { ...reminder, kind: 'due' };
    expect(readText(JSON.stringify(reminderMessage(reminder, moments)))).toEqual({ ...due, moments });
    expect(readText(JSON.stringify(reminderMessage(reminder, undefined)))).toEqual(due);
    expect(readText(JSON.stringify({ ...reminder, moments })).kind).toBe('invalid');
  });

  test('the same revision has the same hash in every envelope', () => {
    const hashes = [
      JSON.stringify(FINAL),
      JSON.stringify({ 'detail-type': 'Live Event Scheduled', detail: { ...FINAL, tenant: 'default' } }),
      sns(cloudEvent('greenroom.live-event.scheduled.v1', FINAL)),
    ].map((body) => {
      const result = readText(body);
      return result.kind === 'scheduled' ? result.plan.hash : result.kind;
    });
    expect(new Set(hashes).size).toBe(1);
    expect(hashes[0]).toMatch(/^[0-9a-f]{64}$/);
  });

  test('an event with another name is refused, and its fields are checked too', () => {
    const body = JSON.stringify({ 'detail-type': 'Room Requested', detail: { ...FINAL, rooms: [] } });
    expect(readText(body)).toMatchObject({
      kind: 'invalid',
      problems: [{ path: 'detail-type', message: expect.stringContaining('Live Event Cancelled') }, { path: 'rooms' }],
    });
  });
});
