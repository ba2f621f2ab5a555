import { Readable } from 'node:stream';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SchedulerClient } from '@aws-sdk/client-scheduler';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Context } from 'aws-lambda';
import { createTables, ENVIRONMENT } from '../../bench/live-events/deployed.ts';
import { inProcess } from '../../bench/live-events/in-process-client.ts';
import { openDynamoDb } from '../../emulator/dynamodb/dynamodb.ts';
import { createScheduler } from '../../emulator/scheduler/scheduler.ts';
import { createReaderItems } from '../../lib/bulk/reader-item.ts';
import { startBulkJobs } from '../../lib/bulk/start-bulk-jobs.ts';
import { createLiveEventServices } from '../../lib/live-events/live-event-services.ts';
import { scheduleLiveEvents } from '../../lib/live-events/schedule-live-events.ts';
import { readLiveEventConfig } from '../../lib/platform/live-event-config.ts';
import type { Log } from '../../lib/platform/log.ts';
import { readBulkConfig } from '../../lib/platform/roster-config.ts';
import { createRosterServices } from '../../lib/rosters/roster-services.ts';
import { createLoneClock } from '../../simulation/lone-clock.ts';
import { createMemoryMessaging } from '../../simulation/memory-messaging.ts';
import { silentQueueMeter } from '../../simulation/silent-meter.ts';
import { unverifiedSigner } from '../../simulation/unverified-signer.ts';
import { createVirtualClock } from '../../simulation/virtual-clock.ts';
import { deliverUntilGone, type Ending } from './waiting-messages.ts';

export const START_MS = Date.parse('2026-12-01T00:00:00Z');
export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
/** These settings are in infrastructure/queues.yml and live-events.yml. */
const MANIFESTS = { visibilityTimeoutMs: 720_000, maxReceiveCount: 119, retentionMs: 5 * DAY_MS };
const OTHERS = { visibilityTimeoutMs: 360_000, maxReceiveCount: 239, retentionMs: 10 * DAY_MS };
export const MANIFEST = 'key\nhall-1\nhall-2\n';
/** The lowest value that a deployment accepts. */
export const LANE_STOP = 1_000;

type Service = 'dynamodb' | 's3' | 'scheduler' | 'sns' | 'sqs';
export type WaitingRosters = Awaited<ReturnType<typeof openWaitingRosters>>;

/** The real handlers of manifests and live events on services in this process, each of which can have an outage. */
export async function openWaitingRosters() {
  const time = createVirtualClock(START_MS);
  let outage: { service: Service; call: RegExp; fromMs: number; untilMs: number } | undefined;
  let others: { ids: ReadonlySet<string>; untilMs: number } | undefined;
  const dynamodb = await openDynamoDb(undefined, time.nowMs);
  const messaging = createMemoryMessaging(time.nowMs, (name) => (name === 'manifests' ? MANIFESTS : OTHERS));
  const { queue } = messaging;
  const scheduler = createScheduler({
    now: time.nowMs,
    random: () => 0.5,
    accountId: '000000000000',
    send: async () => undefined,
  });

  function check(service: Service, call = ''): void {
    const nowMs = time.nowMs();
    if (others && nowMs >= others.untilMs) queue('bulk').remove(others.ids);
    if (outage?.service !== service || !outage.call.test(call) || nowMs < outage.fromMs || nowMs >= outage.untilMs)
      return;
    time.pass(3_000);
    throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  }
  const through = (service: Service, handle: Parameters<typeof inProcess>[0]) =>
    inProcess(handle, async (call, send) => {
      check(service, call);
      return send();
    }) as object;
  const manifestHandler = {
    async handle() {
      check('s3');
      const headers = { 'content-length': String(MANIFEST.length), etag: '"tag"' };
      return { response: { statusCode: 200, headers, body: Readable.from([Buffer.from(MANIFEST)]) } };
    },
  };
  const clients = {
    dynamodb: new DynamoDBClient(through('dynamodb', dynamodb.handle)),
    scheduler: new SchedulerClient(through('scheduler', scheduler.handle)),
    sqs: new SQSClient(through('sqs', async (request) => messaging.sqs(request))),
    sns: new SNSClient(through('sns', async (request) => messaging.sns(request))),
    s3: new S3Client({
      region: 'eu-west-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 's' },
      signer: unverifiedSigner('a'),
      maxAttempts: 1,
      requestHandler: manifestHandler as object,
    }),
  };
  await createTables(clients.dynamodb);
  const ignore = () => undefined;
  const platform = {
    clients,
    clock: createLoneClock(time, { longestMs: 5_000, movesTime: false }),
    random: () => 0.5,
    log: { debug: ignore, info: ignore, warn: ignore, error: ignore } as unknown as Log,
    meter: silentQueueMeter,
  };
  const url = (name: string) => `https://sqs.eu-west-1.amazonaws.com/000000000000/${name}`;
  const environment = {
    ...ENVIRONMENT,
    GREENROOM_BULK_QUEUE_URL: url('bulk'),
    GREENROOM_MANIFEST_QUEUE_URL: url('manifests'),
    GREENROOM_OUTSTANDING_ROWS_PER_REGION: '2000',
    GREENROOM_LANE_STOP_MESSAGES: String(LANE_STOP),
  };
  const bulkConfig = readBulkConfig(environment);
  const bulk = {
    ...createRosterServices({ ...platform, config: bulkConfig }),
    config: bulkConfig,
    clients,
    readers: createReaderItems(clients.dynamodb, bulkConfig.rosterTable, bulkConfig.rosterRetentionSeconds),
  };
  const liveEvents = createLiveEventServices({ ...platform, config: readLiveEventConfig(environment) });

  function deliver(queueName: 'manifests' | 'live-events', body: string): Promise<Ending> {
    const context = { getRemainingTimeInMillis: () => 60_000 } as Context;
    const handle = (record: object) => {
      const event = { Records: [record] };
      return queueName === 'manifests'
        ? startBulkJobs(event, context, bulk)
        : scheduleLiveEvents(event, context, liveEvents);
    };
    return deliverUntilGone(queue(queueName).send(body), { queue: queue(queueName), queueName, time, handle });
  }

  return {
    /** Begins an outage of a service. @param call the calls that fail, by default all @param inMs when the outage begins */
    breakDown(service: Service, forMs: number, call = /^/, inMs = 0): void {
      const fromMs = time.nowMs() + inMs;
      outage = { service, call, fromMs, untilMs: fromMs + forMs };
    },
    /** Adds messages of other senders to the bulk lane for a time. Half of them are in flight. */
    fillLane(messages: number, forMs: number): void {
      const ids = Array.from({ length: messages }, () => queue('bulk').send('{}').id);
      queue('bulk').receive(messages / 2);
      others = { ids: new Set(ids), untilMs: time.nowMs() + forMs };
    },
    /** When the rows of the manifest were sent, in hours since the beginning, by their keys. */
    sentAtHours: () =>
      Object.fromEntries(
        queue('bulk')
          .messages()
          .filter(({ body }) => body !== '{}')
          .map(({ body, sentAtMs }) => [JSON.parse(body).idempotencyKey, (sentAtMs - START_MS) / HOUR_MS]),
      ),
    bodies: (queueName: string) =>
      queue(queueName)
        .messages()
        .map(({ body }) => JSON.parse(body)),
    notes: () => messaging.parked.map(({ note }) => JSON.parse(note)),
    deliver,
    schedules: () => scheduler.nextDueMs(),
    async close(): Promise<void> {
      await scheduler.close();
      await dynamodb.close();
    },
  };
}
