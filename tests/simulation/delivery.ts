import type { Context } from 'aws-lambda';
import { REDRIVE_ATTRIBUTES, redriveAttributes } from '../../lib/contract/redrive-attributes.ts';
import type { AwsClients } from '../../lib/platform/aws-clients.ts';
import { toLambdaRecord } from '../../simulation/lambda-record.ts';
import type { MemoryMessage } from '../../simulation/memory-queue.ts';
import { currentWorker, type Worker } from '../../simulation/virtual-time.ts';
import { checkAcknowledged, checkCommandAcknowledged, Violation } from './invariants.ts';
import { outageOf, worksAgainMs } from './outages.ts';
import type { ScenarioRequest } from './scenario.ts';
import { bodyOf, EVENT_SENDER, ROW_SENDER } from './stops.ts';
import {
  check,
  count,
  crash,
  end,
  LANE,
  note,
  outagesOf,
  queueNameOf,
  queueOf,
  REDRIVE,
  strikes,
  type World,
  waitingMessages,
} from './world.ts';

const FUNCTION_TIMEOUT_MS = 60_000;
const MAX_SKEW_MS = 5_000;
const NEW_ONES_NOTICED_MS = 30_000;
const QUEUE_ARN = 'arn:aws:sqs:eu-west-1:000000000000:';
const MAX_RECEIVES = 500;
const SENDER_ID = 'AIDASENDEROFREQUESTS';

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

/** Sends a request. During an outage of SQS, its sender tries again until SQS accepts it. */
export function enqueue(world: World, number: number): void {
  const request = world.scenario.requests[number];
  if (!request) return;
  const { time } = world;
  const againMs = worksAgainMs(outagesOf(world), 'sqs', time.nowMs());
  if (againMs > time.nowMs()) {
    time.after(againMs - time.nowMs(), () => enqueue(world, number));
    return;
  }
  request.sentAtMs = time.nowMs();
  const { redrivenFrom, isRow = false, revision } = request;
  const original = redrivenFrom === undefined ? undefined : world.scenario.requests[redrivenFrom];
  if (original) request.askedAtMs ??= Math.min(original.sentAtMs, time.nowMs());
  const isFromRoster = isRow || revision !== undefined;
  const sending = { id: `m${number}`, askedAtMs: original && request.askedAtMs, isFromRoster };
  world.sent.set(send(world, bodyOf(request), sending), request);
  if (original) count(world, 'request sent back by an operator');
  note(world, undefined, `request ${number} is sent (${request.idempotencyKey}, ${request.room.name})`);
}

/** Sends a message to the lane or, if it was first sent earlier, back to the redrive queue. */
export function send(
  { messaging }: World,
  body: string,
  { id, askedAtMs, isFromRoster }: { id: string; askedAtMs: number | undefined; isFromRoster: boolean },
): MemoryMessage {
  if (askedAtMs === undefined) return messaging.queue(LANE).send(body, { id });
  const wishedAt = new Date(askedAtMs).toISOString();
  return messaging
    .queue(REDRIVE)
    .send(body, { id, attributes: redriveAttributes({ lane: LANE, isFromRoster, wishedAt }) });
}

/** Delivers messages to a new worker as SQS may: in any order, twice concurrently, or through the dead-letter queue. */
export function deliverBatch(world: World, clients: AwsClients, handle: Handle): void {
  const { time, random } = world;
  if (isOut(world)) return;
  const visible = visibleMessages(world);
  const [first] = visible.toSorted(() => random() - 0.5);
  if (!first) return;
  if (strikes(world, 0.5) && queueNameOf(first) === LANE) moveByChance(world, first);
  const queue = queueOf(world, first);
  const others = visible.filter((message) => message !== first && queueOf(world, message) === queue);
  const chosen = [first, ...others.slice(0, Math.floor(random() * 3))];
  const batch = queue.take(chosen);
  for (const message of chosen.filter((each) => !batch.includes(each))) {
    count(world, 'received more often than allowed');
    noteMove(world, message);
  }
  if (visible.some((message) => !batch.includes(message) && message.sentAtMs < first.sentAtMs))
    count(world, 'delivered out of order');
  for (const message of batch) {
    boundReceives(world, message);
    if (!strikes(world)) continue;
    count(world, 'delivered twice concurrently');
    message.visibleAtMs = time.nowMs() + Math.floor(random() * 20_000);
  }
  if (batch.length > 0) invoke(world, clients, handle, batch);
}

function isOut(world: World): boolean {
  const outage = outageOf(outagesOf(world), 'sqs', world.time.nowMs());
  if (outage && !outage.hasFailed) count(world, 'outage of sqs');
  if (outage) outage.hasFailed = true;
  return outage !== undefined;
}

/** The messages that can be received, in the order of sending. SQS deletes messages that are too old, whether or not they are done. */
function visibleMessages(world: World): MemoryMessage[] {
  const visible = waitingMessages(world).filter((message) => queueOf(world, message).visible().includes(message));
  for (const { gone, id } of [...world.sent.keys(), ...(world.releases?.commands.keys() ?? [])]) {
    if (gone !== 'deleted by retention') continue;
    check(world, () => {
      throw new Violation(`I10: the message ${id} is deleted because it exceeds the retention of its queue`);
    });
  }
  return visible;
}

/** A wait is proportional to the time that has passed, so an outage of two days takes about a hundred receives. */
function boundReceives(world: World, message: MemoryMessage): void {
  if (message.receiveCount <= MAX_RECEIVES) return;
  check(world, () => {
    throw new Violation(`I11: the message ${message.id} is received more than ${MAX_RECEIVES} times`);
  });
}

function moveByChance(world: World, message: MemoryMessage): void {
  count(world, 'moved to the dead-letter queue');
  const request = world.sent.get(message);
  if (request) request.movedByChance = true;
  queueOf(world, message).setAside(message);
  noteMove(world, message);
}

function noteMove(world: World, { id, receiveCount }: MemoryMessage): void {
  note(world, undefined, `SQS moves ${id} to the dead-letter queue after ${receiveCount} receives`);
}

/** Runs one invocation with a batch in its own worker. */
export function invoke(
  world: World,
  clients: AwsClients,
  handle: Handle,
  batch: MemoryMessage[],
  worker = startWorker(world, batch),
): void {
  const deadlineMs = world.time.nowMs() + FUNCTION_TIMEOUT_MS;
  const context = { getRemainingTimeInMillis: () => Math.max(0, deadlineMs - world.time.nowMs()) } as Context;
  const deadLetters = batch[0]?.deadLetterSource !== undefined;
  world.time.after(FUNCTION_TIMEOUT_MS, () => {
    // A frozen worker is not stopped by the timeout. It resumes later as a zombie.
    if (worker.frozenUntilMs <= world.time.nowMs()) crash(world, worker);
  });
  currentWorker.run(worker, () => {
    handle({ Records: batch.map((message) => toRecord(world, message)) }, context, {
      world,
      clients,
      deadLetters,
    }).then(
      ({ batchItemFailures }) =>
        finish(world, worker, batch, new Set(batchItemFailures.map((each) => each.itemIdentifier))),
      (error) =>
        check(world, () => {
          throw error;
        }),
    );
  });
}

function toRecord(world: World, message: MemoryMessage) {
  // Only messages that an operator has sent back have a lane among their attributes.
  const queue = REDRIVE_ATTRIBUTES.lane in message.attributes ? REDRIVE : LANE;
  return toLambdaRecord(message, QUEUE_ARN + queue, senderOf(world.sent.get(message)));
}

function senderOf(request: ScenarioRequest | undefined): string {
  if (request?.isRow) return ROW_SENDER;
  return request?.revision === undefined ? SENDER_ID : EVENT_SENDER;
}

/** How long no message will be visible, so that the queue need not be polled. New messages are noticed within half a minute. */
export function idleMs(world: World): number {
  const { sent, time, scenario } = world;
  const outMs = worksAgainMs(outagesOf(world), 'sqs', time.nowMs()) - time.nowMs();
  if (outMs > 0) return outMs;
  const waiting = waitingMessages(world);
  const nextMs = Math.min(...waiting.map(({ visibleAtMs }) => visibleAtMs));
  const allSent = sent.size === scenario.requests.length && areCommandsSent(world);
  const isSure = allSent && world.activeInvocations === 0 && waiting.length > 0;
  return Math.max(0, (isSure ? nextMs : Math.min(nextMs, time.nowMs() + NEW_ONES_NOTICED_MS)) - time.nowMs());
}

/** Whether all release commands of the scenario were sent. */
export function areCommandsSent({ releases }: World): boolean {
  return releases === undefined || releases.commands.size === releases.plan.commands.length;
}

let workerNumber = 0;

export function nextWorkerName(): string {
  workerNumber += 1;
  return `w${workerNumber % 1000}`;
}

export function startWorker(world: World, batch: MemoryMessage[]): Worker {
  const skewMs = strikes(world, 10) ? Math.floor((world.random() * 2 - 1) * MAX_SKEW_MS) : 0;
  if (skewMs !== 0) count(world, 'clock skew');
  const worker = { name: nextWorkerName(), skewMs, alive: true, frozenUntilMs: 0 };
  world.activeInvocations += 1;
  note(
    world,
    worker,
    `receives ${batch.map((message) => `${message.id} (${queueNameOf(message)})`).join(', ')}, clock ${skewMs} ms`,
  );
  return worker;
}

/** Deletes done messages, as the event-source mapping does. The deletion may be lost, or come after the message has left its queue. */
function finish(world: World, worker: Worker, batch: MemoryMessage[], failed: Set<string>): void {
  if (!worker.alive) return;
  end(world, worker);
  note(world, worker, `returns; not done: ${[...failed].join(', ') || 'none'}`);
  for (const message of batch.filter(({ id }) => !failed.has(id))) {
    const request = world.sent.get(message);
    if (request) check(world, () => checkAcknowledged(world, request, message.body));
    else check(world, () => checkCommandAcknowledged(world, message));
    if (outageOf(outagesOf(world), 'sqs', world.time.nowMs())) continue;
    if (strikes(world)) {
      count(world, 'delivered again after it was done');
      message.visibleAtMs = world.time.nowMs() + Math.floor(world.random() * 30 * 60_000);
    } else {
      queueOf(world, message).remove(new Set([message.id]));
    }
  }
}
