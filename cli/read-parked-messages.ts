import type { Deployment } from '../client/deployment.ts';
import { printNotes } from '../client/fit-line.ts';
import type { ParkedMessage } from '../client/operate/parked-message.ts';
import { openParkedQueue } from '../client/operate/parked-queue.ts';

/** A low estimate of the rate at which messages are received and printed. It allows for a bad connection and long bodies. */
export const MESSAGES_PER_SECOND = 20;

/**
 * Passes each parked message to `visit`. All messages stay in the queue.
 * @returns the approximate number of messages that SQS did not deliver, for example because another reader is holding them
 * @throws the signal's reason if the user interrupts
 */
export async function readParkedMessages(
  deployment: Deployment,
  signal: AbortSignal,
  visit: (parked: ParkedMessage) => void,
): Promise<number> {
  const queue = await openParkedQueue(deployment);
  let seenCount = 0;
  const settings = { messagesPerSecond: MESSAGES_PER_SECOND, signal, onStillHidden: warnOfHidden };
  for await (const { parked } of queue.messages(settings)) {
    seenCount += 1;
    visit(parked);
  }
  signal.throwIfAborted();
  return Math.max(0, queue.approximateCount - seenCount);
}

export function warnOfHidden(count: number, seconds: number): void {
  printNotes([`${count} messages could not be made visible again; they will be visible within ${seconds} seconds.`]);
}

export function unseenText(unseenCount: number): string {
  return `About ${unseenCount} messages were not visible: another command may be reading them.`;
}
