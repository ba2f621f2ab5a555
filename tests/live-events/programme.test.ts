import { expect, test } from '@jest/globals';
import { runProgramme } from './programme.ts';
import { programmes, summarise } from './programmes.ts';

const DUE_AT_ONCE = 'heard of ten minutes before, all of it due at once';

const EVENTS = 80;

/** 1,000 events at the real quota are measured: npm run bench -- live-events */
test.each(Object.entries(programmes({ events: EVENTS, quota: 1 })))(
  'a programme of 80 events, one every 1.2 seconds, %s',
  async (_name, programme) => {
    const result = summarise(await runProgramme(programme));
    expect(result).toMatchObject({ rooms: EVENTS, lateAndNotAnnounced: 0, errors: 0 });
    if (programme.callsPerSecond < programme.quota) {
      expect(result.announced).toBeGreaterThan(0);
    } else {
      expect(result).toMatchObject({ late: 0, announced: 0 });
      // In order of their starts, which lie a minute and a half apart: give or take a minute.
      expect(result.worstInversionSeconds).toBeLessThanOrEqual(60);
    }
  },
  120_000,
);

test('the control: without turns, what is due at once is made in any order', async () => {
  const programme = programmes({ events: EVENTS, quota: 1 })[DUE_AT_ONCE];
  if (!programme) throw new Error('There is no such programme');
  const result = summarise(await runProgramme({ ...programme, quota: 1_000_000 }));
  expect(result.worstInversionSeconds).toBeGreaterThan(60);
}, 120_000);
