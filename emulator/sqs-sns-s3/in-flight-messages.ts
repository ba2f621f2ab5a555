import type { InFlightMessage, SqsMessage } from './fauxqs-types.ts';
import { createGroupUse } from './noisy-groups.ts';

/**
 * A queue's messages in flight by receipt handle, as in fauxqs. The class also measures the share of the consumers' capacity that each
 * message group uses. It extends Map, because fauxqs removes messages in several places without a notification.
 */
export class InFlightMessages extends Map<string, InFlightMessage> {
  readonly use = createGroupUse(() => Date.now());

  override set(receiptHandle: string, entry: InFlightMessage): this {
    this.delete(receiptHandle);
    this.use.count(groupOf(entry.message), entry.message.sentTimestamp, 1);
    return super.set(receiptHandle, entry);
  }

  override delete(receiptHandle: string): boolean {
    const message = this.get(receiptHandle)?.message;
    if (message) this.use.count(groupOf(message), message.sentTimestamp, -1);
    return super.delete(receiptHandle);
  }

  override clear(): void {
    for (const receiptHandle of [...this.keys()]) this.delete(receiptHandle);
  }
}

/** "Each message without a MessageGroupId is treated as belonging to its own distinct tenant." */
export function groupOf({ messageId, messageGroupId }: SqsMessage): string {
  return messageGroupId === undefined ? `message ${messageId}` : `group ${messageGroupId}`;
}
