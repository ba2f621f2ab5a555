import { SendMessageCommand } from '@aws-sdk/client-sqs';
import type { Outcome } from '../provisioning/outcome.ts';
import { Postponement } from '../provisioning/postponement.ts';
import type { Services } from '../provisioning/services.ts';
import type { IncomingRecord } from './incoming-record.ts';
import { toMessageText } from './message-text.ts';

// The parked queue's MaximumMessageSize; it counts body and attributes, with their names and types.
const MAX_MESSAGE_BYTES = 1_048_576;
const ATTRIBUTE_NAME_BYTES = 100;

/** What parking takes. */
export interface ParkingServices extends Pick<Services, 'clock'> {
  clients: Pick<Services['clients'], 'sqs'>;
  config: Pick<Services['config'], 'parkedQueueUrl'>;
}

/**
 * Sends a message to the parked queue, for a person to look at: the body byte for byte, and what is known of it in one
 * attribute. Input queues take 64 KiB less than the parked queue, so that there is always room for it.
 * @throws Postponement if the queue does not take it.
 */
export async function parkRecord(
  record: IncomingRecord,
  parked: Extract<Outcome, { kind: 'parked' }> & { isFromRoster?: boolean },
  { clients, config, clock }: ParkingServices,
): Promise<void> {
  const known = {
    reason: parked.reason,
    detail: parked.detail,
    // A dead letter is to go back to the queue that it came from first.
    sourceQueue: record.attributes.DeadLetterQueueSourceArn ?? record.eventSourceARN,
    messageId: record.messageId,
    sentAt: new Date(record.attributes.SentTimestamp).toISOString(),
    receiveCount: record.attributes.ApproximateReceiveCount,
    parkedAt: new Date(clock.nowMs()).toISOString(),
    // Sent back, it comes from whoever sends it back; whether it may name a roster is known only here.
    isFromRoster: parked.isFromRoster,
  };
  const whole = toMessageText({ ...known, originalAttributes: record.messageAttributes });
  // Quoted as JSON, attributes may be twice as large as they came. The body is what must not be lost.
  const fits = Buffer.byteLength(record.body) + Buffer.byteLength(whole) < MAX_MESSAGE_BYTES - ATTRIBUTE_NAME_BYTES;
  const note = fits ? whole : toMessageText({ ...known, originalAttributesOmitted: true });
  const command = new SendMessageCommand({
    QueueUrl: config.parkedQueueUrl,
    MessageBody: record.body,
    MessageAttributes: { 'greenroom-parked': { DataType: 'String', StringValue: note } },
  });
  try {
    await clients.sqs.send(command);
  } catch (cause) {
    throw new Postponement('park-failed', { cause });
  }
}
