import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { PARKED_NOTE_ATTRIBUTE, type ParkedNoteInput, type ParkReason } from '../contract/parked-note.ts';
import type { Clock } from './clock.ts';
import type { IncomingRecord } from './incoming-record.ts';
import { toMessageAttributes, toMessageText } from './message-text.ts';

// The parked queue's MaximumMessageSize. It applies to the body and the attributes together, with their names and types.
const MAX_MESSAGE_BYTES = 1_048_576;
const ATTRIBUTE_NAME_BYTES = 100;

export interface Parking {
  reason: ParkReason;
  detail: string;
  /** Whether the message may name a roster; absent if this is unknown. */
  isFromRoster?: boolean;
  /** When a room request or release command was first sent. A redrive does not change this time. */
  wishedAtMs?: number;
}

export interface ParkingServices {
  clients: { sqs: Pick<SQSClient, 'send'> };
  config: { parkedQueueUrl: string };
  clock: Pick<Clock, 'nowMs'>;
}

/**
 * Sends a message to the parked queue, for a person to examine. The body is unchanged, and one attribute contains a note with the facts
 * about the message. The parked queue accepts 64 KiB more than the queues for requests and live events, which leaves room for the note.
 * @throws the error of SQS
 */
export async function parkRecord(
  record: IncomingRecord,
  { reason, detail, isFromRoster, wishedAtMs }: Parking,
  { clients, config, clock }: ParkingServices,
): Promise<void> {
  const { attributes, messageAttributes } = record;
  const note: ParkedNoteInput = {
    reason,
    detail,
    // A dead letter that is sent back returns to its original queue.
    sourceQueue: attributes.DeadLetterQueueSourceArn ?? record.eventSourceARN,
    messageId: record.messageId,
    sentAt: new Date(attributes.SentTimestamp).toISOString(),
    receiveCount: attributes.ApproximateReceiveCount,
    parkedAt: new Date(clock.nowMs()).toISOString(),
    // After a parked message is sent back, its sender is the operator. Only this note shows whether it may name a roster.
    ...(isFromRoster !== undefined && { isFromRoster }),
    // SQS gives a message that is sent back a new time. Only this note shows when its wish was made.
    ...(wishedAtMs !== undefined && { wishedAt: new Date(wishedAtMs).toISOString() }),
  };
  await clients.sqs.send(
    new SendMessageCommand({
      QueueUrl: config.parkedQueueUrl,
      MessageBody: record.body,
      MessageAttributes: toMessageAttributes({
        [PARKED_NOTE_ATTRIBUTE]: noteText(note, record.body, messageAttributes),
      }),
    }),
  );
}

/**
 * In JSON, escapes may double the size of the attributes. If they do not fit, they are left out, because the body must not be lost.
 */
function noteText(
  note: ParkedNoteInput,
  body: string,
  originalAttributes: IncomingRecord['messageAttributes'],
): string {
  const whole = toMessageText({ ...note, originalAttributes } satisfies ParkedNoteInput);
  const fits = Buffer.byteLength(body) + Buffer.byteLength(whole) < MAX_MESSAGE_BYTES - ATTRIBUTE_NAME_BYTES;
  return fits ? whole : toMessageText({ ...note, originalAttributesOmitted: true } satisfies ParkedNoteInput);
}
