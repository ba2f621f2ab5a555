import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { openDynamoDb } from '../../emulator/dynamodb/dynamodb.ts';
import type { ServiceRequest, ServiceResponse } from '../../emulator/service.ts';
import { bulkJobId } from '../../lib/bulk/manifest-notice.ts';
import { createReaderItems } from '../../lib/bulk/reader-item.ts';
import { startBulkJobs } from '../../lib/bulk/start-bulk-jobs.ts';
import type { Log } from '../../lib/platform/log.ts';
import { MAX_RECEIVES } from '../../lib/platform/retention.ts';
import { type BulkConfig, readBulkConfig, readTrackingConfig } from '../../lib/platform/roster-config.ts';
import type { RosterMeta } from '../../lib/rosters/roster-item.ts';
import { createRosterServices } from '../../lib/rosters/roster-services.ts';
import { readRoster } from '../../lib/rosters/roster-states.ts';
import { trackRosters } from '../../lib/rosters/track-rosters.ts';
import { createTrackingServices } from '../../lib/rosters/tracking-services.ts';
import { toLambdaRecord } from '../../simulation/lambda-record.ts';
import { createLoneClock } from '../../simulation/lone-clock.ts';
import { createMemoryMessaging, type MemoryMessaging } from '../../simulation/memory-messaging.ts';
import type { MemoryMessage } from '../../simulation/memory-queue.ts';
import type { SqsQueue } from '../../simulation/memory-sqs.ts';
import { silentQueueMeter } from '../../simulation/silent-meter.ts';
import { createVirtualClock } from '../../simulation/virtual-clock.ts';
import { createTables, ENVIRONMENT, QUEUE_ARN } from '../live-events/deployed.ts';
import { inProcess } from '../live-events/in-process-client.ts';
import { type Answer, createModelledLane } from './modelled-lane.ts';
import { answerS3, CLOSED, completionOf, contextAt, manifestOf, noticeOf, START_MS } from './modelled-messages.ts';

export interface ClosedRegionSettings {
  manifests: number;
  /** Each manifest first has `closedRows` rows for the closed region, and then `openRows` for each of two other regions. */
  closedRows: number;
  openRows: number;
  /** How many rows may be outstanding per job and region, and how many messages SQS allows in flight. */
  outstandingRows: number;
  inFlightLimit: number;
  /** How long the region is closed. By default it does not open. */
  closedForMs?: number;
  /**
   * Whether a call fails. `atMs`: the time since the beginning. `action`: the command and, for SQS, the queue, such as
   * `SendMessageCommand manifests`
   */
  fails?(call: { service: 's3' | 'sqs'; action: string; atMs: number }): boolean;
  /** Whether other senders fill the lane. `atMs`: the time since the beginning. */
  isLaneFull?(atMs: number): boolean;
  /** When to end the run. By default it ends when all jobs have ended. */
  untilMs?: number;
  /** Observes the calls of the reader and of the tracker. */
  observe?: CallObserver;
  progress?(text: string): void;
}

export interface CallObserver {
  /** The function between the clients and DynamoDB. */
  dynamodb(
    request: ServiceRequest,
    handle: (request: ServiceRequest) => Promise<ServiceResponse>,
  ): Promise<ServiceResponse>;
  s3(command: object): void;
}

interface NoticeCounts {
  /** The highest receive count of any notice. */
  mostReceives: number;
  /** The number of times that notices were sent again. */
  renewals: number;
  /** Notices that reached the maximum receive count. */
  deadLetters: number;
  /** The longest time for which a notice was postponed. */
  longestWaitSeconds: number;
}

export interface ClosedRegionResult extends NoticeCounts {
  jobs: { state: RosterMeta['state']; provisioned: number; failed: number }[];
  /** By region: the number of answered rows, and the seconds until the last one was answered. */
  answered: Record<string, { rows: number; seconds: number }>;
  mostInFlight: number;
  seconds: number;
  errors: unknown[];
}

const REDELIVERED_AFTER_MS = 720_000;
const TRACKER_EVERY_MS = 5_000;
const TRACKER_BATCH = 100;
const LONGEST_MS = 120 * 3_600_000;
const ROOMS_PER_SECOND = 5;

/**
 * Runs manifests whose rows are sorted by region, with one of their regions closed, through the real reader and the real tracker on a clock
 * that advances in steps of a second. The tables are in the embedded stack's DynamoDB, and the bulk lane is a model.
 */
export async function runClosedRegion(settings: ClosedRegionSettings): Promise<ClosedRegionResult> {
  const time = createVirtualClock(START_MS);
  const sinceStartMs = () => time.nowMs() - START_MS;
  const errors: unknown[] = [];
  // Invocations take no time in this model.
  const clock = createLoneClock(time, { longestMs: 5_000, movesTime: false });
  const dynamodb = await openDynamoDb(undefined, clock.nowMs);
  const { observe } = settings;
  const handle = async (request: ServiceRequest) =>
    observe ? observe.dynamodb(request, dynamodb.handle) : dynamodb.handle(request);
  const direct = inProcess(handle, (_call, send) => send()) as object;
  const answered = new Map<string, { rows: number; lastMs: number }>();
  const counts = { mostReceives: 0, renewals: 0, longestWaitSeconds: 0 };
  const lane = createModelledLane({
    nowMs: clock.nowMs,
    inFlightLimit: settings.inFlightLimit,
    roomsPerSecond: ROOMS_PER_SECOND,
    isClosed: (region) => region === CLOSED && sinceStartMs() < (settings.closedForMs ?? Number.POSITIVE_INFINITY),
    answer,
  });
  const manifests = Array.from({ length: settings.manifests }, (_, index) => manifestOf(index, settings));
  const bulkLane: SqsQueue = { send: sendToLane, counts: laneCounts, postpone: () => undefined };
  const messaging: MemoryMessaging = createMemoryMessaging(clock.nowMs, settingsOf, { bulk: bulkLane });
  const notices = messaging.queue('manifests');
  const tracked = messaging.queue('rosters');
  for (const [index, manifest] of manifests.entries()) notices.send(noticeOf(manifest), { id: `n${index}` });
  const clients = {
    dynamodb: new DynamoDBClient(direct),
    s3: { send: async (command: object) => askS3(command) } as unknown as S3Client,
    sqs: new SQSClient(
      inProcess(
        async (request) => answerSqs(request),
        (_call, send) => send(),
      ) as object,
    ),
    sns: { send: async () => ({ MessageId: 'm' }) } as unknown as SNSClient,
  };
  await createTables(clients.dynamodb);
  const log = { debug: ignore, info: ignore, warn: ignore, error: (...what: unknown[]) => void errors.push(what) };
  const platform = { clients, clock, random: () => 0.5, log: log as unknown as Log, meter: silentQueueMeter };
  const config = bulkConfig(settings);
  const rosters = createRosterServices({ ...platform, config });
  const readers = createReaderItems(clients.dynamodb, config.rosterTable, config.rosterRetentionSeconds);
  const bulk = { ...rosters, config, clients, readers };
  const tracking = createTrackingServices({ ...platform, config: readTrackingConfig(ENVIRONMENT) });

  function answer({ request, outcome, atMs }: Answer): void {
    const { rows } = answered.get(request.region) ?? { rows: 0 };
    answered.set(request.region, { rows: rows + 1, lastMs: atMs });
    const body = JSON.stringify(completionOf(request, outcome, atMs));
    tracked.send(body, { attributes: { roster: request.roster ?? '' } });
  }

  function mayFail(service: 's3' | 'sqs', action: string): void {
    if (settings.fails?.({ service, action, atMs: sinceStartMs() })) throw new Error(`${action} gets no response`);
  }

  function askS3(command: object): object {
    mayFail('s3', command.constructor.name);
    observe?.s3(command);
    return answerS3(command, manifests);
  }

  function answerSqs(request: ServiceRequest): ServiceResponse {
    const { QueueUrl, Entries } = JSON.parse(request.body.toString('utf8'));
    const action = `${request.headers['x-amz-target']?.split('.').at(-1)}Command ${QueueUrl.split('/').at(-1)}`;
    mayFail('sqs', action);
    if (action === 'SendMessageCommand manifests') counts.renewals += 1;
    if (action === 'ChangeMessageVisibilityBatchCommand manifests')
      for (const { VisibilityTimeout } of Entries)
        counts.longestWaitSeconds = Math.max(counts.longestWaitSeconds, VisibilityTimeout);
    return messaging.sqs(request);
  }

  function settingsOf(name: string) {
    if (name !== 'manifests') return { visibilityTimeoutMs: REDELIVERED_AFTER_MS };
    const deadLetters = messaging.queue('manifests-dead-letters');
    return { visibilityTimeoutMs: REDELIVERED_AFTER_MS, maxReceiveCount: MAX_RECEIVES.manifests, deadLetters };
  }

  function sendToLane(body: string) {
    lane.send(body);
    return { id: 'bulk' };
  }

  function laneCounts() {
    const { visible, inFlight } = lane.counts();
    const others = settings.isLaneFull?.(sinceStartMs()) ? settings.inFlightLimit : 0;
    return { visible: visible + others, inFlight };
  }

  /** Runs one invocation of the reader. It takes no time. */
  async function readOn(notice: MemoryMessage): Promise<void> {
    counts.mostReceives = Math.max(counts.mostReceives, notice.receiveCount);
    const event = { Records: [toLambdaRecord(notice, `${QUEUE_ARN}manifests`)] };
    notices.finish([notice], await startBulkJobs(event, contextAt(time.nowMs()), bulk));
  }

  async function track(): Promise<void> {
    for (let batch = tracked.receive(TRACKER_BATCH); batch.length > 0; batch = tracked.receive(TRACKER_BATCH)) {
      const event = { Records: batch.map((message) => toLambdaRecord(message, `${QUEUE_ARN}rosters`)) };
      const response = await trackRosters(event, contextAt(time.nowMs()), tracking);
      if (response.batchItemFailures.length > 0)
        throw new Error(`The tracker failed: ${JSON.stringify(errors.at(-1))}`);
      tracked.finish(batch, response);
    }
  }

  for (; sinceStartMs() < (settings.untilMs ?? LONGEST_MS); time.pass(1000)) {
    for (const notice of notices.receive(Number.POSITIVE_INFINITY)) await readOn(notice);
    lane.tick();
    if (sinceStartMs() % TRACKER_EVERY_MS === 0) await track();
    if (sinceStartMs() % 3_600_000 === 0)
      settings.progress?.(`${sinceStartMs() / 3_600_000} h: ${JSON.stringify(Object.fromEntries(answered))}`);
    const isIdle = lane.isIdle() && tracked.messages().length === 0;
    if (isIdle && notices.messages().length === 0) break;
    // Nothing happens until the next notice arrives.
    if (isIdle) time.pass(Math.max(0, notices.nextVisibleMs() - 1000 - time.nowMs()));
  }
  const metas = await Promise.all(
    manifests.map(({ key, etag }) => readRoster(rosters.rosters, bulkJobId({ bucket: 'manifests', key, etag }))),
  );
  await dynamodb.close();
  return {
    jobs: metas.flatMap((meta) =>
      meta ? [{ state: meta.state, provisioned: meta.provisioned, failed: meta.failed }] : [],
    ),
    answered: Object.fromEntries(
      [...answered].map(([region, { rows, lastMs }]) => [region, { rows, seconds: (lastMs - START_MS) / 1000 }]),
    ),
    ...counts,
    deadLetters: messaging.queue('manifests-dead-letters').messages().length,
    mostInFlight: lane.mostInFlight(),
    seconds: sinceStartMs() / 1000,
    errors,
  };
}

function bulkConfig({ outstandingRows, inFlightLimit }: ClosedRegionSettings): BulkConfig {
  const QUEUE_URL = ENVIRONMENT.GREENROOM_ROSTER_QUEUE_URL.replace(/[^/]+$/, '');
  const environment = {
    ...ENVIRONMENT,
    GREENROOM_BULK_QUEUE_URL: `${QUEUE_URL}bulk`,
    GREENROOM_MANIFEST_QUEUE_URL: `${QUEUE_URL}manifests`,
    GREENROOM_OUTSTANDING_ROWS_PER_REGION: '2000',
    GREENROOM_LANE_STOP_MESSAGES: '80000',
  };
  // Scaled down, both values may be below the minimum that a deployment accepts.
  const laneStopMessages = Math.round((inFlightLimit * 2) / 3);
  return { ...readBulkConfig(environment), outstandingRowsPerRegion: outstandingRows, laneStopMessages };
}

function ignore(): void {
  // The log is ignored.
}
