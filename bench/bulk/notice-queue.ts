import type { SendMessageCommandInput } from '@aws-sdk/client-sqs';
import { MAX_RECEIVES } from '../../lib/platform/retention.ts';
import type { Notice } from './modelled-messages.ts';

const REDELIVERED_AFTER_MS = 720_000;

export interface NoticeCounts {
  /** The number of receives of the message that was received most often. */
  mostReceives: number;
  /** How often notices were sent again. */
  renewals: number;
  /** Messages that were received too often. */
  deadLetters: number;
  /** The longest time for which a message was postponed. */
  longestWaitSeconds: number;
}

/** The queue of manifests. */
export function createNoticeQueue(nowMs: () => number, first: readonly Notice[]) {
  const notices = [...first];
  const counts: NoticeCounts = { mostReceives: 0, renewals: 0, deadLetters: 0, longestWaitSeconds: 0 };

  function remove(notice: Notice): void {
    notices.splice(notices.indexOf(notice), 1);
  }

  return {
    counts,
    isEmpty: () => notices.length === 0,
    nextVisibleMs: () => Math.min(...notices.map(({ visibleAtMs }) => visibleAtMs)),
    remove,
    send({ MessageBody = '', MessageAttributes = {}, DelaySeconds = 0 }: SendMessageCommandInput): void {
      counts.renewals += 1;
      notices.push({
        id: `renewed ${counts.renewals}`,
        body: MessageBody,
        visibleAtMs: nowMs() + DelaySeconds * 1000,
        receiveCount: 0,
        sentAtMs: nowMs(),
        messageAttributes: Object.fromEntries(
          Object.entries(MessageAttributes).map(([name, { StringValue = '' }]) => [name, { stringValue: StringValue }]),
        ),
      });
    },
    postpone(id: string | undefined, seconds: number): void {
      counts.longestWaitSeconds = Math.max(counts.longestWaitSeconds, seconds);
      for (const notice of notices) if (notice.id === id) notice.visibleAtMs = nowMs() + seconds * 1000;
    },
    /** The visible messages. Those that were received too often become dead letters. */
    receive(): Notice[] {
      return notices
        .filter(({ visibleAtMs }) => visibleAtMs <= nowMs())
        .filter((notice) => {
          notice.receiveCount += 1;
          notice.visibleAtMs = nowMs() + REDELIVERED_AFTER_MS;
          const isDead = notice.receiveCount > MAX_RECEIVES.manifests;
          if (isDead) {
            counts.deadLetters += 1;
            remove(notice);
          } else counts.mostReceives = Math.max(counts.mostReceives, notice.receiveCount);
          return !isDead;
        });
    },
  };
}
