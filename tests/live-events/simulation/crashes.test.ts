import { describe, expect, test } from '@jest/globals';
import { cancelled, type Step, scheduled, tell } from '../story.ts';

const send = (minute: number, message: object): Step => ({ minute, send: message });

/** Each story ends with one message, which the crashing worker handles, and each message is handled differently. */
const STORIES: [string, { before: Step[]; last: Step }][] = [
  ['an event is scheduled', { before: [], last: send(0, scheduled(1)) }],
  ['an event is rescheduled', { before: [send(0, scheduled(1))], last: send(10, scheduled(2, { at: 240 })) }],
  ['an event is due', { before: [send(0, scheduled(1))], last: { minute: 89, rooms: 'made' } }],
  ['an event is due on arrival', { before: [], last: send(0, scheduled(1, { at: 1.5 })) }],
  ['an event will be late', { before: [], last: send(0, scheduled(1, { startsAt: '2026-12-18T12:00:03Z' })) }],
  [
    'the rooms of an event are not created in time',
    { before: [send(0, scheduled(1)), { minute: 80, rooms: 'stuck' }], last: { minute: 105, rooms: 'stuck' } },
  ],
  ['an event is cancelled', { before: [send(0, scheduled(1))], last: send(100, cancelled(2)) }],
  ['an event cannot be accepted', { before: [], last: send(0, scheduled(1, { rooms: [] })) }],
];

/** The distinct announcements and requests without their minutes, because a crash costs time and may cause duplicates. */
const facts = (lines: string[]) => [...new Set(lines.map((line) => line.replace(/^\S+ /, '')))].sort();

describe('a worker that crashes at any call leaves everything that the next worker needs', () => {
  test.each(STORIES)(
    'when %s',
    async (_story, { before, last }) => {
      const calm = await tell([...before, last]);
      expect(calm.lines.length).toBeGreaterThan(0);
      let crashes = 0;
      for (const effect of [false, true]) {
        for (let atCall = 1; atCall < 40; atCall++) {
          const crash: Step = { minute: last.minute, crash: { atCall, effect } };
          // The visibility timeout is short enough for events whose start is near.
          const told = await tell([...before, crash, last], { visibilityTimeoutMs: 1_000 });
          if (!told.crashed) break;
          crashes += 1;
          const context = `${effect ? 'after' : 'before'} call ${atCall}`;
          expect([context, facts(told.lines)]).toEqual([context, facts(calm.lines)]);
          expect([context, told.schedules, told.waiting, told.errors]).toEqual([context, [], 0, []]);
        }
      }
      expect(crashes).toBeGreaterThanOrEqual(2);
    },
    120_000,
  );
});
