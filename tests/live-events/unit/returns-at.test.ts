import { describe, expect, test } from '@jest/globals';
import { IncompleteEventError } from '../../../lib/live-events/attempts.ts';
import type { Postponed } from '../../../lib/live-events/live-event-outcome.ts';
import { returnsAtMs, withTimes } from '../../../lib/live-events/returns-at.ts';
import type { IncomingRecord } from '../../../lib/platform/incoming-record.ts';
import { cancelled, MINUTE_MS, NOW_MS, pending } from './items.ts';

const SECOND_MS = 1_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const FAR_MS = 100 * DAY_MS;
const services = { clock: { nowMs: () => NOW_MS, sleep: async () => undefined }, random: () => 0 };

/** A message that was first received `ageMs` ago. Without jitter, a failure is tried again after a third of that time. */
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

/** The times of an event that is next due at its check, after `ms`. */
const checkIn = (ms: number) => ({
  opensAtMs: NOW_MS - MINUTE_MS,
  checkAtMs: NOW_MS + ms,
  startsAtMs: NOW_MS + ms + 10 * MINUTE_MS,
});

const failed = { reason: 'failed', untilMs: NOW_MS } as const;
const turn = { reason: 'not-its-turn', untilMs: NOW_MS + 5 * MINUTE_MS } as const;
const cause = new Error('out of order');

describe('a message returns', () => {
  test.each<[string, Omit<Postponed, 'kind'>, Parameters<typeof record>[0], number]>([
    ['when its turn comes', turn, {}, 5 * MINUTE_MS],
    [
      'when its turn comes, even if the next due time is soon after',
      { ...turn, times: checkIn(5 * MINUTE_MS) },
      {},
      5 * MINUTE_MS,
    ],
    [
      'no later than ten seconds after the next due time of its event',
      { ...turn, times: checkIn(MINUTE_MS) },
      {},
      MINUTE_MS + 10 * SECOND_MS,
    ],
    ['after a failure, after a third of its age', failed, {}, 10 * SECOND_MS],
    [
      'after a failure at that time, whatever it waits for',
      { ...failed, untilMs: NOW_MS + FAR_MS },
      {},
      10 * SECOND_MS,
    ],
    [
      'after a failure, no later than halfway to the next due time',
      { ...failed, times: checkIn(10 * MINUTE_MS) },
      { ageMs: 60 * MINUTE_MS },
      5 * MINUTE_MS,
    ],
    [
      'after a failure, no later than ten seconds after the next due time',
      { ...failed, times: checkIn(30 * SECOND_MS) },
      { ageMs: 60 * MINUTE_MS },
      40 * SECOND_MS,
    ],
    [
      'after its event has changed, at the same time as after a failure',
      { reason: 'changed', untilMs: NOW_MS + FAR_MS },
      {},
      10 * SECOND_MS,
    ],
    [
      'from a wait without an end, at the same time as after a failure',
      { ...turn, isEndless: true },
      {},
      10 * SECOND_MS,
    ],
    ['because of a failure, before its turn comes', { ...turn, cause }, {}, 10 * SECOND_MS],
    ['for its turn, before it repeats what failed', { ...turn, cause }, { ageMs: 60 * MINUTE_MS }, 5 * MINUTE_MS],
    [
      'later if few receives are left until it is parked',
      failed,
      { ageMs: DAY_MS, receives: 230 },
      // Seven days are left for seven receives, not counting those for parking the message.
      DAY_MS,
    ],
    [
      'halfway to the next due time even if few receives are left',
      { ...failed, times: checkIn(60 * MINUTE_MS) },
      { ageMs: DAY_MS, receives: 230 },
      30 * MINUTE_MS,
    ],
  ])('%s', (_when, postponed, age, expectedMs) => {
    expect(returnsAtMs({ kind: 'postponed', ...postponed }, record(age), services) - NOW_MS).toBe(expectedMs);
  });
});

describe('the times of an event', () => {
  const item = pending();
  const times = { startsAtMs: item.starts_at, opensAtMs: item.opens_at, checkAtMs: item.check_at };

  test('are added to a postponed outcome', async () => {
    const postponed = { kind: 'postponed', reason: 'changed', untilMs: NOW_MS } as const;
    expect(await withTimes(item, async () => postponed)).toEqual({ ...postponed, times });
  });

  test('are not added to an outcome that has its own times, nor to any other outcome', async () => {
    const own = { kind: 'postponed', reason: 'changed', untilMs: NOW_MS, times: checkIn(1) } as const;
    expect(await withTimes(item, async () => own)).toEqual(own);
    expect(await withTimes(item, async () => ({ kind: 'opened' }))).toEqual({ kind: 'opened' });
  });

  test('are added to a failure', async () => {
    const failing = withTimes(item, () => Promise.reject(cause));
    await expect(failing).rejects.toMatchObject({ name: 'IncompleteEventError', failures: [cause], times });
  });

  test('are added to all failures of several steps', async () => {
    const failing = withTimes(item, () => Promise.reject(new IncompleteEventError([cause, 'another'])));
    await expect(failing).rejects.toMatchObject({ failures: [cause, 'another'], times });
  });

  test('do not exist for a cancelled event', async () => {
    const failing = withTimes(cancelled(), () => Promise.reject(cause));
    await expect(failing).rejects.toMatchObject({ failures: [cause], times: undefined });
  });
});
