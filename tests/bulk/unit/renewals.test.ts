import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nextLaneCheck, stretch } from '../../../lib/bulk/next-check.ts';
import { MAX_RENEWALS, type NoticeDelivery, reservedReceives, shouldRenew } from '../../../lib/bulk/notice-delivery.ts';
import { MAX_DELAY_MS } from '../../../lib/bulk/renew-notice.ts';
import type { IncomingRecord } from '../../../lib/platform/incoming-record.ts';
import { MAX_RECEIVES, PARKED_AFTER_MS } from '../../../lib/platform/retention.ts';
import { retryAtMs } from '../../../lib/platform/wait-or-park.ts';
import { shareOfAgeMs } from '../../../lib/platform/waits.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** With the lowest bound of 1,500 rows, half of it takes 150 seconds, and 50,000 rows take 67 passes. */
const PASS_MS = 150_000;
const PASSES = 67;
/** The jitter that makes waits as short as possible. */
const random = () => 0.999_999;

type Weather = 'well' | 'closed' | 'lane-full' | 'outage' | 'interrupted';

/**
 * Plays a job under alternating conditions (`weathers`), each of which lasts a number of hours.
 * @returns the most receives of one message, the renewals and the longest wait
 */
function live(weathers: readonly (readonly [Weather, hours: number])[]) {
  const timeline = weathers.flatMap(([weather, hours]) => Array<Weather>(Math.ceil(hours * 60)).fill(weather));
  const at = (ms: number) => timeline[Math.floor(ms / 60_000) % timeline.length] ?? 'well';
  let delivery: NoticeDelivery = { receiveCount: 0, renewals: 0, sentAtMs: 0 };
  let [nowMs, progressedAtMs, passes, mostReceives, longestMs] = [0, 0, 0, 0, 0];
  let stalledAtMs: number | undefined;
  while (nowMs < DAY && passes < PASSES) {
    const { receiveCount, renewals, sentAtMs } = delivery;
    delivery = { ...delivery, receiveCount: receiveCount + 1 };
    mostReceives = Math.max(mostReceives, delivery.receiveCount);
    const weather = at(nowMs);
    const record = { attributes: { SentTimestamp: sentAtMs } } as IncomingRecord;
    let checkMs: number;
    if (weather === 'interrupted') progressedAtMs = nowMs;
    if (weather === 'outage' || weather === 'interrupted')
      checkMs = retryAtMs(record, { nowMs, random, progressedAtMs });
    else if (weather === 'lane-full') checkMs = nextLaneCheck({ nowMs, startedAtMs: 0 });
    else if (weather === 'closed') {
      stalledAtMs ??= nowMs;
      checkMs = nowMs + shareOfAgeMs(nowMs - stalledAtMs, random);
    } else {
      passes += 1;
      stalledAtMs = undefined;
      checkMs = nowMs + PASS_MS;
    }
    const isHeld = weather !== 'outage' && weather !== 'interrupted';
    const budget = { receiveCount: delivery.receiveCount, nowMs };
    if (weather !== 'outage' && shouldRenew(delivery, isHeld ? 'held' : 'interrupted', nowMs)) {
      delivery = { receiveCount: 0, renewals: renewals + 1, sentAtMs: nowMs };
      checkMs = Math.min(checkMs, nowMs + MAX_DELAY_MS);
    } else if (!isHeld)
      checkMs = stretch(checkMs, {
        ...budget,
        passesNeeded: 1,
        untilMs: sentAtMs + PARKED_AFTER_MS.manifests,
        reserved: reservedReceives(delivery),
      });
    else if (renewals === MAX_RENEWALS)
      checkMs = stretch(checkMs, { ...budget, passesNeeded: PASSES - passes, untilMs: DAY });
    if (isHeld) progressedAtMs = checkMs;
    longestMs = Math.max(longestMs, checkMs - nowMs);
    nowMs = checkMs;
  }
  return { mostReceives, renewals: delivery.renewals, longestMs };
}

describe('ten renewals and the receives of eleven messages suffice for the day of a job', () => {
  test.each<[string, Parameters<typeof live>[0]]>([
    ['in a region that is closed all day', [['closed', 24]]],
    ['with a full lane all day', [['lane-full', 24]]],
    [
      'with an outage of twenty hours',
      [
        ['well', 1],
        ['outage', 20],
        ['well', 3],
      ],
    ],
    [
      'with an outage of twenty hours after a closed region',
      [
        ['well', 0.5],
        ['closed', 3],
        ['outage', 20],
        ['well', 0.5],
      ],
    ],
    [
      'in a closed region, with an outage of S3 every other hour',
      [
        ['closed', 1],
        ['outage', 1],
      ],
    ],
    [
      'with a full lane, and an outage of S3 every other hour',
      [
        ['lane-full', 1],
        ['outage', 1],
      ],
    ],
    [
      'in a region that closes repeatedly',
      [
        ['closed', 1],
        ['well', 0.1],
        ['closed', 0.9],
      ],
    ],
    [
      'in a closed region, then with a full lane, then with an outage of S3',
      [
        ['closed', 1],
        ['lane-full', 1],
        ['outage', 1],
      ],
    ],
    [
      'with calls that fail after some rows, for a quarter of an hour',
      [
        ['well', 0.2],
        ['interrupted', 0.25],
        ['well', 24],
      ],
    ],
  ])('%s', (_what, weathers) => {
    const { mostReceives, renewals, longestMs } = live(weathers);
    expect(renewals).toBeLessThanOrEqual(MAX_RENEWALS);
    expect(mostReceives).toBeLessThanOrEqual(MAX_RECEIVES.manifests);
    // No wait was stretched to save receives.
    expect(longestMs).toBeLessThanOrEqual(HOUR);
  });

  test('under any sequence of conditions that last for hours each', () => {
    const weather = fc.constantFrom<Weather>('well', 'closed', 'lane-full', 'outage');
    const weathers = fc.array(fc.tuple(weather, fc.integer({ min: 1, max: 24 })), { minLength: 1, maxLength: 24 });
    fc.assert(
      fc.property(weathers, (played) => {
        const { renewals, longestMs } = live(played);
        expect(renewals).toBeLessThanOrEqual(MAX_RENEWALS);
        expect(longestMs).toBeLessThanOrEqual(HOUR);
      }),
      { numRuns: 300 },
    );
  });
});

test('under any conditions, no message is received more often than its queue allows', () => {
  const weather = fc.constantFrom<Weather>('well', 'closed', 'lane-full', 'outage', 'interrupted');
  const hours = fc.double({ min: 0.01, max: 24, noNaN: true });
  fc.assert(
    fc.property(fc.array(fc.tuple(weather, hours), { minLength: 1, maxLength: 12 }), (played) => {
      const { mostReceives, renewals } = live(played);
      expect(mostReceives).toBeLessThanOrEqual(MAX_RECEIVES.manifests);
      expect(renewals).toBeLessThanOrEqual(MAX_RENEWALS);
    }),
    { numRuns: 300 },
  );
});

describe('a notice', () => {
  test.each<[string, NoticeDelivery, 'held' | 'interrupted', boolean]>([
    ['is not sent again while its receives last', { receiveCount: 44, renewals: 0, sentAtMs: 0 }, 'held', false],
    [
      'is sent again early enough for an outage of twenty hours',
      { receiveCount: 45, renewals: 9, sentAtMs: 0 },
      'held',
      true,
    ],
    [
      'is not sent again as early after an interrupted pass',
      { receiveCount: 97, renewals: 0, sentAtMs: 0 },
      'interrupted',
      false,
    ],
    [
      'is sent again after an interrupted pass when few receives are left',
      { receiveCount: 98, renewals: 9, sentAtMs: 0 },
      'interrupted',
      true,
    ],
    [
      'is not sent again before it is two days old',
      { receiveCount: 1, renewals: 0, sentAtMs: -47 * HOUR },
      'held',
      false,
    ],
    ['is not sent again at exactly two days', { receiveCount: 1, renewals: 0, sentAtMs: -48 * HOUR }, 'held', false],
    [
      'is sent again once it is older than two days',
      { receiveCount: 1, renewals: 0, sentAtMs: -48 * HOUR - 1 },
      'held',
      true,
    ],
    [
      'is sent again at that age if its pass was interrupted, too',
      { receiveCount: 1, renewals: 0, sentAtMs: -49 * HOUR },
      'interrupted',
      true,
    ],
    ['is not sent again more than ten times', { receiveCount: 119, renewals: 10, sentAtMs: -49 * HOUR }, 'held', false],
  ])('%s', (_when, delivery, pass, isRenewed) => {
    expect(shouldRenew(delivery, pass, 0)).toBe(isRenewed);
  });
});

test.each([
  [9, 20],
  [10, 40],
])('of a notice that was sent again %i times, %i receives are reserved', (renewals, reserved) => {
  expect(reservedReceives({ receiveCount: 1, renewals, sentAtMs: 0 })).toBe(reserved);
});
