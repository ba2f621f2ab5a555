import { describe, expect, test } from '@jest/globals';
import { createRandom } from '../../../emulator/random.ts';
import { type Step, scheduled, tell } from '../story.ts';

/**
 * "All schedule types on EventBridge Scheduler invoke their targets with 60 second precision. This means that if you set your schedule to run at
 * 1:00, it will invoke the target API between 1:00:00 and 1:00:59": https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 */
const LATEST_MS = 60_000;

const send = (minute: number, message: object): Step => ({ minute, send: message });
const stuck = (minute: number): Step => ({ minute, rooms: 'stuck' });
const MADE = ['room a of r1', 'room b of r1', 'completed r1 2 made, 0 failed'];
/** Returns the values one after the other, and then starts again with the first. */
const taking = (...latenessMs: number[]) => {
  let next = 0;
  return () => latenessMs[next++ % latenessMs.length] ?? 0;
};

describe('however late schedules fire, up to the minute that AWS allows them', () => {
  test.each([0, 1_000, 30_000, 45_000, LATEST_MS])(
    '%d ms late: rooms are requested one lead time before the start',
    async (ms) => {
      const { lines } = await tell([send(0, scheduled(1))], { scheduleLateMs: () => ms });
      expect(lines).toEqual(MADE.map((line) => `90 ${line}`));
    },
  );

  test.each([0, 1_000, 30_000, 45_000, LATEST_MS])('%d ms late: the warning is published on time', async (ms) => {
    const { lines } = await tell([send(0, scheduled(1)), stuck(1)], { scheduleLateMs: () => ms });
    expect(lines).toEqual(['110 at-risk r1 check: a open, b open']);
  });

  test.each<[string, object, string]>([
    ['of a minute', { leadTime: 'PT1M' }, '119'],
    ['of two minutes', { leadTime: 'PT2M' }, '118'],
    ['of 30 minutes and the earliest check', { leadTime: 'PT30M', atRiskTime: 'PT28M' }, '90'],
  ])(
    'with a lead time %s, no event is at risk because its reminders arrive in the other order',
    async (_what, times, opens) => {
      for (const scheduleLateMs of [taking(LATEST_MS, 0), taking(0, LATEST_MS), taking(LATEST_MS)]) {
        const { lines } = await tell([send(0, scheduled(1, { ...times }))], { scheduleLateMs });
        expect(lines).toEqual(MADE.map((line) => `${opens} ${line}`));
      }
    },
  );

  test('no event is at risk because it is moved repeatedly', async () => {
    const random = createRandom(7);
    const moves = Array.from({ length: 12 }, (_, index) =>
      send(10 * index, scheduled(index + 1, { at: 125 + 2 * index })),
    );
    const { lines, schedules, errors } = await tell(moves, { scheduleLateMs: () => random() * LATEST_MS });
    expect(lines.filter((line) => line.includes('at-risk'))).toEqual([]);
    expect({ schedules, errors }).toEqual({ schedules: [], errors: [] });
  });
});

test('an event that is received seconds before its start is checked before the start, although a schedule would be too late', async () => {
  const { lines } = await tell([stuck(0), send(0, scheduled(1, { startsAt: '2026-12-18T12:00:40Z' }))], {
    scheduleLateMs: () => LATEST_MS,
  });
  expect(lines).toEqual(['0:20 at-risk r1 check: a open, b open']);
});
