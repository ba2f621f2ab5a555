import * as z from 'zod';
import type { SqsMessage, SqsQueue, SqsStore } from './fauxqs-types.ts';

const redrivePolicySchema = z.object({
  deadLetterTargetArn: z.string(),
  maxReceiveCount: z.coerce.number().int().min(1),
});

export interface Redrive {
  deadLetterQueue: SqsQueue;
  maxReceiveCount: number;
}

/** Where the queue's messages go that were received too often; undefined: nowhere. */
export function redriveOf(queue: SqsQueue, store: SqsStore): Redrive | undefined {
  if (!queue.attributes.RedrivePolicy) return undefined;
  const { deadLetterTargetArn, maxReceiveCount } = redrivePolicySchema.parse(
    JSON.parse(queue.attributes.RedrivePolicy),
  );
  const deadLetterQueue = store.getQueueByArn(deadLetterTargetArn);
  return deadLetterQueue && { deadLetterQueue, maxReceiveCount };
}

/**
 * The caller has taken the message out of `source`. On disk, the row of a message names its queue, so that entering the new queue is
 * also what removes it from the old one: no crash loses it.
 */
export function moveToDeadLetterQueue(message: SqsMessage, source: SqsQueue, deadLetterQueue: SqsQueue): void {
  // fauxqs has no place for the source. Sequence numbers are for FIFO queues, and it keeps them on disk.
  message.sequenceNumber = source.arn;
  deadLetterQueue.enqueue(message);
}

/** The ARN of the queue that this dead letter came from. */
export function deadLetterSourceOf(message: SqsMessage): string | undefined {
  return message.sequenceNumber;
}
