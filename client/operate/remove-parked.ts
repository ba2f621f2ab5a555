import type { Deployment } from '../deployment.ts';
import type { ParkedMessage } from './parked-message.ts';
import { openParkedQueue, type ReadSettings } from './parked-queue.ts';
import { whyNotRemovable } from './parked-reason.ts';
import { MESSAGES_PER_SECOND } from './read-parked-messages.ts';

export interface RemoveSettings extends Pick<ReadSettings, 'signal' | 'onStillHidden'> {
  /** Receives each message before it is deleted, so that a copy of it can be kept. */
  keep(parked: ParkedMessage): void;
}

/**
 * Deletes parked messages. A message that may not be removed stays in the queue.
 * @param wanted the ids of the messages. An id that is no longer found is not reported
 * @returns each message that was removed
 * @throws SQS's error; the signal's reason if the signal is aborted. This is noticed only between two messages
 */
export async function* removeParked(
  deployment: Deployment,
  wanted: ReadonlySet<string>,
  { signal, onStillHidden, keep }: RemoveSettings,
): AsyncGenerator<ParkedMessage> {
  const queue = await openParkedQueue(deployment);
  let leftCount = wanted.size;
  for await (const { parked, remove } of queue.messages({
    messagesPerSecond: MESSAGES_PER_SECOND,
    signal,
    onStillHidden,
  })) {
    if (!wanted.has(parked.id)) continue;
    leftCount -= 1;
    if (whyNotRemovable(parked) === undefined) {
      keep(parked);
      await remove();
      yield parked;
    }
    if (leftCount === 0) return;
  }
  signal.throwIfAborted();
}
