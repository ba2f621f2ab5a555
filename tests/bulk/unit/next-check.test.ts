import { describe, expect, test } from '@jest/globals';
import { nextCheck, nextLaneCheck, stretch } from '../../../lib/bulk/next-check.ts';
import { MAX_RECEIVES } from '../../../lib/platform/retention.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const full = { outstanding: 2_000, outstandingBefore: 1_000, answered: 1_000, limit: 2_000, nowMs: 200_000 };
const random = () => 0;

describe('a full region is checked again', () => {
  test.each<[string, Partial<typeof full>, Parameters<typeof nextCheck>[1], number]>([
    ['for the first time when half of its rows can be answered', {}, undefined, 200],
    ['when half of its rows are answered at the pace since the last check', {}, { looked_at: 0, answered: 0 }, 200],
    ['later if others use the quota too', { answered: 500 }, { looked_at: 0, answered: 0 }, 400],
    ['after half an hour at most if any row is answered', { answered: 1 }, { looked_at: 0, answered: 0 }, 1_800],
    ['as if at full pace if it had run dry', { outstandingBefore: 0 }, { looked_at: -1_000_000, answered: 0 }, 200],
    ['after a third of the time without an answer', {}, { looked_at: 170_000, answered: 1_000 }, 10],
    [
      'after a third of the whole time since it stalled',
      {},
      { looked_at: 170_000, answered: 1_000, stalled_at: 50_000 },
      50,
    ],
    [
      'after a third of that time, too, if fewer rows are answered than before',
      { answered: 999 },
      { looked_at: 170_000, answered: 1_000 },
      10,
    ],
    ['after two seconds at least', { outstanding: 0 }, undefined, 2],
    [
      'after two seconds if half of its rows are answered already',
      { outstanding: 1_000 },
      { looked_at: 0, answered: 0 },
      2,
    ],
    ['as if for the first time if the last check has the same time', {}, { looked_at: 200_000, answered: 0 }, 200],
    [
      'as if for the first time if the last check is in the future, because another clock is ahead',
      {},
      { looked_at: 300_000, answered: 0 },
      200,
    ],
    ['at the pace of all its answers, if the last check recorded no number of answers', {}, { looked_at: 0 }, 200],
    [
      'at its pace if a tenth of the bound was outstanding',
      { outstandingBefore: 200 },
      { looked_at: -200_000, answered: 0 },
      400,
    ],
    [
      'as if at full pace if less than a tenth of the bound was outstanding',
      { outstandingBefore: 199 },
      { looked_at: -200_000, answered: 0 },
      200,
    ],
    ['sooner if it was faster than the quota', { outstandingBefore: 0 }, { looked_at: 100_000, answered: 0 }, 100],
    ['in whole milliseconds', { answered: 700 }, { looked_at: 0, answered: 0 }, 285.715],
  ])('%s', (_what, changes, last, waitSeconds) => {
    const region = { ...full, ...changes, callsPerSecond: 5 };
    expect((nextCheck(region, last, random).checkMs - region.nowMs) / 1000).toBe(waitSeconds);
  });
});

test.each<[string, Parameters<typeof nextCheck>[1], number | undefined]>([
  ['not known at the first check', undefined, undefined],
  ['not known while rows are answered', { looked_at: 0, answered: 999 }, undefined],
  ['the last check after which no row was answered', { looked_at: 170_000, answered: 1_000 }, 170_000],
  ['the known time, if it stalled earlier', { looked_at: 170_000, answered: 1_000, stalled_at: 50_000 }, 50_000],
])('the time since which a full region has stalled is %s', (_when, last, stalledAtMs) => {
  expect(nextCheck({ ...full, callsPerSecond: 5 }, last, random).stalledAtMs).toBe(stalledAtMs);
});

describe('a wait that saves receives', () => {
  const budget = { passesNeeded: 4, nowMs: 1_000, untilMs: 101_000 };
  test.each<[string, object, number]>([
    ['is not stretched with 41 receives to spare', { receiveCount: 74 }, 2_000],
    ['is a fortieth of the time with 40 receives to spare', { receiveCount: 75 }, 1_000 + 2_500],
    [
      'is a twentieth of the time with 20 receives to spare, if 20 are reserved',
      { receiveCount: 95, reserved: 20 },
      1_000 + 5_000,
    ],
    ['is not stretched with 21 receives to spare, if 20 are reserved', { receiveCount: 94, reserved: 20 }, 2_000],
    ['lasts until the end with one receive to spare', { receiveCount: 114 }, 101_000],
    ['lasts until the end without a receive to spare', { receiveCount: 119 }, 101_000],
    ['has whole milliseconds', { receiveCount: 112 }, 1_000 + 33_334],
    ['is not stretched if it is longer anyway', { receiveCount: 75, untilMs: 30_000 }, 2_000],
    ['is not stretched if the end is past', { receiveCount: 114, untilMs: 0 }, 2_000],
  ])('%s', (_when, changes, untilMs) => {
    expect(stretch(2_000, { ...budget, receiveCount: 0, ...changes })).toBe(untilMs);
  });
});

describe('a full lane is checked again', () => {
  test.each([
    ['every five minutes', 0, 5],
    ['after five minutes if the job is two and a half hours old', 150, 5],
    ['after a thirtieth of the age of an older job', 600, 20],
    ['after half an hour at most', 3_000, 30],
  ])('%s', (_when, ageMinutes, waitMinutes) => {
    const nowMs = ageMinutes * MINUTE_MS;
    expect((nextLaneCheck({ nowMs, startedAtMs: 0 }) - nowMs) / MINUTE_MS).toBe(waitMinutes);
  });

  test('about a hundred times on the first day', () => {
    let [nowMs, checks] = [0, 0];
    for (; nowMs < DAY_MS; checks++) nowMs = nextLaneCheck({ nowMs, startedAtMs: 0 });
    expect(checks).toBeLessThanOrEqual(103);
  });
});

/** Plays the passes of a job in one region. @param rateAt how many rooms the region creates a second at a moment */
function passesOf(rows: number, limit: number, rateAt: (atMs: number) => number) {
  let [nowMs, sent, answered, passes] = [0, 0, 0, 0];
  let last: { looked_at?: number; answered?: number; stalled_at?: number } | undefined;
  while (sent < rows && nowMs < DAY_MS) {
    passes += 1;
    const before = sent - answered;
    sent = Math.min(rows, answered + limit);
    const region = {
      outstanding: sent - answered,
      outstandingBefore: before,
      answered,
      limit,
      nowMs,
      callsPerSecond: 5,
    };
    const { checkMs, stalledAtMs } = nextCheck(region, last, random);
    last = { looked_at: nowMs, answered, ...(stalledAtMs !== undefined && { stalled_at: stalledAtMs }) };
    const passesNeeded = Math.ceil((rows - sent) / (limit / 2));
    const untilMs = Math.min(DAY_MS, stretch(checkMs, { receiveCount: passes, passesNeeded, nowMs, untilMs: DAY_MS }));
    for (; nowMs < untilMs; nowMs += 1_000) answered = Math.min(sent, answered + rateAt(nowMs));
  }
  return { passes, hours: nowMs / 3_600_000, sent };
}

test('a failure that recurs after every progress leaves a receive for parking the notice', () => {
  const untilMs = 3 * DAY_MS;
  let [nowMs, receiveCount] = [0, 1];
  for (; nowMs < untilMs; receiveCount++)
    nowMs = stretch(nowMs + 2_000, { receiveCount, passesNeeded: 1, nowMs, untilMs });
  expect(receiveCount).toBeLessThan(MAX_RECEIVES.manifests);
});

describe('the receives suffice for a job of 50,000 rows in one region', () => {
  const inMinutes = (atMs: number) => Math.floor(atMs / MINUTE_MS);
  test.each<[string, number, (atMs: number) => number]>([
    ['at full pace', 2_000, () => 5],
    ['at the lowest bound', 1_500, () => 5],
    ['at half the pace', 2_000, () => 2.5],
    ['at a tenth of the pace, so that it does not end within the day', 1_500, () => 0.5],
    ['that is closed for the whole day', 1_500, () => 0],
    ['that is closed for six hours', 1_500, (atMs) => (inMinutes(atMs) < 360 ? 0 : 5)],
    ['that is closed every other hour', 1_500, (atMs) => (inMinutes(atMs) % 120 < 60 ? 0 : 5)],
    ['that is closed for nine minutes of ten', 1_500, (atMs) => (inMinutes(atMs) % 10 < 9 ? 0 : 5)],
  ])('%s', (_what, limit, rateAt) => {
    const { passes } = passesOf(50_000, limit, rateAt);
    // Two more passes: one sends the remaining rows after the day, and one finds nothing to do.
    expect(passes + 2).toBeLessThanOrEqual(MAX_RECEIVES.manifests);
  });

  test('and the region never runs dry at full pace', () => {
    expect(passesOf(50_000, 2_000, () => 5).hours).toBeLessThanOrEqual(50_000 / 5 / 3_600);
    expect(passesOf(50_000, 2_000, () => 5).passes).toBeLessThanOrEqual(50);
  });
});
