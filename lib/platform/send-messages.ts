import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { messageGroup } from '../contract/keys.ts';
import type { Region } from '../contract/regions.ts';
import { backoffMs, type Random } from './backoff.ts';
import type { Clock } from './clock.ts';
import { toMessageText } from './message-text.ts';

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
const MAX_BATCH_MESSAGES = 10;
const MAX_BATCH_BYTES = 1_048_576;
/** The MaximumMessageSize of the request queues: infrastructure/queues.yml. */
export const MAX_MESSAGE_BYTES = 983_040;
const MAX_ATTEMPTS = 5;
const BACKOFF = { baseMs: 200, capMs: 5_000 };

export interface Outgoing {
  /** JSON. Characters that SQS does not accept are sent escaped. */
  body: string;
  tenant: string;
  /** The region of its room, if that is known. */
  region?: Region;
}

/** The result for one message. `problem`: why the queue has not accepted it; absent if it has. */
export interface SendResult<T extends Outgoing> {
  message: T;
  problem?: string;
}

export interface SendSettings {
  sqs: Pick<SQSClient, 'send'>;
  queueUrl: string;
  clock: Clock;
  random: Random;
  signal: AbortSignal;
}

/**
 * Sends messages in as few calls as SQS allows. Each message is in the group of its tenant and region, so that no tenant has to wait for
 * all requests of another. Yields the results of each batch when the batch is done. Messages that SQS rejects temporarily are sent again,
 * with backoff.
 *
 * @throws the error of a call after the SDK's retries. The call's messages may or may not be in the queue. Requests can safely be sent a
 *   second time, because their keys are the same
 */
export async function* sendMessages<T extends Outgoing>(
  messages: AsyncIterable<T> | Iterable<T>,
  settings: SendSettings,
): AsyncGenerator<SendResult<T>[]> {
  for await (const batch of inBatches(messages)) yield await sendBatch(batch, settings);
}

/** Sends messages as `sendMessages` does. @throws errors from `sendMessages`, and Error if the queue does not accept a message */
export async function sendAllMessages(messages: Iterable<Outgoing>, settings: SendSettings): Promise<void> {
  for await (const results of sendMessages(messages, settings)) {
    const refused = results.find(({ problem }) => problem !== undefined);
    if (refused) throw new Error(`The queue did not accept a message: ${refused.problem}`);
  }
}

async function* inBatches<T extends Outgoing>(messages: AsyncIterable<T> | Iterable<T>): AsyncGenerator<T[]> {
  let batch: T[] = [];
  let batchBytes = 0;
  for await (const message of messages) {
    const sizeBytes = Buffer.byteLength(toMessageText(message.body));
    if (batch.length === MAX_BATCH_MESSAGES || (batch.length > 0 && batchBytes + sizeBytes > MAX_BATCH_BYTES)) {
      yield batch;
      batch = [];
      batchBytes = 0;
    }
    batch.push(message);
    batchBytes += sizeBytes;
  }
  if (batch.length > 0) yield batch;
}

async function sendBatch<T extends Outgoing>(batch: T[], settings: SendSettings): Promise<SendResult<T>[]> {
  const results = batch.map((message): SendResult<T> => ({ message, ...tooLarge(message) }));
  let waiting = results.filter(({ problem }) => problem === undefined);
  for (let attempt = 1; waiting.length > 0; attempt++) {
    const failed = await sendOnce(waiting, settings);
    waiting = waiting.filter((result, index) => {
      const failure = failed.get(String(index));
      const isFinal = failure?.SenderFault === true || attempt === MAX_ATTEMPTS;
      if (failure && isFinal) result.problem = `${failure.Code}: ${failure.Message ?? 'the queue did not accept it'}`;
      return failure && !isFinal;
    });
    if (waiting.length > 0) await settings.clock.sleep(backoffMs(attempt, BACKOFF, settings.random), settings.signal);
  }
  return results;
}

async function sendOnce(waiting: { message: Outgoing }[], { sqs, queueUrl, signal }: SendSettings) {
  const command = new SendMessageBatchCommand({
    QueueUrl: queueUrl,
    Entries: waiting.map(({ message }, index) => ({
      Id: String(index),
      MessageBody: toMessageText(message.body),
      MessageGroupId: messageGroup(message),
    })),
  });
  const { Failed = [] } = await sqs.send(command, { abortSignal: signal });
  return new Map(Failed.map((failure) => [failure.Id, failure]));
}

function tooLarge({ body }: Outgoing): { problem?: string } {
  const sizeBytes = Buffer.byteLength(toMessageText(body));
  if (sizeBytes <= MAX_MESSAGE_BYTES) return {};
  return { problem: `It is ${sizeBytes} bytes long; the queue accepts at most ${MAX_MESSAGE_BYTES}` };
}
