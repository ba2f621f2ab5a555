import { Readable } from 'node:stream';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SchedulerClient } from '@aws-sdk/client-scheduler';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Context } from 'aws-lambda';
import { createTables, ENVIRONMENT, QUEUE_ARN } from '../../bench/live-events/deployed.ts';
import { inProcess } from '../../bench/live-events/in-process-client.ts';
import { createVirtualQueues } from '../../bench/live-events/virtual-queues.ts';
import { readLiveEventConfig } from '../../lib/platform/live-event-config.ts';
import type { Log } from '../../lib/platform/log.ts';
import { readBulkConfig } from '../../lib/platform/roster-config.ts';
import type { IncomingRecord } from '../../lib/provisioning/incoming-record.ts';
import { createReaderItems } from '../../lib/rosters/bulk/reader-item.ts';
import { startBulkJobs } from '../../lib/rosters/bulk/start-bulk-jobs.ts';
import { createLiveEventServices } from '../../lib/rosters/live-events/live-event-services.ts';
import { scheduleLiveEvents } from '../../lib/rosters/live-events/schedule-live-events.ts';
import { createRosterServices } from '../../lib/rosters/roster-services.ts';
import { openDynamoDb } from '../../local/dynamodb/dynamodb.ts';
import { createScheduler } from '../../local/scheduler/scheduler.ts';
import { deliverUntilGone, type Ending } from '../support/waiting-messages.ts';

const START_MS = Date.parse('2026-12-01T00:00:00Z');
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MANIFESTS = { visibilityTimeoutMs: 720_000, maxReceiveCount: 119, retentionMs: 5 * DAY_MS };
const LIVE_EVENTS = { visibilityTimeoutMs: 360_000, maxReceiveCount: 239, retentionMs: 10 * DAY_MS };
const MANIFEST = 'key\nhall-1\nhall-2\n';

type Service = 'dynamodb' | 's3' | 'scheduler' | 'sns' | 'sqs';
type World = Awaited<ReturnType<typeof openWorld>>;

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

/** The real handlers of manifests and live events on services in this process, any of which can be out of order. */
async function openWorld() {
  let nowMs = START_MS;
  let outage: { service: Service; untilMs: number } | undefined;
  const now = () => nowMs;
  const dynamodb = await openDynamoDb(undefined, now);
  const queues = createVirtualQueues(now, 360_000);
  const scheduler = createScheduler({ now, random: () => 0.5, accountId: '000000000000', send: async () => undefined });

  function check(service: Service): void {
    if (outage?.service !== service || nowMs >= outage.untilMs) return;
    nowMs += 3_000;
    throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  }
  const through = (service: Service, handle: Parameters<typeof inProcess>[0]) =>
    inProcess(handle, (_call, send) => Promise.resolve(check(service)).then(send)) as object;
  const manifestHandler = {
    async handle() {
      check('s3');
      const headers = { 'content-length': String(MANIFEST.length), etag: '"tag"' };
      return { response: { statusCode: 200, headers, body: Readable.from([Buffer.from(MANIFEST)]) } };
    },
  };
  const xml =
    '<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>m</MessageId></PublishResult></PublishResponse>';
  const clients = {
    dynamodb: new DynamoDBClient(through('dynamodb', dynamodb.handle)),
    scheduler: new SchedulerClient(through('scheduler', scheduler.handle)),
    sqs: new SQSClient(through('sqs', async (request) => queues.handle(request))),
    sns: new SNSClient(
      through('sns', async () => ({ status: 200, headers: { 'content-type': 'text/xml' }, body: xml })),
    ),
    s3: new S3Client({
      region: 'eu-west-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 's' },
      maxAttempts: 1,
      requestHandler: manifestHandler as object,
    }),
  };
  await createTables(clients.dynamodb);
  const ignore = () => undefined;
  const platform = {
    clients,
    clock: {
      nowMs: now,
      // Short waits are over at once; long ones only end by an abort.
      sleep: (ms: number, signal: AbortSignal) =>
        new Promise<void>((resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason), { once: true });
          if (ms <= 5_000) resolve();
        }),
    },
    random: () => 0.5,
    log: { debug: ignore, info: ignore, warn: ignore, error: ignore } as unknown as Log,
  };
  const url = (name: string) => `https://sqs.eu-west-1.amazonaws.com/000000000000/${name}`;
  const environment = {
    ...ENVIRONMENT,
    GREENROOM_BULK_QUEUE_URL: url('bulk'),
    GREENROOM_MANIFEST_QUEUE_URL: url('manifests'),
    GREENROOM_OUTSTANDING_ROWS_PER_REGION: '2000',
    GREENROOM_LANE_STOP_MESSAGES: '80000',
  };
  const bulkConfig = readBulkConfig(environment);
  const bulk = {
    ...createRosterServices({ ...platform, config: bulkConfig }),
    config: bulkConfig,
    clients,
    readers: createReaderItems(clients.dynamodb, bulkConfig.rosterTable, bulkConfig.rosterRetentionSeconds),
  };
  const liveEvents = createLiveEventServices({ ...platform, config: readLiveEventConfig(environment) });

  /** @param queueName `manifests` or `live-events` */
  function deliver(queueName: string, body: string): Promise<Ending> {
    queues.send(queueName, body);
    const [{ id } = { id: '' }] = queues.messages(queueName);
    const message = {
      messageId: id,
      receiptHandle: id,
      body,
      messageAttributes: {},
      eventSourceARN: QUEUE_ARN + queueName,
    };
    const context = { getRemainingTimeInMillis: () => 60_000 } as Context;
    const hidden = () => queues.messages(queueName).find((each) => each.id === id)?.visibleAtMs;
    let before: number | undefined;
    return deliverUntilGone(
      message,
      {
        nowMs: now,
        pass: (ms) => {
          nowMs += ms;
        },
        handle: (record: IncomingRecord) => {
          before = hidden();
          const event = { Records: [record] };
          return queueName === 'manifests'
            ? startBulkJobs(event, context, bulk)
            : scheduleLiveEvents(event, context, liveEvents);
        },
        hiddenMs: () => (hidden() === before ? undefined : (hidden() ?? nowMs) - nowMs),
      },
      queueName === 'manifests' ? MANIFESTS : LIVE_EVENTS,
    );
  }

  return {
    breakDown(service: Service, forMs: number): void {
      outage = { service, untilMs: nowMs + forMs };
    },
    bodies: (queueName: string) => queues.messages(queueName).map(({ body }) => JSON.parse(body)),
    notes: () => queues.messages('parked').map(({ attributes }) => JSON.parse(attributes['greenroom-parked'] ?? '{}')),
    deliver,
    schedules: () => scheduler.nextDueMs(),
    async close(): Promise<void> {
      await scheduler.close();
      await dynamodb.close();
    },
  };
}

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
])('after an outage of %s', (_length, lastsMs) => {
  test.each(['dynamodb', 's3', 'sqs'] as const)(
    'of %s a manifest is read, and its rooms are asked for',
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
    'of %s a live event is taken and has its schedules',
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

describe('two days before its queue would delete it', () => {
  test.each([
    ['a manifest', 'manifests', NOTICE, 3],
    ['a live event', 'live-events', EVENT, 8],
  ] as const)(
    '%s that still waits is parked: nothing is deleted, and nothing is called a dead letter',
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
