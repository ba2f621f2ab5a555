import { describe, expect, test } from '@jest/globals';
import { cancelled, type Step, scheduled, tell } from '../story.ts';

const send = (minute: number, message: object): Step => ({ minute, send: message });

/** Each ends in one message that is handled in a way of its own: by the worker that is to crash. */
const STORIES: [string, { before: Step[]; last: Step }][] = [
  ['an event is scheduled', { before: [], last: send(0, scheduled(1)) }],
  ['it is scheduled anew', { before: [send(0, scheduled(1))], last: send(10, scheduled(2, { at: 240 })) }],
  ['it is due', { before: [send(0, scheduled(1))], last: { minute: 89, rooms: 'made' } }],
  ['it is due as soon as it is heard of', { before: [], last: send(0, scheduled(1, { at: 1.5 })) }],
  ['it will be late', { before: [], last: send(0, scheduled(1, { startsAt: '2026-12-18T12:00:03Z' })) }],
  [
    'its rooms do not stand in time',
    { before: [send(0, scheduled(1)), { minute: 80, rooms: 'stuck' }], last: { minute: 105, rooms: 'stuck' } },
  ],
  ['it is cancelled', { before: [send(0, scheduled(1))], last: send(100, cancelled(2)) }],
  ['it cannot be taken', { before: [], last: send(0, scheduled(1, { rooms: [] })) }],
];

/** What was said and asked for, without its minutes: a crash costs time, and may say a thing twice. */
const facts = (lines: string[]) => [...new Set(lines.map((line) => line.replace(/^\S+ /, '')))].sort();

describe('a worker that crashes at any call leaves what the next one needs', () => {
  test.each(STORIES)(
    'when %s',
    async (_story, { before, last }) => {
      const calm = await tell([...before, last]);
      expect(calm.lines.length).toBeGreaterThan(0);
      let crashes = 0;
      for (const effect of [false, true]) {
        for (let atCall = 1; atCall < 40; atCall++) {
          const crash: Step = { minute: last.minute, crash: { atCall, effect } };
          // Soon enough for those whose start is near.
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
