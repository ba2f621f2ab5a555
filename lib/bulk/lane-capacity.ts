import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import * as z from 'zod/mini';
import type { BulkServices } from './bulk-services.ts';

/**
 * How many readers run at the same time (`start-bulk-job` in serverless.yml). All of them may see the same free space in the lane, so each
 * uses only its share.
 */
export const READERS = 5;

const attributesSchema = z.object({
  ApproximateNumberOfMessages: z.coerce.number(),
  ApproximateNumberOfMessagesNotVisible: z.coerce.number(),
});

/**
 * How many messages this pass may send to the bulk lane. When about 120,000 messages are in flight, including postponed ones, SQS delivers
 * no more, and long polling returns no error. The postponed messages of one closed region could therefore block all other regions. "there
 * can be a maximum of approximately 120,000 inflight messages":
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html
 * @returns the number; zero or less if the lane is full
 * @throws the error of SQS
 */
export async function laneCapacity({ clients, config }: BulkServices, signal: AbortSignal): Promise<number> {
  const command = new GetQueueAttributesCommand({
    QueueUrl: config.bulkQueueUrl,
    AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
  });
  const { Attributes } = await clients.sqs.send(command, { abortSignal: signal });
  const { ApproximateNumberOfMessages: visible, ApproximateNumberOfMessagesNotVisible: inFlight } =
    attributesSchema.parse(Attributes);
  return Math.floor((config.laneStopMessages - visible - inFlight) / READERS);
}
