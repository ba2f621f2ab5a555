import type { Deployment } from '../deployment.ts';
import type { ParkedMessage } from './parked-message.ts';
import { openParkedQueue, type ReadSettings } from './parked-queue.ts';

/** A low estimate of the rate at which messages are received and printed. It allows for a bad connection and long bodies. */
export const MESSAGES_PER_SECOND = 20;

/**
 * Passes each parked message to `visit`. All messages stay in the queue.
 * @param visit its second argument is the approximate number of messages in the queue
 * @returns the approximate number of messages that SQS did not deliver, for example because another reader is holding them
 * @throws the signal's reason if the user interrupts
 */
export async function readParkedMessages(
  deployment: Deployment,
  { signal, onStillHidden }: Pick<ReadSettings, 'signal' | 'onStillHidden'>,
  visit: (parked: ParkedMessage, approximateCount: number) => void,
): Promise<number> {
  const queue = await openParkedQueue(deployment);
  let seenCount = 0;
  for await (const { parked } of queue.messages({ messagesPerSecond: MESSAGES_PER_SECOND, signal, onStillHidden })) {
    seenCount += 1;
    visit(parked, queue.approximateCount);
  }
  signal.throwIfAborted();
  return Math.max(0, queue.approximateCount - seenCount);
}
