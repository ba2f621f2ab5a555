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
// A message may stay invisible for 12 hours from its receipt, and SQS refuses what goes beyond; it was received up to one
// time-out of a function (15 minutes at most) ago.
const MAX_DELAY_SECONDS = 12 * 3_600 - 15 * 60;

/**
 * Gives messages back to their queue, to be delivered again at their time. A message is never sent anew for that: it would
 * lose its age, could be doubled by a crash, and Lambda's recursion detection would stop it after sixteen rounds.
 * What SQS does not take comes back after the queue's own visibility time-out.
 */
export async function postponeRecords(
  queueUrl: string,
  postponed: readonly PostponedRecord[],
  { clients, clock, log }: PostponingServices,
): Promise<void> {
  for (let start = 0; start < postponed.length; start += MAX_BATCH) {
    const batch = postponed.slice(start, start + MAX_BATCH);
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
}

/** Whole seconds, as SQS wants them; never zero, which would bring the message back at once. */
export function delaySeconds(delayMs: number): number {
  return Math.min(MAX_DELAY_SECONDS, Math.max(1, Math.ceil(delayMs / 1000)));
}
