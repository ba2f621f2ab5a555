import { expect, test } from '@jest/globals';
import type { PublishedEvent } from '../../../console/api/published.ts';
import { laneKey, recentRooms, roomRates } from '../../../console/page/recent-rooms.ts';
import { failedCompletion, provisionedCompletion } from '../../../lib/contract/completion.ts';
import type { Region } from '../../../lib/contract/regions.ts';

const NOW_MS = Date.UTC(2026, 11, 18, 12);

interface Told {
  agoMs: number;
  region?: Region;
  lane?: string;
  /** The time between the decision and the arrival. */
  decidedBeforeMs?: number;
  isFailed?: boolean;
  /** Two completions with the same key are copies of one completion. */
  key?: string;
}

function published({
  agoMs,
  region = 'eu-west-1',
  lane = 'bulk',
  decidedBeforeMs = 100,
  isFailed,
  key = `${agoMs}`,
}: Told): PublishedEvent {
  const receivedAtMs = NOW_MS - agoMs;
  const time = new Date(receivedAtMs - decidedBeforeMs).toISOString();
  const decided = {
    ...{
      stage: 'local',
      idempotencyKey: key,
      tenant: 'default',
      region,
      claimId: 'c',
      generation: 0,
      payloadHash: key,
    },
    decidedAtMs: Date.parse(time),
  };
  const room = { arn: 'arn', id: 'id', createTime: time, updateTime: time };
  const event = isFailed
    ? failedCompletion({ ...decided, reason: 'refused', error: { name: 'E', message: 'm' }, retryable: false })
    : provisionedCompletion({ ...decided, outcome: 'created', late: false, room });
  return { number: 1, receivedAtMs, event, attributes: { lane } };
}

/** Five rooms a second for a minute, oldest first. */
const AT_THE_QUOTA = Array.from({ length: 300 }, (_, index) => published({ agoMs: 60_000 - index * 200 - 1 }));

test('the rate of an import at the quota is not shown above the quota', () => {
  const { created, byLane, perSecond } = recentRooms(AT_THE_QUOTA, NOW_MS);
  expect(created).toBe(300);
  expect(byLane.get(laneKey('eu-west-1', 'bulk'))).toBe(300);
  expect(perSecond.get('eu-west-1')).toBe(5);
  const rates = roomRates(AT_THE_QUOTA, NOW_MS);
  expect(rates.byRegion.get('eu-west-1')?.slice(-12)).toEqual(Array.from({ length: 12 }, () => expect.closeTo(5)));
});

test('a single room is counted once', () => {
  const { perSecond } = recentRooms([published({ agoMs: 2_000 })], NOW_MS);
  expect(perSecond.get('eu-west-1')).toBeCloseTo(1 / 30);
});

test('replays, failures and older outcomes are not new rooms', () => {
  const told: Told[] = [
    { agoMs: 61_000 },
    { agoMs: 5_000, decidedBeforeMs: 3_600_000 },
    { agoMs: 1_000, isFailed: true },
  ];
  const recent = recentRooms(told.map(published), NOW_MS);
  expect(recent).toMatchObject({ created: 0, failed: 1 });
  expect([...recent.perSecond]).toEqual([]);
});

test('copies of a completion count as one room, in the interval of the first copy', () => {
  const copies = [
    published({ agoMs: 9_000, key: 'one' }),
    published({ agoMs: 1_000, key: 'one', decidedBeforeMs: 8_100 }),
  ];
  expect(recentRooms(copies, NOW_MS).created).toBe(1);
  expect(roomRates(copies, NOW_MS).byRegion.get('eu-west-1')?.slice(-2)).toEqual([expect.closeTo(0.2), 0]);
  // Control: two keys count as two rooms.
  expect(recentRooms([published({ agoMs: 9_000 }), published({ agoMs: 1_000 })], NOW_MS).created).toBe(2);
});

test('an interval is shown only when it has ended', () => {
  const rates = roomRates([published({ agoMs: 1_000 })], NOW_MS + 2_000);
  expect(rates.timesMs.at(-1)).toBe(NOW_MS);
  expect(rates.byRegion.get('eu-west-1')?.at(-1)).toBeCloseTo(0.2);
  // Control: a room of the current interval is not shown yet.
  expect([...roomRates([published({ agoMs: -1_000 })], NOW_MS + 2_000).byRegion]).toEqual([]);
});
