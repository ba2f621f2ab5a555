import { expect, test } from '@jest/globals';
import { runProgramme } from './programme.ts';
import { programmes, summarise } from './programmes.ts';

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
