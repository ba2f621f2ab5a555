import type { Lane } from '../contract/lanes.ts';
import { readRedrive } from '../contract/redrive-attributes.ts';
import type { Config } from '../platform/config.ts';
import { type IncomingRecord, readRecords } from '../platform/incoming-record.ts';

/** The source of a message, and the rights that the source gives it. */
export interface MessageSource {
  lane: Lane;
  /** The queue to which a postponed message returns. */
  queueUrl: string;
  /** Present if an operator sent the message again after it was parked. */
  redriven?: { neededByMs?: number; wishedAtMs?: number };
  /**
   * Whether one of greenroom's own functions sent the message, for a bulk job or a live event. Only such messages may name a roster and use
   * its keys.
   */
  isFromRoster: boolean;
}

/** A message of a request queue together with its source. */
export type RequestRecord = IncomingRecord & { source: MessageSource };

export type SourceConfig = Pick<Config, 'queueUrls' | 'redriveQueueUrl' | 'rosterSenderRoleIds'>;

/** @throws ZodError or Error if the event is not from a request queue, which means that the event-source mapping is wrong */
export function readRequestRecords(event: unknown, config: SourceConfig): RequestRecord[] {
  return readRecords(event).map((record) => ({ ...record, source: sourceOf(record, config) }));
}

/**
 * Determines the source of a message from facts that its sender cannot choose: its queue, and the `SenderId` that SQS sets. Message
 * attributes count only in the redrive queue, to which only operators send.
 * @throws Error if the queue is not a request queue, which means that the event-source mapping is wrong
 */
export function sourceOf(record: IncomingRecord, config: SourceConfig): MessageSource {
  const { redriveQueueUrl, queueUrls } = config;
  const queueUrl = [redriveQueueUrl, queueUrls.interactive, queueUrls.bulk].find((url) =>
    isQueue(record.eventSourceARN, url),
  );
  if (queueUrl === undefined) throw new Error(`The queue ${record.eventSourceARN} is not a request queue`);
  // The redrive queue shares the dead-letter queue of the interactive lane.
  const { DeadLetterQueueSourceArn: deadLetterSource } = record.attributes;
  const isRedriven = queueUrl === redriveQueueUrl || isQueue(deadLetterSource, redriveQueueUrl);
  if (!isRedriven) {
    const lane = queueUrl === queueUrls.bulk ? 'bulk' : 'interactive';
    return { lane, queueUrl, isFromRoster: config.rosterSenderRoleIds.includes(roleIdOf(record)) };
  }
  const { lane, isFromRoster, ...redriven } = readRedrive(textsOf(record));
  return { lane, queueUrl, redriven, isFromRoster };
}

/** A queue's ARN and its URL both end with its name. */
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

function textsOf({ messageAttributes }: IncomingRecord): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(messageAttributes).map(([name, { stringValue }]) => [name, stringValue]));
}
