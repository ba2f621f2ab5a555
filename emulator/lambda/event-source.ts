import { setTimeout as pause } from 'node:timers/promises';
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { EventSourceMapping } from './definitions.ts';
import type { InvocationResult } from './execution-environment.ts';
import { toSqsEvent } from './sqs-event.ts';
import { unfinishedMessageIds } from './unfinished-messages.ts';

export interface EventSource {
  /** Takes no more messages, and resolves when the current invocations have ended. Messages that are not done stay in their queue. */
  stop(): Promise<void>;
}

export interface EventSourceOptions {
  sqs: SQSClient;
  queueUrl: string;
  region: string;
  invoke(event: unknown): Promise<InvocationResult>;
  /** The share of finished messages whose deletion is lost, so that they are delivered again. */
  duplicateRate: number;
  /** 0 inclusive to 1 exclusive. */
  random(): number;
  onError(error: unknown): void;
}

// Short, because a stack that stops waits for the current polls. An interrupted poll would lose its messages.
const POLL_SECONDS = 1;
const PAUSE_AFTER_ERROR_MS = 500;
const REDELIVER_WITHIN_SECONDS = 3;
const SQS_BATCH = 10;

/** Polls a queue for a function as Lambda's event-source mapping does, with at most `maximumConcurrency` concurrent invocations. */
export function startEventSource(mapping: EventSourceMapping, options: EventSourceOptions): EventSource {
  const stopping = new AbortController();
  const pollers = Array.from({ length: mapping.maximumConcurrency }, () => poll(mapping, options, stopping.signal));
  return {
    async stop() {
      stopping.abort();
      await Promise.all(pollers);
    },
  };
}

async function poll(mapping: EventSourceMapping, options: EventSourceOptions, stopping: AbortSignal): Promise<void> {
  while (!stopping.aborted) {
    try {
      const messages = await receiveBatch(mapping, options, stopping);
      if (stopping.aborted) await Promise.all(messages.map((message) => makeVisible(message, 0, options)));
      else if (messages.length > 0) await handle(messages, mapping, options);
    } catch (error) {
      if (!stopping.aborted) options.onError(error);
      await pause(PAUSE_AFTER_ERROR_MS, undefined, { signal: stopping }).catch(() => undefined);
    }
  }
}

/** Receives up to a batch of messages; with a batching window, those that arrive within it. */
async function receiveBatch(
  mapping: EventSourceMapping,
  options: EventSourceOptions,
  stopping: AbortSignal,
): Promise<Message[]> {
  const messages: Message[] = [];
  const windowEndsMs = Date.now() + mapping.batchingWindowSeconds * 1000;
  do {
    const command = new ReceiveMessageCommand({
      QueueUrl: options.queueUrl,
      MaxNumberOfMessages: Math.min(SQS_BATCH, mapping.batchSize - messages.length),
      WaitTimeSeconds: POLL_SECONDS,
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['All'],
    });
    messages.push(...((await options.sqs.send(command)).Messages ?? []));
  } while (messages.length < mapping.batchSize && Date.now() < windowEndsMs && !stopping.aborted);
  return messages;
}

async function handle(messages: Message[], mapping: EventSourceMapping, options: EventSourceOptions): Promise<void> {
  const result = await options.invoke(toSqsEvent(messages, mapping.queueArn, options.region));
  const unfinished = unfinishedMessageIds(result, messages, mapping.reportBatchItemFailures);
  const finished = messages.filter(({ MessageId }) => MessageId !== undefined && !unfinished.has(MessageId));
  const duplicated = new Set(finished.filter(() => options.random() < options.duplicateRate));
  const deleted = finished.filter((message) => !duplicated.has(message));
  await remove(deleted, options);
  // On rare occasions, SQS delivers a message again although it was deleted.
  const seconds = () => Math.floor(options.random() * REDELIVER_WITHIN_SECONDS);
  await Promise.all([...duplicated].map((message) => makeVisible(message, seconds(), options)));
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
  { sqs, queueUrl }: EventSourceOptions,
): Promise<void> {
  await sqs.send(
    new ChangeMessageVisibilityCommand({ QueueUrl: queueUrl, ReceiptHandle, VisibilityTimeout: afterSeconds }),
  );
}
