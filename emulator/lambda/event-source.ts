import { setTimeout as pause } from 'node:timers/promises';
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { AccountConcurrency } from './account-concurrency.ts';
import type { EventSourceMapping } from './definitions.ts';
import type { InvocationResult } from './execution-environment.ts';
import { toSqsEvent } from './sqs-event.ts';
import { unfinishedMessageIds } from './unfinished-messages.ts';

export interface EventSource {
  /** Stops receiving messages, and resolves when the current invocations have ended. Messages that are not done stay in their queue. */
  stop(): Promise<void>;
}

export interface Throttling {
  /** The concurrency that all event sources of the account share. */
  account: AccountConcurrency;
  /** How long Lambda tries to invoke the function for a batch: the visibility timeout of the queue. */
  visibilityTimeoutMs: number;
}

export interface EventSourceOptions {
  /** The client that Lambda uses with the function's role. */
  sqs: SQSClient;
  /** The emulator's own client, for actions of SQS and Lambda that do not use the role. Default: `sqs` */
  ownSqs?: SQSClient;
  queueUrl: string;
  region: string;
  invoke(event: unknown): Promise<InvocationResult>;
  /** How long a receive waits for messages. `stop` waits for the current one. Default: one second */
  pollSeconds?: number;
  /** By default no invocation is throttled. */
  throttling?: Throttling | undefined;
  /** The share of finished messages whose deletion is lost, so that they are delivered again. */
  duplicateRate: number;
  /** 0 inclusive to 1 exclusive. */
  random(): number;
  onError(error: unknown): void;
}

// Short, because `stop` waits for the current poll. An interrupted poll would lose its messages.
const POLL_SECONDS = 1;
const PAUSE_AFTER_ERROR_MS = 500;
const REDELIVER_WITHIN_SECONDS = 3;
const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 1_000;
const SQS_BATCH = 10;

/**
 * Polls a queue for a function as Lambda's event-source mapping does, with at most `maximumConcurrency` concurrent invocations. The pollers
 * take turns at receiving: while a queue is empty, only one of them polls it.
 */
export function startEventSource(mapping: EventSourceMapping, options: EventSourceOptions): EventSource {
  const stopping = new AbortController();
  const polling = { mapping, options, stopping: stopping.signal, inTurn: createTurns() };
  const pollers = Array.from({ length: mapping.maximumConcurrency }, () => poll(polling));
  return {
    async stop() {
      stopping.abort();
      await Promise.all(pollers);
    },
  };
}

interface Polling {
  mapping: EventSourceMapping;
  options: EventSourceOptions;
  stopping: AbortSignal;
  /** Runs a task when all earlier tasks have ended. */
  inTurn<Result>(task: () => Promise<Result>): Promise<Result>;
}

function createTurns(): Polling['inTurn'] {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const result = last.then(task);
    last = result.catch(() => undefined);
    return result;
  };
}

async function poll(polling: Polling): Promise<void> {
  const { options, stopping } = polling;
  while (!stopping.aborted) {
    try {
      const messages = await polling.inTurn(() => receiveBatch(polling));
      if (stopping.aborted) await Promise.all(messages.map((message) => makeVisible(message, 0, options)));
      else if (messages.length > 0) await handle(messages, polling);
    } catch (error) {
      if (!stopping.aborted) options.onError(error);
      await pause(PAUSE_AFTER_ERROR_MS, undefined, { signal: stopping }).catch(() => undefined);
    }
  }
}

/** Receives at most one batch of messages. With a batching window, it waits for more messages until the window ends. */
async function receiveBatch({ mapping, options, stopping }: Polling): Promise<Message[]> {
  const messages: Message[] = [];
  if (stopping.aborted) return messages;
  const windowEndsMs = Date.now() + mapping.batchingWindowSeconds * 1000;
  do {
    const command = new ReceiveMessageCommand({
      QueueUrl: options.queueUrl,
      MaxNumberOfMessages: Math.min(SQS_BATCH, mapping.batchSize - messages.length),
      WaitTimeSeconds: mapping.batchingWindowSeconds > 0 ? POLL_SECONDS : (options.pollSeconds ?? POLL_SECONDS),
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['All'],
    });
    messages.push(...((await options.sqs.send(command)).Messages ?? []));
  } while (messages.length < mapping.batchSize && Date.now() < windowEndsMs && !stopping.aborted);
  return messages;
}

async function handle(messages: Message[], { mapping, options, stopping }: Polling): Promise<void> {
  const result = await invokeUnlessThrottled(toSqsEvent(messages, mapping.queueArn, options.region), options, stopping);
  if (result === undefined) return;
  const unfinished = unfinishedMessageIds(result, messages, mapping.reportBatchItemFailures);
  const finished = messages.filter(({ MessageId }) => MessageId !== undefined && !unfinished.has(MessageId));
  const duplicated = new Set(finished.filter(() => options.random() < options.duplicateRate));
  const deleted = finished.filter((message) => !duplicated.has(message));
  await remove(deleted, options);
  // On rare occasions, SQS delivers a message again after it was deleted.
  const seconds = () => Math.floor(options.random() * REDELIVER_WITHIN_SECONDS);
  await Promise.all([...duplicated].map((message) => makeVisible(message, seconds(), options)));
}

/**
 * "If the invocation fails due to throttling, Lambda gradually backs off retries […]. Lambda continues to retry the message until the
 * message's timestamp exceeds your queue's visibility timeout, at which point Lambda drops the message":
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html. The queue then delivers the message again, and its receive
 *   count increases by one.
 * @returns undefined if the function was throttled until then
 */
async function invokeUnlessThrottled(
  event: unknown,
  { throttling, invoke }: EventSourceOptions,
  stopping: AbortSignal,
): Promise<InvocationResult | undefined> {
  if (throttling === undefined) return invoke(event);
  const droppedAtMs = Date.now() + throttling.visibilityTimeoutMs;
  let retryMs = FIRST_RETRY_MS;
  while (Date.now() < droppedAtMs && !stopping.aborted) {
    const result = await throttling.account.run(() => invoke(event));
    if (result !== undefined) return result;
    await pause(retryMs, undefined, { signal: stopping }).catch(() => undefined);
    retryMs = Math.min(LAST_RETRY_MS, retryMs * 2);
  }
  return undefined;
}

async function remove(messages: Message[], { sqs, queueUrl }: EventSourceOptions): Promise<void> {
  for (let start = 0; start < messages.length; start += SQS_BATCH) {
    const Entries = messages
      .slice(start, start + SQS_BATCH)
      .map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
  }
}

async function makeVisible(
  { ReceiptHandle }: Message,
  afterSeconds: number,
  { sqs, ownSqs = sqs, queueUrl }: EventSourceOptions,
): Promise<void> {
  await ownSqs.send(
    new ChangeMessageVisibilityCommand({ QueueUrl: queueUrl, ReceiptHandle, VisibilityTimeout: afterSeconds }),
  );
}
