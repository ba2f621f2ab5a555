import { ChangeMessageVisibilityBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Clock } from './clock.ts';
import type { IncomingRecord } from './incoming-record.ts';
import type { Log } from './log.ts';

export interface PostponedRecord {
  record: IncomingRecord;
  untilMs: number;
}

export interface PostponingServices {
  clients: { sqs: Pick<SQSClient, 'send'> };
  clock: Pick<Clock, 'nowMs'>;
  log: Pick<Log, 'warn'>;
}

const MAX_BATCH = 10;
// A message may stay invisible for at most 12 hours after it was received, and SQS rejects a longer time. The message may have been
// received one function timeout ago, which is at most 15 minutes.
const MAX_DELAY_SECONDS = 12 * 3_600 - 15 * 60;

/**
 * Returns messages to their queue, so that SQS delivers them again at `untilMs`. They are not sent as new messages: a new message would
 * lose its age, a crash could duplicate it, and Lambda's recursion detection would stop it after sixteen rounds. A message that SQS does
 * not postpone returns after the queue's own visibility timeout.
 */
export async function postponeRecords(
  queueUrl: string,
  postponed: readonly PostponedRecord[],
  services: PostponingServices,
): Promise<void> {
  const batches = Array.from({ length: Math.ceil(postponed.length / MAX_BATCH) }, (_, index) =>
    postponed.slice(index * MAX_BATCH, (index + 1) * MAX_BATCH),
  );
  // The calls are concurrent. If SQS did not respond, sequential calls for a large batch could outlast the invocation.
  await Promise.all(batches.map((batch) => postponeBatch(queueUrl, batch, services)));
}

async function postponeBatch(
  queueUrl: string,
  batch: readonly PostponedRecord[],
  { clients, clock, log }: PostponingServices,
): Promise<void> {
  const command = new ChangeMessageVisibilityBatchCommand({
    QueueUrl: queueUrl,
    Entries: batch.map(({ record, untilMs }, index) => ({
      Id: String(index),
      ReceiptHandle: record.receiptHandle,
      VisibilityTimeout: delaySeconds(untilMs - clock.nowMs()),
    })),
  });
  try {
    const { Failed } = await clients.sqs.send(command);
    for (const { Id, Code } of Failed ?? []) {
      log.warn('A message was not postponed', { messageId: batch[Number(Id)]?.record.messageId, code: Code });
    }
  } catch (error) {
    log.warn('Messages were not postponed', { count: batch.length, error: String(error) });
  }
}

/** The delay in whole seconds, as SQS requires. It is never zero, because then the message would return immediately. */
export function delaySeconds(delayMs: number): number {
  return Math.min(MAX_DELAY_SECONDS, Math.max(1, Math.ceil(delayMs / 1000)));
}
