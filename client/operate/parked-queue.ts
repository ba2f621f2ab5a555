import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
} from '@aws-sdk/client-sqs';
import type { Deployment } from '../deployment.ts';
import { type ParkedMessage, readParkedMessage } from './parked-message.ts';

/** The maximum number of messages that SQS accepts or returns in one call. */
const MAX_BATCH_MESSAGES = 10;
const BATCHES_AT_ONCE = 10;
/** A long poll queries all of SQS's servers. A short poll queries only some, and may miss messages. */
const LONG_POLL_SECONDS = 1;
/** Reading ends after this many receives without a new message, or after one if the approximate number of messages has been read. */
const MAX_RECEIVES_WITHOUT_NEW = 3;
const MIN_HOLD_SECONDS = 30;
const MAX_HOLD_SECONDS = 43_200;

export interface HeldMessage {
  parked: ParkedMessage;
  /** Deletes the message from the parked queue. */
  remove(): Promise<void>;
}

export interface ReadSettings {
  /** The minimum number of messages that the consumer handles per second. It determines how long messages are hidden from others. */
  messagesPerSecond: number;
  signal: AbortSignal;
  /** Called at the end if some messages could not be made visible. After `seconds`, all of them are visible. */
  onStillHidden: (count: number, seconds: number) => void;
}

export interface ParkedQueue {
  /** The approximate number of messages, visible or not, when the queue is opened. */
  approximateCount: number;
  /**
   * Yields each message once, in no particular order, until no more messages arrive or the signal is aborted. SQS hides the messages that
   * it delivers. When the generator ends, even with an error, all messages that were not removed become visible again.
   * @throws SQS's error
   */
  messages(settings: ReadSettings): AsyncGenerator<HeldMessage>;
}

/** @throws QueueDoesNotExist if the stage is not deployed */
export async function openParkedQueue(deployment: Deployment): Promise<ParkedQueue> {
  const queueUrl = await deployment.queueUrl('parked');
  const approximateCount = await countMessages(deployment, queueUrl);
  return {
    approximateCount,
    messages: (settings) => readMessages({ deployment, queueUrl, approximateCount }, settings),
  };
}

interface OpenQueue {
  deployment: Deployment;
  queueUrl: string;
  approximateCount: number;
}

async function* readMessages(queue: OpenQueue, settings: ReadSettings): AsyncGenerator<HeldMessage> {
  const { signal, messagesPerSecond, onStillHidden } = settings;
  const holdSeconds = Math.min(
    MIN_HOLD_SECONDS + Math.ceil((2 * queue.approximateCount) / messagesPerSecond),
    MAX_HOLD_SECONDS,
  );
  const seen = new Set<string>();
  // By message id: if a message is received twice, only the newest receipt handle counts.
  const handles = new Map<string, string>();
  let receivesWithoutNew = 0;
  try {
    while (
      !signal.aborted &&
      receivesWithoutNew < (seen.size < queue.approximateCount ? MAX_RECEIVES_WITHOUT_NEW : 1)
    ) {
      const received = await receive(queue, holdSeconds);
      for (const { id, handle } of received) handles.set(id, handle);
      const fresh = received.filter(({ id }) => !seen.has(id));
      receivesWithoutNew = fresh.length > 0 ? 0 : receivesWithoutNew + 1;
      for (const { id, message } of fresh) {
        if (signal.aborted) return;
        seen.add(id);
        yield { parked: readParkedMessage(message), remove: () => remove(queue, id, handles) };
      }
    }
  } finally {
    const hiddenCount = await makeVisible(queue, [...handles.values()]);
    if (hiddenCount > 0) onStillHidden(hiddenCount, holdSeconds);
  }
}

/** This call is never aborted, because messages that SQS delivered to an aborted call could not be made visible again. */
async function receive({ deployment, queueUrl }: OpenQueue, holdSeconds: number) {
  const { Messages = [] } = await deployment.sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: queueUrl,
      MaxNumberOfMessages: MAX_BATCH_MESSAGES,
      WaitTimeSeconds: LONG_POLL_SECONDS,
      VisibilityTimeout: holdSeconds,
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['SentTimestamp'],
    }),
  );
  return Messages.map((message: Message) => {
    const { MessageId: id, ReceiptHandle: handle } = message;
    if (id === undefined || handle === undefined)
      throw new Error('ReceiveMessage returned a message without an id or a handle');
    return { id, handle, message };
  });
}

async function remove({ deployment, queueUrl }: OpenQueue, id: string, handles: Map<string, string>): Promise<void> {
  await deployment.sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: handles.get(id) }));
  handles.delete(id);
}

/** @returns how many could not be made visible */
async function makeVisible(queue: OpenQueue, handles: string[]): Promise<number> {
  let hiddenCount = 0;
  const batches = inGroups(handles, MAX_BATCH_MESSAGES);
  for (const group of inGroups(batches, BATCHES_AT_ONCE)) {
    const counts = await Promise.all(group.map((batch) => makeBatchVisible(queue, batch)));
    hiddenCount += counts.reduce((sum, count) => sum + count, 0);
  }
  return hiddenCount;
}

/** Never throws, because the user needs to see the error that ended the reading, if there was one. */
async function makeBatchVisible({ deployment, queueUrl }: OpenQueue, handles: string[]): Promise<number> {
  const Entries = handles.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle, VisibilityTimeout: 0 }));
  try {
    const command = new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries });
    const { Failed = [] } = await deployment.sqs.send(command);
    // A sender fault means that the handle is no longer valid: the message is already visible, or gone.
    return Failed.filter(({ SenderFault }) => SenderFault !== true).length;
  } catch {
    return handles.length;
  }
}

async function countMessages({ sqs }: Deployment, queueUrl: string): Promise<number> {
  const AttributeNames = [
    'ApproximateNumberOfMessages',
    'ApproximateNumberOfMessagesNotVisible',
    'ApproximateNumberOfMessagesDelayed',
  ] as const;
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: [...AttributeNames] }),
  );
  return AttributeNames.reduce((sum, name) => sum + Number(Attributes[name] ?? 0), 0);
}

function inGroups<T>(list: T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, index) =>
    list.slice(index * size, (index + 1) * size),
  );
}
