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

/** The dead-letter queue of a queue, and the queue's `maxReceiveCount`; undefined if it has no dead-letter queue. */
export function redriveOf(queue: SqsQueue, store: SqsStore): Redrive | undefined {
  if (!queue.attributes.RedrivePolicy) return undefined;
  const { deadLetterTargetArn, maxReceiveCount } = redrivePolicySchema.parse(
    JSON.parse(queue.attributes.RedrivePolicy),
  );
  const deadLetterQueue = store.getQueueByArn(deadLetterTargetArn);
  return deadLetterQueue && { deadLetterQueue, maxReceiveCount };
}

/**
 * Moves a message that the caller has taken out of `source`. On disk, a message is one row that names its queue, so a crash leaves it in
 * one of the two queues.
 */
export function moveToDeadLetterQueue(message: SqsMessage, source: SqsQueue, deadLetterQueue: SqsQueue): void {
  // fauxqs has no field for the source queue. The sequence number contains the ARN, because fauxqs stores sequence numbers on disk and only
  // FIFO queues use them.
  message.sequenceNumber = source.arn;
  deadLetterQueue.enqueue(message);
}

/** The ARN of the queue that this dead letter came from. */
export function deadLetterSourceOf(message: SqsMessage): string | undefined {
  return message.sequenceNumber;
}
