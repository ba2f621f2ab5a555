import type { Config, Lane } from '../platform/config.ts';
import type { IncomingRecord } from '../platform/incoming-record.ts';

/** Message attributes of the redrive queue. Only who may send there can set them with an effect. */
export const LANE_ATTRIBUTE = 'greenroom-lane';
export const NEEDED_BY_ATTRIBUTE = 'greenroom-needed-by';
export const FROM_ROSTER_ATTRIBUTE = 'greenroom-from-roster';

/** Where a message came from, and what follows from that. */
export interface MessageSource {
  lane: Lane;
  /** The queue that it is given back to. */
  queueUrl: string;
  /** An operator sent it, after it was parked. */
  redriven?: { neededByMs?: number };
  /** One of greenroom's own functions asks, for a bulk job or a live event: only they may name a roster and use its keys. */
  isFromRoster: boolean;
}

export type SourceConfig = Pick<Config, 'queueUrls' | 'redriveQueueUrl' | 'rosterSenderRoleIds'>;

/**
 * Tells a message's source by what its sender can't choose: the queue that it came through, and SQS's `SenderId`.
 * @throws Error if it came from no queue of requests: then the mapping is wrong
 */
export function sourceOf(record: IncomingRecord, config: SourceConfig): MessageSource {
  const { redriveQueueUrl, queueUrls } = config;
  const queueUrl = [redriveQueueUrl, queueUrls.interactive, queueUrls.bulk].find((url) =>
    isQueue(record.eventSourceARN, url),
  );
  if (queueUrl === undefined) throw new Error(`No lane is served by the queue ${record.eventSourceARN}`);
  // One queue has one dead-letter queue: among the interactive lane's dead letters are those of the redrive queue.
  const { DeadLetterQueueSourceArn: deadLetterSource } = record.attributes;
  const isRedriven = queueUrl === redriveQueueUrl || isQueue(deadLetterSource, redriveQueueUrl);
  if (!isRedriven) {
    const lane = queueUrl === queueUrls.bulk ? 'bulk' : 'interactive';
    return { lane, queueUrl, isFromRoster: config.rosterSenderRoleIds.includes(roleIdOf(record)) };
  }
  return {
    // Whoever sends without a lane, or with a wrong one, gets the one that nobody has to wait in.
    lane: textOf(record, LANE_ATTRIBUTE) === 'bulk' ? 'bulk' : 'interactive',
    queueUrl,
    redriven: neededByOf(record),
    isFromRoster: textOf(record, FROM_ROSTER_ATTRIBUTE) === 'true',
  };
}

/** The last part of an ARN and of a queue's URL is its name. */
function isQueue(arn: string | undefined, url: string): boolean {
  return arn !== undefined && arn.split(':').at(-1) === url.split('/').at(-1);
}

/**
 * "For an IAM role, returns the IAM role ID, for example ABCDE1F2GH3I4JK5LMNOP:i-a123b456":
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
 */
function roleIdOf({ attributes: { SenderId = '' } }: IncomingRecord): string {
  const [roleId = '', session] = SenderId.split(':');
  return session === undefined ? '' : roleId;
}

function neededByOf(record: IncomingRecord): { neededByMs?: number } {
  const neededByMs = Date.parse(String(textOf(record, NEEDED_BY_ATTRIBUTE)));
  return Number.isFinite(neededByMs) ? { neededByMs } : {};
}

function textOf({ messageAttributes }: IncomingRecord, name: string): string | undefined {
  return Object.hasOwn(messageAttributes, name) ? messageAttributes[name]?.stringValue : undefined;
}
