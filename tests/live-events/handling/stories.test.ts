import { describe, expect, test } from '@jest/globals';
import { cancelled, type Step, scheduled, tell, timeText } from '../story.ts';

/** What comes of an event that starts at minute 120 and has two rooms, half an hour before. */
const OPENED = (revision: number, minute = 90) => [
  `${minute} room a of r${revision}`,
  `${minute} room b of r${revision}`,
  `${minute} completed r${revision} 2 made, 0 failed`,
];
const [ROOM_A, ROOM_B] = [
  { key: 'a', room: {} },
  { key: 'b', room: {} },
];
const send = (minute: number, message: object | string): Step => ({ minute, send: message });

const CASES: [string, Step[], string[]][] = [
  ['scheduled: its rooms stand when the lead time begins', [send(0, scheduled(1))], OPENED(1)],
  [
    'as an EventBridge event',
    [send(0, { 'detail-type': 'Live Event Scheduled', detail: { ...scheduled(1), type: undefined } })],
    OPENED(1),
  ],
  [
    'with a room whose key has characters that SQS does not take: all rooms are made',
    [send(0, scheduled(1, { rooms: [{ key: 'a\ufffe', room: {} }, ROOM_B] }))],
    ['90 room a\ufffe of r1', '90 room b of r1', '90 completed r1 2 made, 0 failed'],
  ],
  ['moved earlier', [send(0, scheduled(1)), send(10, scheduled(2, { at: 60 }))], OPENED(2, 30)],
  ['moved later', [send(0, scheduled(1)), send(80, scheduled(2, { at: 300 }))], OPENED(2, 270)],
  [
    'moved later when its rooms stand already: they stay, and it completes anew at its time',
    [send(0, scheduled(1)), send(100, scheduled(2, { at: 300 }))],
    [...OPENED(1), ...OPENED(2, 270)],
  ],
  [
    'moved so near that its lead time has begun',
    [send(0, scheduled(1, { at: 600 })), send(100, scheduled(2, { at: 115 }))],
    ['100:10 room a of r2', '100:10 room b of r2', '100:10 completed r2 2 made, 0 failed'],
  ],
  ['cancelled before its time', [send(0, scheduled(1)), send(30, cancelled(2))], ['30 cancelled r2']],
  [
    'cancelled when its rooms stand: they are listed, and stay',
    [send(0, scheduled(1)), send(100, cancelled(2))],
    [...OPENED(1), '100 cancelled r2 a, b'],
  ],
  [
    'cancelled, and only then scheduled: the messages came in the wrong order',
    [send(0, cancelled(2)), send(1, scheduled(1))],
    ['0 cancelled r2'],
  ],
  [
    'cancelled, then scheduled anew: it stays cancelled, and this is said',
    [send(0, scheduled(1)), send(1, cancelled(2)), send(2, scheduled(3))],
    ['1 cancelled r2', '2 failed r3 liveEventId'],
  ],
  [
    'cancelled by a message older than its newest revision: it is cancelled all the same',
    [send(0, scheduled(3)), send(1, cancelled(2))],
    ['1 cancelled r2'],
  ],
  [
    'out of order: the newer revision wins',
    [send(0, scheduled(2, { at: 60 })), send(10, scheduled(1, { at: 300 }))],
    OPENED(2, 30),
  ],
  [
    'duplicated: before, while and after it is opened',
    [...[0, 1, 89, 90, 91, 110].map((minute) => send(minute, scheduled(1)))],
    OPENED(1),
  ],
  [
    'the same revision with other content: the first one stays',
    [send(0, scheduled(1)), send(1, scheduled(1, { at: 240 }))],
    ['1 failed r1 revision', ...OPENED(1)],
  ],
  [
    'a revision adds a room and drops another',
    [send(0, scheduled(1)), send(100, scheduled(2, { rooms: [ROOM_B, { key: 'c', room: {} }] }))],
    [...OPENED(1), '100:10 room b of r2', '100:10 room c of r2', '100:10 completed r2 2 made, 0 failed'],
  ],
  [
    'due while the stack was down: as soon as it is up',
    [send(0, scheduled(1)), { minute: 80, down: true }, { minute: 115, down: false }],
    [...OPENED(1, 115)],
  ],
  [
    'due while the stack was down until after the start: at once, with the warning that it is late',
    [send(0, scheduled(1)), { minute: 80, down: true }, { minute: 125, down: false }],
    ['125 at-risk r1 pace: a open, b open', ...OPENED(1, 125)],
  ],
  [
    'scheduled when its lead time has begun',
    [send(0, scheduled(1, { at: 20 }))],
    ['0:10 room a of r1', '0:10 room b of r1', '0:10 completed r1 2 made, 0 failed'],
  ],
  [
    'scheduled a minute before its start: at once',
    [send(0, scheduled(1, { at: 1 }))],
    ['0 room a of r1', '0 room b of r1', '0 completed r1 2 made, 0 failed'],
  ],
  [
    'scheduled so late that its rooms come after the start',
    [send(0, scheduled(1, { startsAt: '2026-12-18T12:00:02Z' }))],
    ['0 at-risk r1 pace: a open, b open', '0 room a of r1', '0 room b of r1', '0 completed r1 2 made, 0 failed'],
  ],
  [
    'rooms that are not made in time: at risk, ten minutes before the start',
    [send(0, scheduled(1)), { minute: 80, rooms: 'stuck' }, { minute: 115, rooms: 'made' }, send(116, scheduled(1))],
    ['110 at-risk r1 check: a open, b open', ...OPENED(1, 116)],
  ],
  [
    'rooms that are refused: it completes without them, and is at risk',
    [send(0, scheduled(1)), { minute: 80, rooms: 'refused' }],
    [
      '90 room a of r1',
      '90 room b of r1',
      '90 completed r1 0 made, 2 failed',
      '110 at-risk r1 check: a failed, b failed',
    ],
  ],
  [
    'a room that failed is asked for again by the next revision',
    [send(0, scheduled(1)), { minute: 80, rooms: 'refused' }, { minute: 95, rooms: 'made' }, send(100, scheduled(2))],
    [
      '90 room a of r1',
      '90 room b of r1',
      '90 completed r1 0 made, 2 failed',
      '100:10 room a of r2',
      '100:10 room b of r2',
      '100:10 completed r2 2 made, 0 failed',
    ],
  ],
  [
    'at a local time that does not exist',
    [send(0, scheduled(1, { startsAt: '2027-03-28T02:30:00', timezone: 'Europe/Berlin' }))],
    ['0 failed r1 startsAt'],
  ],
  ['a start in the past', [send(0, scheduled(1, { at: -1 }))], ['0 failed r1 startsAt']],
  [
    'a revision with a start in the past: the event stays as it was',
    [send(0, scheduled(1)), send(1, scheduled(2, { at: 0 }))],
    ['1 failed r2 startsAt', ...OPENED(1)],
  ],
  [
    'a duplicate that comes after the start is none of these',
    [send(0, scheduled(1)), send(130, scheduled(1))],
    OPENED(1),
  ],
  ['an unknown time zone', [send(0, scheduled(1, { timezone: 'Europe/Atlantis' }))], ['0 failed r1 timezone']],
  ['no rooms', [send(0, scheduled(1, { rooms: [] }))], ['0 failed r1 rooms']],
  ['a room key twice', [send(0, scheduled(1, { rooms: [ROOM_A, ROOM_A] }))], ['0 failed r1 rooms[1].key']],
  [
    'everything wrong at once',
    [send(0, scheduled(1, { rooms: [], timezone: 'x', leadTime: 'soon', at: -1 }))],
    ['0 failed r1 leadTime, rooms, timezone'],
  ],
  ['what is no live event', [send(0, 'hello')], ['0 failed ']],
];

describe('what comes of an event', () => {
  test.each(CASES)('%s', async (_case, steps, expected) => {
    const { lines, waiting, errors } = await tell(steps);
    expect(errors).toEqual([]);
    expect(lines).toEqual(expected);
    expect(waiting).toBe(0);
  });

  test('an event of next autumn waits for the first of the two half past twos', async () => {
    const steps = [send(0, scheduled(1, { startsAt: '2027-10-31T02:30:00', timezone: 'Europe/Berlin' }))];
    const opensAtMinute = (Date.parse('2027-10-31T00:00:00Z') - Date.parse(timeText(0))) / 60_000;
    const { lines } = await tell(steps, { untilMinute: opensAtMinute + 60 });
    expect(lines).toEqual(OPENED(1, opensAtMinute));
  });

  test('schedules go with their event', async () => {
    const at = async (untilMinute: number, steps: Step[]) => (await tell(steps, { untilMinute })).schedules.length;
    expect(await at(1, [send(0, scheduled(1))])).toBe(2);
    expect(await at(95, [send(0, scheduled(1))])).toBe(1);
    expect(await at(115, [send(0, scheduled(1))])).toBe(0);
    expect(await at(2, [send(0, scheduled(1)), send(1, scheduled(2, { at: 300 }))])).toBe(2);
    expect(await at(2, [send(0, scheduled(1)), send(1, cancelled(2))])).toBe(0);
    const names = (await tell([send(0, scheduled(1))], { untilMinute: 1 })).schedules;
    expect(names.map((name) => name.replace(/^[0-9a-f]{40}/, ''))).toEqual(['-check', '-open']);
  });
});
