import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { QUEUE_ARN } from '../../../bench/live-events/deployed.ts';
import {
  DAY_MS,
  HOUR_MS,
  LANE_STOP,
  MANIFEST,
  openWaitingRosters,
  START_MS,
  type WaitingRosters,
} from '../../support/waiting-rosters.ts';

let world: WaitingRosters;
beforeEach(async () => {
  world = await openWaitingRosters();
});
afterEach(() => world.close());

const NOTICE = JSON.stringify({
  Records: [
    {
      eventVersion: '2.1',
      eventSource: 'aws:s3',
      eventName: 'ObjectCreated:Put',
      s3: { bucket: { name: 'manifests' }, object: { key: 'manifests/rooms.csv', eTag: 'tag', size: MANIFEST.length } },
    },
  ],
});
const EVENT = JSON.stringify({
  type: 'Live Event Scheduled',
  liveEventId: 'final',
  revision: 1,
  startsAt: new Date(START_MS + 5 * DAY_MS).toISOString(),
  rooms: [{ key: 'a', room: {} }],
});

describe.each([
  ['an hour', HOUR_MS],
  ['twenty hours', 20 * HOUR_MS],
])('after an outage that lasts %s,', (_length, lastsMs) => {
  test.each(['dynamodb', 's3', 'sqs'] as const)(
    '(%s) a manifest is read, and its rooms are requested',
    async (service) => {
      world.breakDown(service, lastsMs);
      const ending = await world.deliver('manifests', NOTICE);
      expect(ending.kind).toBe('done');
      expect(ending.atMs - START_MS).toBeLessThan(lastsMs + 1.1 * HOUR_MS);
      expect(world.bodies('bulk').map(({ idempotencyKey }) => idempotencyKey)).toEqual(['hall-1', 'hall-2']);
      expect(world.notes()).toEqual([]);
    },
  );

  test.each(['dynamodb', 'scheduler'] as const)(
    '(%s) a live event is accepted, and its schedules are created',
    async (service) => {
      world.breakDown(service, lastsMs);
      const ending = await world.deliver('live-events', EVENT);
      expect(ending.kind).toBe('done');
      expect(ending.atMs - START_MS).toBeLessThan(lastsMs + 1.1 * HOUR_MS);
      expect(world.schedules()).toBeGreaterThan(ending.atMs);
      expect(world.notes()).toEqual([]);
    },
  );
});

// SQS delivers no more messages when about 120,000 are in flight, and long polling returns no error:
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html
describe('a manifest', () => {
  test('waits and sends nothing while the bulk lane is full, and continues afterwards', async () => {
    world.fillLane(LANE_STOP, 2 * HOUR_MS);
    const ending = await world.deliver('manifests', NOTICE);
    // The reader checks the lane every five minutes.
    expect(ending).toEqual({ kind: 'done', atMs: START_MS + 2 * HOUR_MS, receives: 25 });
    expect(world.sentAtHours()).toEqual({ 'hall-1': 2, 'hall-2': 2 });
    expect(world.notes()).toEqual([]);
  });

  test('takes a fifth of the free capacity of a nearly full lane, because there may be five readers', async () => {
    world.fillLane(LANE_STOP - 9, 2 * HOUR_MS);
    const ending = await world.deliver('manifests', NOTICE);
    expect(ending).toMatchObject({ kind: 'done', receives: 2 });
    expect(world.sentAtHours()).toEqual({ 'hall-1': 0, 'hall-2': 5 / 60 });
  });

  test('sends nothing and checks again as long as the fill level of the lane is unknown', async () => {
    world.breakDown('sqs', 20 * HOUR_MS, /^GetQueueAttributes/);
    const ending = await world.deliver('manifests', NOTICE);
    const sentAtHours = Object.values(world.sentAtHours());
    expect(sentAtHours).toHaveLength(2);
    for (const hours of sentAtHours) expect(hours).toBeGreaterThanOrEqual(20);
    expect(ending.kind).toBe('done');
    expect(ending.atMs - START_MS).toBeLessThan(21.1 * HOUR_MS);
    expect(ending.receives).toBeLessThan(50);
    expect(world.notes()).toEqual([]);
  });
});

describe('after a failure that lasts ten seconds,', () => {
  // Until then, the reader succeeds every five minutes.
  test.each([
    ['dynamodb', /^/],
    ['s3', /^/],
    ['sqs', /^(GetQueueAttributes|SendMessage)/],
  ] as const)(
    '(%s) a manifest that was read for two hours without failures is continued within a minute',
    async (service, calls) => {
      world.fillLane(LANE_STOP, 2 * HOUR_MS);
      world.breakDown(service, 10_000, calls, 2 * HOUR_MS - 1_000);
      const ending = await world.deliver('manifests', NOTICE);
      expect(ending.kind).toBe('done');
      expect(ending.atMs - START_MS).toBeGreaterThan(2 * HOUR_MS);
      expect(ending.atMs - START_MS).toBeLessThan(2 * HOUR_MS + 60_000);
      expect(Object.keys(world.sentAtHours())).toEqual(['hall-1', 'hall-2']);
    },
  );
});

describe('two days before its queue would delete it', () => {
  test.each([
    ['a manifest', 'manifests', NOTICE, 3],
    ['a live event', 'live-events', EVENT, 8],
  ] as const)(
    '%s that still waits is parked, and is neither deleted nor a dead letter',
    async (_what, queue, body, days) => {
      world.breakDown('dynamodb', 30 * DAY_MS);
      const ending = await world.deliver(queue, body);
      expect(ending.kind).toBe('done');
      expect(world.notes()).toEqual([
        expect.objectContaining({ reason: 'unfinished', sourceQueue: QUEUE_ARN + queue }),
      ]);
      expect((ending.atMs - START_MS) / DAY_MS).toBeGreaterThan(days);
      expect((ending.atMs - START_MS) / DAY_MS).toBeLessThan(days + 0.1);
    },
  );
});
