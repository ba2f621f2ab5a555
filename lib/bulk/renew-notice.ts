import { SendMessageCommand } from '@aws-sdk/client-sqs';
import type { IncomingRecord } from '../platform/incoming-record.ts';
import { toMessageAttributes, toMessageText } from '../platform/message-text.ts';
import type { BulkServices } from './bulk-services.ts';
import { deliveryOf, RENEWALS_ATTRIBUTE } from './notice-delivery.ts';

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
const MAX_DELAY_SECONDS = 900;
export const MAX_DELAY_MS = MAX_DELAY_SECONDS * 1000;

/**
 * Sends a notice again, unchanged, as a new message with all of its receives and its full retention left. The old message can then
 * be acknowledged.
 * @param arrivesAtMs when the new message should arrive; it arrives earlier if that delay exceeds the maximum of SQS
 * @returns whether it was sent
 */
export async function renewNotice(
  record: IncomingRecord,
  arrivesAtMs: number,
  { clients, config, clock, log }: BulkServices,
): Promise<boolean> {
  const { messageId } = record;
  const renewals = deliveryOf(record).renewals + 1;
  const delaySeconds = Math.ceil(Math.max(0, arrivesAtMs - clock.nowMs()) / 1000);
  try {
    await clients.sqs.send(
      new SendMessageCommand({
        QueueUrl: config.manifestQueueUrl,
        MessageBody: toMessageText(record.body),
        MessageAttributes: toMessageAttributes({ [RENEWALS_ATTRIBUTE]: String(renewals) }),
        DelaySeconds: Math.min(MAX_DELAY_SECONDS, delaySeconds),
      }),
    );
    log.info('A notice was sent again', { messageId, renewals });
    return true;
  } catch (error) {
    log.warn('A notice could not be sent again', { messageId, error: String(error) });
    return false;
  }
}
