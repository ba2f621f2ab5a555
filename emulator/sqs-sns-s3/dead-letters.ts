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

/** The dead-letter queue of a queue, and its maximum of receives; undefined if it has none. */
export function redriveOf(queue: SqsQueue, store: SqsStore): Redrive | undefined {
  if (!queue.attributes.RedrivePolicy) return undefined;
  const { deadLetterTargetArn, maxReceiveCount } = redrivePolicySchema.parse(
    JSON.parse(queue.attributes.RedrivePolicy),
  );
  const deadLetterQueue = store.getQueueByArn(deadLetterTargetArn);
  return deadLetterQueue && { deadLetterQueue, maxReceiveCount };
}

/**
 * The caller has taken the message out of `source`. On disk, the row of a message names its queue, so entering the new queue
 * also removes it from the old one: no crash loses it.
 */
export function moveToDeadLetterQueue(message: SqsMessage, source: SqsQueue, deadLetterQueue: SqsQueue): void {
  // fauxqs has no field for the source. It stores sequence numbers on disk, which only FIFO queues use.
  message.sequenceNumber = source.arn;
  deadLetterQueue.enqueue(message);
}

/** The ARN of the queue that this dead letter came from. */
export function deadLetterSourceOf(message: SqsMessage): string | undefined {
  return message.sequenceNumber;
}
