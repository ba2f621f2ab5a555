import { describe, expect, test } from '@jest/globals';
import { IncompleteEventError } from '../../../lib/live-events/attempts.ts';
import { comesBackAtMs, knowingMoments } from '../../../lib/live-events/come-back.ts';
import type { Postponed } from '../../../lib/live-events/live-event-outcome.ts';
import type { IncomingRecord } from '../../../lib/platform/incoming-record.ts';
import { cancelled, MINUTE_MS, NOW_MS, pending } from './items.ts';

const SECOND_MS = 1_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const FAR_MS = 100 * DAY_MS;
const services = { clock: { nowMs: () => NOW_MS, sleep: async () => undefined }, random: () => 0 };

/** A message that was first received so long ago. Without jitter, what failed is tried again after a third of that. */
const record = ({ ageMs = 30 * SECOND_MS, receives = 1 } = {}): IncomingRecord => ({
  messageId: 'm',
  receiptHandle: 'r',
  body: '{}',
  attributes: {
    ApproximateReceiveCount: receives,
    SentTimestamp: NOW_MS - ageMs,
    ApproximateFirstReceiveTimestamp: NOW_MS - ageMs,
  },
  messageAttributes: {},
  eventSourceARN: 'arn:aws:sqs:eu-west-1:000000000000:live-events',
});

/** The moments of an event whose next one, its check, comes after so long. */
const checkIn = (ms: number) => ({
  opensAtMs: NOW_MS - MINUTE_MS,
  checkAtMs: NOW_MS + ms,
  startsAtMs: NOW_MS + ms + 10 * MINUTE_MS,
});

const failed = { reason: 'failed', untilMs: NOW_MS } as const;
const turn = { reason: 'not-its-turn', untilMs: NOW_MS + 5 * MINUTE_MS } as const;
const cause = new Error('out of order');

describe('a message comes back', () => {
  test.each<[string, Omit<Postponed, 'kind'>, Parameters<typeof record>[0], number]>([
    ['when what it waits for has come', turn, {}, 5 * MINUTE_MS],
    ['at that time also if a moment comes soon after', { ...turn, moments: checkIn(5 * MINUTE_MS) }, {}, 5 * MINUTE_MS],
    [
      'at the latest ten seconds after the next moment of its event',
      { ...turn, moments: checkIn(MINUTE_MS) },
      {},
      MINUTE_MS + 10 * SECOND_MS,
    ],
    ['after a failure, after a third of its age', failed, {}, 10 * SECOND_MS],
    ['then whatever it waits for', { ...failed, untilMs: NOW_MS + FAR_MS }, {}, 10 * SECOND_MS],
    [
      'after a failure, at the latest halfway to the next moment',
      { ...failed, moments: checkIn(10 * MINUTE_MS) },
      { ageMs: 60 * MINUTE_MS },
      5 * MINUTE_MS,
    ],
    [
      'after a failure, not later than that moment and ten seconds',
      { ...failed, moments: checkIn(30 * SECOND_MS) },
      { ageMs: 60 * MINUTE_MS },
      40 * SECOND_MS,
    ],
    [
      'after its event has changed, as after a failure',
      { reason: 'changed', untilMs: NOW_MS + FAR_MS },
      {},
      10 * SECOND_MS,
    ],
    ['from a wait that has no end, as after a failure', { ...turn, isEndless: true }, {}, 10 * SECOND_MS],
    ['for what failed, before its turn comes', { ...turn, cause }, {}, 10 * SECOND_MS],
    ['for its turn, before it tries again what failed', { ...turn, cause }, { ageMs: 60 * MINUTE_MS }, 5 * MINUTE_MS],
    [
      'less often when few receives are left until it is parked',
      failed,
      { ageMs: DAY_MS, receives: 230 },
      // Seven days for seven receives, without those for parking it.
      DAY_MS,
    ],
    [
      'even then halfway to the next moment',
      { ...failed, moments: checkIn(60 * MINUTE_MS) },
      { ageMs: DAY_MS, receives: 230 },
      30 * MINUTE_MS,
    ],
  ])('%s', (_when, postponed, age, expectedMs) => {
    expect(comesBackAtMs({ kind: 'postponed', ...postponed }, record(age), services) - NOW_MS).toBe(expectedMs);
  });
});

describe('the moments of an event', () => {
  const item = pending();
  const moments = { startsAtMs: item.starts_at, opensAtMs: item.opens_at, checkAtMs: item.check_at };

  test('go with a postponed outcome', async () => {
    const postponed = { kind: 'postponed', reason: 'changed', untilMs: NOW_MS } as const;
    expect(await knowingMoments(item, async () => postponed)).toEqual({ ...postponed, moments });
  });

  test('not if it has some of its own, nor with another outcome', async () => {
    const own = { kind: 'postponed', reason: 'changed', untilMs: NOW_MS, moments: checkIn(1) } as const;
    expect(await knowingMoments(item, async () => own)).toEqual(own);
    expect(await knowingMoments(item, async () => ({ kind: 'opened' }))).toEqual({ kind: 'opened' });
  });

  test('go with a failure', async () => {
    const failing = knowingMoments(item, () => Promise.reject(cause));
    await expect(failing).rejects.toMatchObject({ name: 'IncompleteEventError', failures: [cause], moments });
  });

  test('go with all failures of several steps', async () => {
    const failing = knowingMoments(item, () => Promise.reject(new IncompleteEventError([cause, 'another'])));
    await expect(failing).rejects.toMatchObject({ failures: [cause, 'another'], moments });
  });

  test('are none for a cancelled event', async () => {
    const failing = knowingMoments(cancelled(), () => Promise.reject(cause));
    await expect(failing).rejects.toMatchObject({ failures: [cause], moments: undefined });
  });
});
