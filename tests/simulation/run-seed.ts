import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { IvschatClient } from '@aws-sdk/client-ivschat';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Context } from 'aws-lambda';
import type { AwsClients } from '../../lib/platform/aws-clients.ts';
import { systemClock } from '../../lib/platform/clock.ts';
import { readConfig } from '../../lib/platform/config.ts';
import type { Log } from '../../lib/platform/log.ts';
import { processBatch } from '../../lib/provisioning/process-batch.ts';
import { createServices, type Services } from '../../lib/provisioning/services.ts';
import { createRandom } from '../../local/random.ts';
import { silentMeter } from '../../local/simulation/silent-meter.ts';
import { currentWorker, type Worker } from '../../local/simulation/virtual-time.ts';
import type { FaultCounts } from './faults.ts';
import { checkAcknowledged, checkEnd, Violation } from './invariants.ts';
import type { QueuedMessage } from './memory-messaging.ts';
import { connect, type FateOf, randomFate } from './network.ts';
import type { Scenario } from './scenario.ts';
import { check, count, crash, createWorld, note, START_MS, strikes, TIMING, type World } from './world.ts';

const FUNCTION_TIMEOUT_MS = 60_000;
const VISIBILITY_TIMEOUT_MS = 360_000;
const POLL_MS = 700;
const MAX_CONCURRENCY = 3;
const MAX_SKEW_MS = 5_000;
const END_MS = START_MS + 4 * 24 * 60 * 60 * 1000;
const QUEUE_ARN = 'arn:aws:sqs:eu-west-1:000000000000:';

/** As the simulated functions are deployed. */
export const environment = {
  GREENROOM_STAGE: 'simulation',
  GREENROOM_DEFAULT_REGION: 'eu-west-1',
  GREENROOM_LEDGER_TABLE: 'ledger',
  GREENROOM_PACE_TABLE: 'pace',
  GREENROOM_COMPLETION_TOPIC_ARN: 'arn:aws:sns:eu-west-1:000000000000:completions',
  GREENROOM_INTERACTIVE_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/000000000000/interactive',
  GREENROOM_BULK_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/000000000000/bulk',
  GREENROOM_PARKED_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/000000000000/parked',
  GREENROOM_SIGNATURE_LIFETIME_SECONDS: String(TIMING.signatureLifetimeSeconds),
  GREENROOM_LISTING_LAG_SECONDS: String(TIMING.listingLagSeconds),
  GREENROOM_CLOCK_ERROR_SECONDS: String(TIMING.clockErrorSeconds),
  GREENROOM_SEND_WINDOW_SECONDS: String(TIMING.sendWindowSeconds),
  GREENROOM_CALL_TIMEOUT_SECONDS: '10',
  GREENROOM_POSTPONE_SCHEDULE_SECONDS: '60,300,900,3600',
  GREENROOM_REQUEST_MAX_AGE_SECONDS: '86400',
  GREENROOM_KEY_RETENTION_DAYS: '90',
  GREENROOM_CREATE_ROOM_TPS: '5',
};
export const config = readConfig(environment);

export type Handle = (
  event: object,
  context: Context,
  setting: HandleSetting,
) => Promise<{ batchItemFailures: { itemIdentifier: string }[] }>;

export interface HandleSetting {
  world: World;
  clients: AwsClients;
  deadLetters: boolean;
}

export interface RunOptions {
  seed: number;
  traced?: boolean;
  scenario?: Scenario;
  fateOf?: FateOf;
  /** What runs in the workers: the product, or a control. */
  handle?: Handle;
  /** How often the SDK sends a CreateRoom; the product's is 1. */
  createRoomAttempts?: number;
}

export interface RunResult {
  seed: number;
  violation: string | undefined;
  faults: FaultCounts;
  calls: Record<string, number>;
  trace: string[] | undefined;
}

/** One run: chaos for a while, then calm until everything is done; promises are checked all along and at the end. */
export async function runSeed(options: RunOptions): Promise<RunResult> {
  const random = createRandom(options.seed);
  const world = createWorld(random, options);
  const clients = createClients(world, options.fateOf ?? randomFate, options.createRoomAttempts ?? 1);
  world.time.onTimer = (worker) => {
    if (!strikes(world, 0.5)) return;
    count(world, 'crash at a timer');
    crash(world, worker);
  };
  for (const request of world.scenario.requests) {
    world.time.after(request.sentAtMs - START_MS, () => enqueue(world, request.number));
  }
  const handle = options.handle ?? handleWithGreenroom;
  const poll = () => {
    if (world.activeInvocations < MAX_CONCURRENCY) deliverBatch(world, clients, handle);
    world.time.after(POLL_MS + random() * POLL_MS + idleMs(world), poll);
  };
  poll();
  await world.time.run(END_MS, () => world.violation !== undefined || isOver(world));
  if (!world.violation) check(world, () => checkEnd(world));
  const { faults, calls, trace, violation } = world;
  return { seed: options.seed, violation: violation?.message, faults, calls, trace };
}

const handleWithGreenroom: Handle = (event, context, { world, clients, deadLetters }) =>
  processBatch(event, context, servicesOf(world, clients), { deadLetters });

/** The product, as it is put together for one worker. */
export function servicesOf(world: World, clients: AwsClients): Services {
  const { random } = world;
  return createServices({ config, clients, clock: systemClock, random, log: logOf(world), meter: silentMeter });
}

function createClients(world: World, fateOf: FateOf, createRoomAttempts: number): AwsClients {
  const common = { region: 'eu-west-1', credentials: { accessKeyId: 'a', secretAccessKey: 's' } };
  const through = (service: Parameters<typeof connect>[1]) => ({
    ...common,
    requestHandler: connect(world, service, fateOf) as unknown as DynamoDBClient['config']['requestHandler'],
  });
  const ivsChat = new IvschatClient({ ...through('ivschat'), maxAttempts: createRoomAttempts });
  return {
    dynamodb: new DynamoDBClient(through('dynamodb')),
    sns: new SNSClient(through('sns')),
    sqs: new SQSClient(through('sqs')),
    ivsChat: () => ivsChat,
  };
}

function enqueue(world: World, number: number): void {
  const request = world.scenario.requests[number];
  if (!request) return;
  const { idempotencyKey, room, neededByMs } = request;
  const neededBy = neededByMs === undefined ? {} : { neededBy: new Date(neededByMs).toISOString() };
  world.messaging.messages.push({
    id: `m${number}`,
    request: number,
    queue: 'interactive',
    body: JSON.stringify({ idempotencyKey, room, correlationId: `request ${number}`, ...neededBy }),
    sentAtMs: world.time.nowMs,
    visibleAtMs: world.time.nowMs,
    receiveCount: 0,
    deleted: false,
  });
  note(world, undefined, `request ${number} is sent (${idempotencyKey}, ${room.name})`);
}

/** SQS hands messages to a new worker: in whatever order, twice at a time if it likes, or by way of the dead-letter queue. */
function deliverBatch(world: World, clients: AwsClients, handle: Handle): void {
  const { messaging, time, random } = world;
  const visible = messaging.messages.filter(({ deleted, visibleAtMs }) => !deleted && visibleAtMs <= time.nowMs);
  const [first] = visible.toSorted(() => random() - 0.5);
  if (!first) return;
  if (strikes(world, 0.5) && first.queue === 'interactive') {
    count(world, 'moved to the dead-letter queue');
    first.queue = 'dead-letters';
  }
  const others = visible.filter((message) => message !== first && message.queue === first.queue);
  const batch = [first, ...others.slice(0, Math.floor(random() * 3))];
  if (visible.some((message) => !batch.includes(message) && message.sentAtMs < first.sentAtMs))
    count(world, 'out of order');
  for (const message of batch) {
    message.receiveCount += 1;
    message.firstReceivedMs ??= time.nowMs;
    const twice = strikes(world);
    if (twice) count(world, 'delivered twice at a time');
    message.visibleAtMs = time.nowMs + (twice ? Math.floor(random() * 20_000) : VISIBILITY_TIMEOUT_MS);
  }
  invoke(world, clients, handle, batch);
}

/** Runs one invocation with a batch, in a worker of its own. */
export function invoke(
  world: World,
  clients: AwsClients,
  handle: Handle,
  batch: QueuedMessage[],
  worker = startWorker(world, batch),
): void {
  const deadlineMs = world.time.nowMs + FUNCTION_TIMEOUT_MS;
  const context = { getRemainingTimeInMillis: () => Math.max(0, deadlineMs - world.time.nowMs) } as Context;
  const deadLetters = batch[0]?.queue === 'dead-letters';
  world.time.after(FUNCTION_TIMEOUT_MS, () => {
    // A frozen one is not even timed out: it is the zombie that comes back when nobody expects it.
    if (worker.frozenUntilMs <= world.time.nowMs) crash(world, worker);
  });
  currentWorker.run(worker, () => {
    handle({ Records: batch.map(toRecord) }, context, { world, clients, deadLetters }).then(
      ({ batchItemFailures }) =>
        finish(world, worker, batch, new Set(batchItemFailures.map((each) => each.itemIdentifier))),
      (error) =>
        check(world, () => {
          throw error;
        }),
    );
  });
}

/** How long no message will be visible: an empty queue need not be polled. New ones are noticed within half a minute. */
function idleMs({ messaging, time }: World): number {
  const waiting = messaging.messages.filter(({ deleted }) => !deleted);
  const nextMs = Math.min(...waiting.map(({ visibleAtMs }) => visibleAtMs), time.nowMs + 30_000);
  return Math.max(0, nextMs - time.nowMs);
}

let workerNumber = 0;

export function startWorker(world: World, batch: QueuedMessage[]): Worker {
  const skewMs = strikes(world, 10) ? Math.floor((world.random() * 2 - 1) * MAX_SKEW_MS) : 0;
  if (skewMs !== 0) count(world, 'clock skew');
  workerNumber += 1;
  const worker = { name: `w${workerNumber % 1000}`, skewMs, alive: true, frozenUntilMs: 0 };
  world.activeInvocations += 1;
  note(world, worker, `receives ${batch.map(({ id, queue }) => `${id} (${queue})`).join(', ')}, clock ${skewMs} ms`);
  return worker;
}

/** The event-source mapping deletes what is done. The deletion may be lost, or come when the message is elsewhere already. */
function finish(world: World, worker: Worker, batch: QueuedMessage[], failed: Set<string>): void {
  if (!worker.alive) return;
  worker.alive = false;
  world.activeInvocations -= 1;
  note(world, worker, `returns; not done: ${[...failed].join(', ') || 'none'}`);
  for (const message of batch.filter(({ id }) => !failed.has(id))) {
    const request = world.scenario.requests[message.request];
    if (request) check(world, () => checkAcknowledged(world, request, message.body));
    if (strikes(world)) {
      count(world, 'delivered again after it was done');
      message.visibleAtMs = world.time.nowMs + Math.floor(world.random() * 30 * 60_000);
    } else {
      message.deleted = true;
    }
  }
}

function toRecord(message: QueuedMessage): object {
  return {
    messageId: message.id,
    receiptHandle: message.id,
    body: message.body,
    attributes: {
      ApproximateReceiveCount: String(message.receiveCount),
      SentTimestamp: String(message.sentAtMs),
      ApproximateFirstReceiveTimestamp: String(message.firstReceivedMs ?? message.sentAtMs),
    },
    messageAttributes: {},
    eventSourceARN: `${QUEUE_ARN}interactive`,
  };
}

function isOver({ messaging, scenario, activeInvocations, time }: World): boolean {
  const allSent = messaging.messages.length === scenario.requests.length;
  // Zombies and late effects have their time too.
  return (
    time.nowMs > scenario.calmFromMs &&
    allSent &&
    activeInvocations === 0 &&
    messaging.messages.every((each) => each.deleted)
  );
}

/** What the product logs as a bug is one. */
export function logOf(world: World): Log {
  const log = {
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    error: (message: unknown, details?: unknown) => {
      const error = (details as { error?: unknown } | undefined)?.error;
      check(world, () => {
        throw new Violation(`a bug: ${String(message)}: ${error instanceof Error ? error.stack : String(error)}`);
      });
    },
  };
  return log as unknown as Log;
}
