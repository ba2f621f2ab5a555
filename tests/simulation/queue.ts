import type { Context } from 'aws-lambda';
import type { AwsClients } from '../../lib/platform/aws-clients.ts';
import { currentWorker, type Worker } from '../../simulation/virtual-time.ts';
import { checkAcknowledged, Violation } from './invariants.ts';
import type { QueuedMessage } from './memory-messaging.ts';
import { outageOf, worksAgainMs } from './outages.ts';
import { readQueueRules } from './queue-rules.ts';
import { check, count, crash, note, outagesOf, strikes, type World } from './world.ts';

const FUNCTION_TIMEOUT_MS = 60_000;
const MAX_SKEW_MS = 5_000;
const NEW_ONES_NOTICED_MS = 30_000;
const QUEUE_ARN = 'arn:aws:sqs:eu-west-1:000000000000:';
const MAX_RECEIVES = 500;
const SENDER_ID = 'AIDASENDEROFREQUESTS';

export const RULES = readQueueRules();

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

/** A request is sent. While SQS is out, its sender tries again until SQS takes it. */
export function enqueue(world: World, number: number): void {
  const request = world.scenario.requests[number];
  if (!request) return;
  const { time } = world;
  const againMs = worksAgainMs(outagesOf(world), 'sqs', time.nowMs());
  if (againMs > time.nowMs()) {
    time.after(againMs - time.nowMs(), () => enqueue(world, number));
    return;
  }
  const { idempotencyKey, room, neededByMs } = request;
  const neededBy = neededByMs === undefined ? {} : { neededBy: new Date(neededByMs).toISOString() };
  request.sentAtMs = time.nowMs();
  world.messaging.messages.push({
    id: `m${number}`,
    request: number,
    queue: 'interactive',
    body: JSON.stringify({ idempotencyKey, room, correlationId: `request ${number}`, ...neededBy }),
    sentAtMs: time.nowMs(),
    visibleAtMs: time.nowMs(),
    receiveCount: 0,
    deleted: false,
  });
  note(world, undefined, `request ${number} is sent (${idempotencyKey}, ${room.name})`);
}

/** SQS hands messages to a new worker: in whatever order, twice at a time if it likes, or by way of the dead-letter queue. */
export function deliverBatch(world: World, clients: AwsClients, handle: Handle): void {
  const { messaging, time, random } = world;
  if (isOut(world)) return;
  for (const message of messaging.messages) retain(world, message);
  const visible = messaging.messages.filter(({ deleted, visibleAtMs }) => !deleted && visibleAtMs <= time.nowMs());
  const [first] = visible.toSorted(() => random() - 0.5);
  if (!first) return;
  if (strikes(world, 0.5) && first.queue === 'interactive') {
    count(world, 'moved to the dead-letter queue');
    first.movedByChance = true;
    moveToDeadLetters(world, first);
  }
  const others = visible.filter((message) => message !== first && message.queue === first.queue);
  const batch = [first, ...others.slice(0, Math.floor(random() * 3))].filter((message) => isHandedOut(world, message));
  if (visible.some((message) => !batch.includes(message) && message.sentAtMs < first.sentAtMs))
    count(world, 'out of order');
  for (const message of batch) {
    message.receiveCount += 1;
    message.firstReceivedMs ??= time.nowMs();
    boundReceives(world, message);
    const twice = strikes(world);
    if (twice) count(world, 'delivered twice at a time');
    message.visibleAtMs = time.nowMs() + (twice ? Math.floor(random() * 20_000) : RULES.visibilityTimeoutMs);
  }
  if (batch.length > 0) invoke(world, clients, handle, batch);
}

function isOut(world: World): boolean {
  const outage = outageOf(outagesOf(world), 'sqs', world.time.nowMs());
  if (outage && !outage.met) count(world, 'outage of sqs');
  if (outage) outage.met = true;
  return outage !== undefined;
}

/** SQS deletes what is too old, whether or not anybody has dealt with it. */
function retain(world: World, message: QueuedMessage): void {
  if (message.deleted || world.time.nowMs() - message.sentAtMs <= RULES.retentionMs) return;
  message.deleted = true;
  check(world, () => {
    throw new Violation(`I10: the message of request ${message.request} is deleted by its queue's retention`);
  });
}

/** A wait is a share of what was waited for already, so two days of outage take some hundred receives. */
function boundReceives(world: World, { request, receiveCount }: QueuedMessage): void {
  if (receiveCount <= MAX_RECEIVES) return;
  check(world, () => {
    throw new Violation(`I11: the message of request ${request} is received more than ${MAX_RECEIVES} times`);
  });
}

/** A message that was received as often as the queue allows goes to the dead-letter queue instead of to a worker. */
function isHandedOut(world: World, message: QueuedMessage): boolean {
  if (message.queue !== 'interactive' || message.receiveCount < RULES.maxReceiveCount) return true;
  count(world, 'received too often');
  moveToDeadLetters(world, message);
  return false;
}

function moveToDeadLetters(world: World, message: QueuedMessage): void {
  message.queue = 'dead-letters';
  note(world, undefined, `SQS moves ${message.id} to the dead-letter queue after ${message.receiveCount} receives`);
}

/** Runs one invocation with a batch, in a worker of its own. */
export function invoke(
  world: World,
  clients: AwsClients,
  handle: Handle,
  batch: QueuedMessage[],
  worker = startWorker(world, batch),
): void {
  const deadlineMs = world.time.nowMs() + FUNCTION_TIMEOUT_MS;
  const context = { getRemainingTimeInMillis: () => Math.max(0, deadlineMs - world.time.nowMs()) } as Context;
  const deadLetters = batch[0]?.queue === 'dead-letters';
  world.time.after(FUNCTION_TIMEOUT_MS, () => {
    // A frozen one is not even timed out: it is the zombie that comes back when nobody expects it.
    if (worker.frozenUntilMs <= world.time.nowMs()) crash(world, worker);
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
export function idleMs(world: World): number {
  const { messaging, time, scenario } = world;
  const outMs = worksAgainMs(outagesOf(world), 'sqs', time.nowMs()) - time.nowMs();
  if (outMs > 0) return outMs;
  const waiting = messaging.messages.filter(({ deleted }) => !deleted);
  const nextMs = Math.min(...waiting.map(({ visibleAtMs }) => visibleAtMs));
  const allSent = messaging.messages.length === scenario.requests.length;
  const isSure = allSent && world.activeInvocations === 0 && waiting.length > 0;
  return Math.max(0, (isSure ? nextMs : Math.min(nextMs, time.nowMs() + NEW_ONES_NOTICED_MS)) - time.nowMs());
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
    if (outageOf(outagesOf(world), 'sqs', world.time.nowMs())) continue;
    if (strikes(world)) {
      count(world, 'delivered again after it was done');
      message.visibleAtMs = world.time.nowMs() + Math.floor(world.random() * 30 * 60_000);
    } else {
      message.deleted = true;
    }
  }
}

function toRecord(message: QueuedMessage): object {
  const source = `${QUEUE_ARN}interactive`;
  return {
    messageId: message.id,
    receiptHandle: message.id,
    body: message.body,
    attributes: {
      ApproximateReceiveCount: String(message.receiveCount),
      SentTimestamp: String(message.sentAtMs),
      ApproximateFirstReceiveTimestamp: String(message.firstReceivedMs ?? message.sentAtMs),
      SenderId: SENDER_ID,
      ...(message.queue === 'dead-letters' && { DeadLetterQueueSourceArn: source }),
    },
    messageAttributes: {},
    eventSourceARN: source,
  };
}
