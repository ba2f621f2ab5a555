import type { SQSBatchResponse } from 'aws-lambda';
import { toLambdaRecord } from '../../simulation/lambda-record.ts';
import type { MemoryMessage, MemoryQueue, Removal } from '../../simulation/memory-queue.ts';

const QUEUE_ARN = 'arn:aws:sqs:eu-west-1:000000000000:';

/** The final state of a message that is no longer in its queue. */
export interface Ending {
  kind: Removal;
  atMs: number;
  receives: number;
}

/** The parts with which a test acts as SQS: a queue, a clock, and the function that handles the messages. */
export interface Delivery {
  queue: MemoryQueue;
  queueName: string;
  time: { nowMs(): number; pass(ms: number): void };
  handle(record: object): Promise<SQSBatchResponse>;
}

/** Delivers a message whenever it is visible, as SQS does, until it is done, a dead letter or too old. */
export async function deliverUntilGone(message: MemoryMessage, delivery: Delivery): Promise<Ending> {
  const { queue, queueName, time, handle } = delivery;
  for (;;) {
    const [received] = queue.receive(1);
    if (received) queue.finish([received], await handle(toLambdaRecord(received, QUEUE_ARN + queueName)));
    if (message.gone) return { kind: message.gone, atMs: time.nowMs(), receives: message.receiveCount };
    time.pass(Math.max(0, queue.nextVisibleMs() - time.nowMs()));
  }
}
