import { expect, test } from '@jest/globals';
import { runProgramme } from '../../../bench/live-events/programme.ts';
import { programmes, summarise } from '../../../bench/live-events/programmes.ts';

// Starts that lie a minute and a half apart; 1,000 are measured: npm run bench:live-events
const EVENTS = 60;
const { ahead, atOnce, contended } = programmes(EVENTS);

test('a programme that is heard of in time: all rooms stand, in order, and nothing is announced', async () => {
  const result = summarise(await runProgramme(ahead));
  expect(result).toMatchObject({ rooms: 5 * EVENTS, late: 0, announced: 0, errors: 0 });
  expect(result.worstInversionSeconds).toBeLessThanOrEqual(60);
}, 120_000);

test('a programme that is due all at once: the quota is used, and rooms stand in order, give or take a minute', async () => {
  const result = summarise(await runProgramme(atOnce));
  expect(result).toMatchObject({ rooms: 5 * EVENTS, late: 0, announced: 0, errors: 0 });
  expect(result.worstInversionSeconds).toBeLessThanOrEqual(60);
  expect(result.madeInSeconds).toBeLessThanOrEqual(EVENTS * 1.05);
}, 120_000);

test('the control: without turns, what is due at once is made in any order', async () => {
  const result = summarise(await runProgramme({ ...atOnce, takesTurns: false }));
  expect(result.worstInversionSeconds).toBeGreaterThan(60);
}, 120_000);

test('a programme that others leave too little of the quota: rooms stand in order, and whoever is late was announced before', async () => {
  const result = summarise(await runProgramme(contended));
  expect(result).toMatchObject({ rooms: 5 * EVENTS, lateAndNotAnnounced: 0, errors: 0 });
  expect(result.worstInversionSeconds).toBeLessThanOrEqual(60);
  expect(result.announced).toBeGreaterThan(0);
}, 120_000);
