import { Readable } from 'node:stream';
import { DeleteItemCommand, DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Context, SQSBatchResponse } from 'aws-lambda';
import { createTables, ENVIRONMENT, QUEUE_ARN } from '../../bench/live-events/deployed.ts';
import { inProcess } from '../../bench/live-events/in-process-client.ts';
import { openDynamoDb } from '../../emulator/dynamodb/dynamodb.ts';
import type { ServiceRequest, ServiceResponse } from '../../emulator/service.ts';
import { bulkJobId } from '../../lib/bulk/manifest-notice.ts';
import { createReaderItems } from '../../lib/bulk/reader-item.ts';
import { startBulkJobs } from '../../lib/bulk/start-bulk-jobs.ts';
import type { Completion } from '../../lib/contract/completion.ts';
import { type RosterEvent, rosterEventSchema } from '../../lib/contract/roster-event.ts';
import type { Log } from '../../lib/platform/log.ts';
import { readBulkConfig, readTrackingConfig } from '../../lib/platform/roster-config.ts';
import { updateItem } from '../../lib/platform/tables.ts';
import { rosterPk } from '../../lib/rosters/roster-item.ts';
import { createRosterServices } from '../../lib/rosters/roster-services.ts';
import { readRoster } from '../../lib/rosters/roster-states.ts';
import { trackRosters } from '../../lib/rosters/track-rosters.ts';
import { createTrackingServices } from '../../lib/rosters/tracking-services.ts';
import { toLambdaRecord } from '../../simulation/lambda-record.ts';
import { createMemoryMessaging } from '../../simulation/memory-messaging.ts';
import { silentQueueMeter } from '../../simulation/silent-meter.ts';
import { createMemoryS3 } from './memory-s3.ts';
import { must } from './must.ts';

export const START_MS = Date.parse('2026-12-18T12:00:00Z');
export const BUCKET = ENVIRONMENT.GREENROOM_MANIFEST_BUCKET;
const QUEUE_URL = ENVIRONMENT.GREENROOM_ROSTER_QUEUE_URL.replace('rosters', '');
const FUNCTION_TIMEOUT_MS = 120_000;

/** One call to AWS. `action`: for S3 such as `GET manifests/rooms.csv`. `input`: its JSON or XML, or the fields of its form. */
interface DeskCall {
  service: 'dynamodb' | 's3' | 'sns' | 'sqs';
  action: string;
  input: string;
}

/** One receive of a message. By default the first receive of a message that was just sent. */
export interface Receive {
  receiveCount?: number;
  /** How often its notice was sent again, according to its attribute. */
  renewals?: string;
  sentAtMs?: number;
  firstReceivedAtMs?: number;
}

/** The result for a message: it is done, or it returns to its queue at a time (undefined: the handler set no time). */
export type Left = { done: true } | { done: false; returnsAtMs: number | undefined };

export type BulkDesk = Awaited<ReturnType<typeof openBulkDesk>>;

/**
 * The real handlers of bulk jobs on services in this process, one message at a time. Only waits and the test move the clock. The random
 * source always returns a half.
 */
export async function openBulkDesk({ outstandingRows = 2_000, laneStop = 80_000 } = {}) {
  let nowMs = START_MS;
  let messageNumber = 0;
  const calls: DeskCall[] = [];
  const lines: { level: string; text: string; fields: Record<string, unknown> }[] = [];
  const sleepers: { atMs: number; wake: () => void }[] = [];
  const hooks: { call: RegExp; action: () => unknown; left: number }[] = [];

  function pass(ms: number): void {
    nowMs += ms;
    for (const { wake } of sleepers.filter(({ atMs }) => atMs <= nowMs)) wake();
  }

  const clock = {
    nowMs: () => nowMs,
    /**
     * Short waits end immediately. A long wait (until the end of an invocation) ends when the test has let this time pass. The
     * lone clock of the simulation would end it only when it is aborted.
     */
    sleep: (ms: number, signal: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        if (ms > 5_000) sleepers.push({ atMs: nowMs + ms, wake: resolve });
        else {
          pass(ms);
          resolve();
        }
      }),
  };

  const dynamodb = await openDynamoDb(undefined, clock.nowMs);
  const messaging = createMemoryMessaging(clock.nowMs, () => ({ visibilityTimeoutMs: 720_000 }));
  const s3 = createMemoryS3();

  /** As in AWS, answers have dates, from which a command learns that the clock of its computer is wrong. */
  function dated(answer: ServiceResponse): ServiceResponse {
    if ('lost' in answer) return answer;
    return { ...answer, headers: { ...answer.headers, date: new Date(nowMs).toUTCString() } };
  }

  function through(service: DeskCall['service'], handle: (request: ServiceRequest) => Promise<ServiceResponse>) {
    return inProcess(
      async (request) => {
        const input = request.body.toString('utf8');
        const target = request.headers['x-amz-target']?.split('.').at(-1);
        const action = target ?? `${request.method} ${request.path.split('/').slice(2).join('/')}`;
        calls.push({ service, action, input });
        const hook = hooks.find(({ call, left }) => left > 0 && call.test(`${service} ${action} ${input}`));
        if (hook) hook.left -= 1;
        await hook?.action();
        return dated(await handle(request));
      },
      (_call, send) => send(),
    ) as object;
  }

  const clients = {
    dynamodb: new DynamoDBClient(through('dynamodb', dynamodb.handle)),
    sqs: new SQSClient(through('sqs', async (request) => messaging.sqs(request))),
    sns: new SNSClient(through('sns', async (request) => messaging.sns(request))),
    s3: s3Client(through('s3', s3.handle)),
  };
  await createTables(clients.dynamodb);

  const write = (level: string) => (text: string, fields: Record<string, unknown>) =>
    void lines.push({ level, text, fields });
  const log = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  const environment = {
    ...ENVIRONMENT,
    GREENROOM_BULK_QUEUE_URL: `${QUEUE_URL}bulk`,
    GREENROOM_MANIFEST_QUEUE_URL: `${QUEUE_URL}manifests`,
    GREENROOM_OUTSTANDING_ROWS_PER_REGION: '2000',
    GREENROOM_LANE_STOP_MESSAGES: '80000',
  };
  // Scaled down, both values may be lower than a deployment accepts.
  const scale = { outstandingRowsPerRegion: outstandingRows, laneStopMessages: laneStop };
  const config = { ...readBulkConfig(environment), ...scale };
  const platform = { clients, clock, random: () => 0.5, log: log as unknown as Log, meter: silentQueueMeter };
  const rosters = createRosterServices({ ...platform, config });
  const readers = createReaderItems(clients.dynamodb, config.rosterTable, config.rosterRetentionSeconds);
  const bulk = { ...rosters, config, clients, readers };
  const tracking = createTrackingServices({ ...platform, config: readTrackingConfig(environment) });
  const handlers: Record<string, (event: object, context: Context) => Promise<SQSBatchResponse>> = {
    manifests: (event, context) => startBulkJobs(event, context, bulk),
    rosters: (event, context) => trackRosters(event, context, tracking),
  };

  /** Runs an action before a number of calls take effect. @param call matches `<service> <action> <input>` */
  function on(call: RegExp, action: () => unknown, times = 1): void {
    hooks.push({ call, action, left: times });
  }

  /** Passes messages to the handler of their queue, in one batch. Messages that are sent to the queue during this time stay there. */
  async function deliver(
    queueName: 'manifests' | 'rosters',
    messages: { body: string; attributes?: Record<string, string> }[],
    { receiveCount = 1, sentAtMs = nowMs, firstReceivedAtMs = sentAtMs }: Receive = {},
  ): Promise<Left[]> {
    const queue = messaging.queue(queueName);
    const sent = messages.map(({ body, attributes = {} }) => queue.send(body, { attributes }));
    for (const message of sent) message.visibleAtMs = 0;
    const received = { receiveCount, sentAtMs, firstReceivedMs: firstReceivedAtMs };
    const records = sent.map((message) => toLambdaRecord({ ...message, ...received }, QUEUE_ARN + queueName));
    const endMs = nowMs + FUNCTION_TIMEOUT_MS;
    const context = { getRemainingTimeInMillis: () => endMs - nowMs } as Context;
    const { batchItemFailures } = await must(handlers[queueName])({ Records: records }, context);
    const left = sent.map(({ id, visibleAtMs }): Left => {
      const times = batchItemFailures.filter(({ itemIdentifier }) => itemIdentifier === id).length;
      if (times > 1) throw new Error('The handler has named a message twice');
      return times === 0 ? { done: true } : { done: false, returnsAtMs: visibleAtMs === 0 ? undefined : visibleAtMs };
    });
    queue.remove(new Set(sent.map(({ id }) => id)));
    return left;
  }

  return {
    calls,
    lines,
    queue: messaging.queue,
    s3,
    bulk,
    tracking,
    clients,
    table: rosters.rosters,
    nowMs: clock.nowMs,
    pass,

    on,
    /** Makes a number of calls fail, by default one. */
    fail(call: RegExp, times = 1): void {
      const error = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
      on(call, () => Promise.reject(error), times);
    },

    /** Uploads a manifest. @returns S3's notice of it, and the id of its job */
    put(name: string, body: string | Buffer, metadata: Record<string, string> = {}) {
      const key = `manifests/${name}`;
      s3.put(key, body, metadata);
      return this.noticeOf(key);
    },

    /** S3's notice of an object that was uploaded now, and the id of its job. */
    noticeOf(key: string) {
      const { etag, content } = must(s3.objects.get(key));
      const sequencer = (++messageNumber).toString(16).toUpperCase().padStart(16, '0');
      const record = {
        eventName: 'ObjectCreated:Put',
        eventTime: new Date(nowMs).toISOString(),
        s3: { bucket: { name: BUCKET }, object: { key, eTag: etag, size: content.length, sequencer } },
      };
      return { key, record, jobId: bulkJobId({ bucket: BUCKET, key, etag }) };
    },

    /** Sends the reader the notices of new objects in one message. */
    async tell(records: object[], { renewals, ...receive }: Receive = {}): Promise<Left> {
      const attributes = renewals === undefined ? {} : { 'greenroom-renewals': renewals };
      return must(
        (await deliver('manifests', [{ body: JSON.stringify({ Records: records }), attributes }], receive))[0],
      );
    },

    deliver,

    /** Sends the tracker completions of a roster, in one batch. */
    answer(rosterId: string, completions: Completion[], receive: Receive = {}): Promise<Left[]> {
      const messages = completions.map((completion) => ({
        body: JSON.stringify(completion),
        attributes: { roster: rosterId },
      }));
      return deliver('rosters', messages, receive);
    },

    /** Requests the tracker to check a roster. */
    check: (rosterId: string): Promise<Left[]> =>
      deliver('rosters', [{ body: JSON.stringify({ checkRoster: rosterId }) }]),

    /** The reader runs in another process from now on. */
    replaceReader(): void {
      bulk.readers = createReaderItems(clients.dynamodb, config.rosterTable, config.rosterRetentionSeconds);
    },

    /** The requests in the bulk lane, as they were sent. */
    requests: () =>
      messaging
        .queue('bulk')
        .messages()
        .map(({ body }) => JSON.parse(body)),
    keys: () =>
      messaging
        .queue('bulk')
        .messages()
        .map(({ body }): string => JSON.parse(body).idempotencyKey),
    events: (): RosterEvent[] => messaging.published.map(({ body }) => rosterEventSchema.parse(JSON.parse(body))),
    parked: () => messaging.parked.map(({ body, note }) => ({ body, note: JSON.parse(note) })),

    isJob: async (rosterId: string) => (await readRoster(rosters.rosters, rosterId)) !== undefined,
    meta: async (rosterId: string) => must(await readRoster(rosters.rosters, rosterId)),
    reader: async (jobId: string) => must(await readers.read(jobId)),
    /** All items of a roster, in the order of their sort keys. */
    async items(rosterId: string): Promise<Record<string, unknown>[]> {
      const command = new QueryCommand({
        TableName: config.rosterTable,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: rosterPk(rosterId) } },
      });
      return ((await clients.dynamodb.send(command)).Items ?? []).map((item) => unmarshall(item));
    },

    /** Changes an item of a roster by hand. @param update an update expression; `#name` stands for the attribute `name` */
    async change(rosterId: string, sk: string, update: string, values: Record<string, unknown> = {}): Promise<void> {
      const key = { pk: { S: rosterPk(rosterId) }, sk: { S: sk } };
      await updateItem(clients.dynamodb, { tableName: config.rosterTable, key, update, values });
    },
    /** Deletes the items of a roster, as time to live does. */
    async forget(rosterId: string, sk: string): Promise<void> {
      const Key = { pk: { S: rosterPk(rosterId) }, sk: { S: sk } };
      await clients.dynamodb.send(new DeleteItemCommand({ TableName: config.rosterTable, Key }));
    },

    close: () => dynamodb.close(),
  };
}

/** A client of S3 whose responses are streams, as with a real connection. */
export function s3Client(settings: object): S3Client {
  const client = new S3Client({
    ...settings,
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  const { requestHandler } = client.config;
  const handle = requestHandler.handle.bind(requestHandler);
  requestHandler.handle = async (request, options) => {
    const { response } = await handle(request, options);
    response.body = Readable.from([response.body].filter(({ length }) => length > 0));
    return { response };
  };
  return client;
}
