import { expect, test } from '@jest/globals';
import { runProgramme } from '../../../bench/live-events/programme.ts';
import { programmes, summarise } from '../../../bench/live-events/programmes.ts';

// All starts lie within 72 seconds. To measure 1,000 events: npm run bench:live-events
const EVENTS = 60;
const { ahead, atOnce, contended } = programmes(EVENTS);

test('if a programme is received in time, all rooms are created in order, and no event is announced at risk', async () => {
  const result = summarise(await runProgramme(ahead));
  expect(result).toMatchObject({ rooms: 5 * EVENTS, late: 0, announced: 0, errors: 0 });
  expect(result.worstInversionSeconds).toBeLessThanOrEqual(60);
}, 120_000);

test('if all events of a programme are due together, they use the quota, and rooms are out of order by at most a minute', async () => {
  const result = summarise(await runProgramme(atOnce));
  expect(result).toMatchObject({ rooms: 5 * EVENTS, late: 0, announced: 0, errors: 0 });
  expect(result.worstInversionSeconds).toBeLessThanOrEqual(60);
  expect(result.madeInSeconds).toBeLessThanOrEqual(EVENTS * 1.05);
}, 120_000);

test('control: without turns, the rooms of events that are due together are created in any order', async () => {
  const result = summarise(await runProgramme({ ...atOnce, takesTurns: false }));
  expect(result.worstInversionSeconds).toBeGreaterThan(60);
}, 120_000);

test('if others leave too little of the quota, rooms are created in order, and every late event was announced before', async () => {
  const result = summarise(await runProgramme(contended));
  expect(result).toMatchObject({ rooms: 5 * EVENTS, lateAndNotAnnounced: 0, errors: 0 });
  expect(result.worstInversionSeconds).toBeLessThanOrEqual(60);
  expect(result.announced).toBeGreaterThan(0);
}, 120_000);
