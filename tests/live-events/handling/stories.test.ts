import { describe, expect, test } from '@jest/globals';
import { cancelled, type Step, scheduled, tell, timeText } from '../story.ts';

/** The lines of an event that starts at minute 120 and has two rooms: they are created half an hour before. */
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
  ['scheduled: its rooms are created when the lead time begins', [send(0, scheduled(1))], OPENED(1)],
  [
    'as an EventBridge event',
    [send(0, { 'detail-type': 'Live Event Scheduled', detail: { ...scheduled(1), type: undefined } })],
    OPENED(1),
  ],
  [
    'with a room key that has characters that SQS refuses: all rooms are created',
    [send(0, scheduled(1, { rooms: [{ key: 'a\ufffe', room: {} }, ROOM_B] }))],
    ['90 room a\ufffe of r1', '90 room b of r1', '90 completed r1 2 made, 0 failed'],
  ],
  ['moved earlier', [send(0, scheduled(1)), send(10, scheduled(2, { at: 60 }))], OPENED(2, 30)],
  ['moved later', [send(0, scheduled(1)), send(80, scheduled(2, { at: 300 }))], OPENED(2, 270)],
  [
    'moved to a later time when its rooms exist: they stay, and it completes again at its new time',
    [send(0, scheduled(1)), send(100, scheduled(2, { at: 300 }))],
    [...OPENED(1), ...OPENED(2, 270)],
  ],
  [
    'moved so near that its lead time has begun: its rooms are requested immediately',
    [send(0, scheduled(1, { at: 600 })), send(100, scheduled(2, { at: 115 }))],
    ['100:10 room a of r2', '100:10 room b of r2', '100:10 completed r2 2 made, 0 failed'],
  ],
  ['cancelled before its time', [send(0, scheduled(1)), send(30, cancelled(2))], ['30 cancelled r2']],
  [
    'cancelled when its rooms exist: they are listed, and stay',
    [send(0, scheduled(1)), send(100, cancelled(2))],
    [...OPENED(1), '100 cancelled r2 a, b'],
  ],
  [
    'cancelled and then scheduled with an older revision: it stays cancelled',
    [send(0, cancelled(2)), send(1, scheduled(1))],
    ['0 cancelled r2'],
  ],
  [
    'cancelled and then scheduled with a newer revision: it stays cancelled, and the revision is announced as failed',
    [send(0, scheduled(1)), send(1, cancelled(2)), send(2, scheduled(3))],
    ['1 cancelled r2', '2 failed r3 liveEventId'],
  ],
  [
    'cancelled by a message that is older than its newest revision: it is cancelled nevertheless',
    [send(0, scheduled(3)), send(1, cancelled(2))],
    ['1 cancelled r2'],
  ],
  [
    'out of order: the newer revision wins',
    [send(0, scheduled(2, { at: 60 })), send(10, scheduled(1, { at: 300 }))],
    OPENED(2, 30),
  ],
  [
    'duplicated before, during and after its opening: nothing happens twice',
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
    'due while the stack is down: its rooms are created as soon as the stack is up',
    [send(0, scheduled(1)), { minute: 80, down: true }, { minute: 115, down: false }],
    [...OPENED(1, 115)],
  ],
  [
    'due while the stack is down until after the start: its rooms are created immediately, with a warning that it is late',
    [send(0, scheduled(1)), { minute: 80, down: true }, { minute: 125, down: false }],
    ['125 at-risk r1 pace: a open, b open', ...OPENED(1, 125)],
  ],
  [
    'scheduled when its lead time has begun: its rooms are requested after ten seconds',
    [send(0, scheduled(1, { at: 20 }))],
    ['0:10 room a of r1', '0:10 room b of r1', '0:10 completed r1 2 made, 0 failed'],
  ],
  [
    'scheduled a minute before its start: its rooms are requested immediately',
    [send(0, scheduled(1, { at: 1 }))],
    ['0 room a of r1', '0 room b of r1', '0 completed r1 2 made, 0 failed'],
  ],
  [
    'scheduled so late that its rooms are created after the start: it is announced at risk',
    [send(0, scheduled(1, { startsAt: '2026-12-18T12:00:02Z' }))],
    ['0 at-risk r1 pace: a open, b open', '0 room a of r1', '0 room b of r1', '0 completed r1 2 made, 0 failed'],
  ],
  [
    'with rooms that are not created in time: it is announced at risk ten minutes before the start',
    [send(0, scheduled(1)), { minute: 80, rooms: 'stuck' }, { minute: 115, rooms: 'made' }, send(116, scheduled(1))],
    ['110 at-risk r1 check: a open, b open', ...OPENED(1, 116)],
  ],
  [
    'with rooms that are refused: it completes without them, and is announced at risk',
    [send(0, scheduled(1)), { minute: 80, rooms: 'refused' }],
    [
      '90 room a of r1',
      '90 room b of r1',
      '90 completed r1 0 made, 2 failed',
      '110 at-risk r1 check: a failed, b failed',
    ],
  ],
  [
    'with rooms that failed: the next revision requests them again',
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
    'at a local time that does not exist: it is refused',
    [send(0, scheduled(1, { startsAt: '2027-03-28T02:30:00', timezone: 'Europe/Berlin' }))],
    ['0 failed r1 startsAt'],
  ],
  ['with a start in the past: it is refused', [send(0, scheduled(1, { at: -1 }))], ['0 failed r1 startsAt']],
  [
    'a revision with a start in the past is refused: the event does not change',
    [send(0, scheduled(1)), send(1, scheduled(2, { at: 0 }))],
    ['1 failed r2 startsAt', ...OPENED(1)],
  ],
  [
    'a duplicate that arrives after the start: it is not refused',
    [send(0, scheduled(1)), send(130, scheduled(1))],
    OPENED(1),
  ],
  [
    'with an unknown time zone: it is refused',
    [send(0, scheduled(1, { timezone: 'Europe/Atlantis' }))],
    ['0 failed r1 timezone'],
  ],
  ['no rooms', [send(0, scheduled(1, { rooms: [] }))], ['0 failed r1 rooms']],
  [
    'with a repeated room key: it is refused',
    [send(0, scheduled(1, { rooms: [ROOM_A, ROOM_A] }))],
    ['0 failed r1 rooms[1].key'],
  ],
  [
    'with several problems: all of them are announced together',
    [send(0, scheduled(1, { rooms: [], timezone: 'x', leadTime: 'soon', at: -1 }))],
    ['0 failed r1 leadTime, rooms, timezone'],
  ],
  ['a message that is not a live event: it is announced as failed', [send(0, 'hello')], ['0 failed ']],
];

describe('a live event', () => {
  test.each(CASES)('%s', async (_case, steps, expected) => {
    const { lines, waiting, errors } = await tell(steps);
    expect(errors).toEqual([]);
    expect(lines).toEqual(expected);
    expect(waiting).toBe(0);
  });

  test('an event at 02:30 in the night when the clocks go back starts at the first 02:30', async () => {
    const steps = [send(0, scheduled(1, { startsAt: '2027-10-31T02:30:00', timezone: 'Europe/Berlin' }))];
    const opensAtMinute = (Date.parse('2027-10-31T00:00:00Z') - Date.parse(timeText(0))) / 60_000;
    const { lines } = await tell(steps, { untilMinute: opensAtMinute + 60 });
    expect(lines).toEqual(OPENED(1, opensAtMinute));
  });

  test('schedules are deleted with their event', async () => {
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
