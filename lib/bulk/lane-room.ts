import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import type { BulkServices } from './bulk-services.ts';

/** The number of readers that run at once (`start-bulk-job` in serverless.yml). All of them may see the same number, so each takes its share of the room. */
export const READERS = 5;

const attributesSchema = z.object({
  ApproximateNumberOfMessages: z.coerce.number(),
  ApproximateNumberOfMessagesNotVisible: z.coerce.number(),
});

/**
 * How many messages this pass may send to the bulk lane. With about 120,000 messages in flight, which includes postponed ones, SQS delivers
 * no more, and long polling returns no error. Then one closed region would stop all others.
 * "there can be a maximum of approximately 120,000 inflight messages":
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html
 * @returns zero or less: none
 * @throws the error of SQS
 */
export async function roomInLane({ clients, config }: BulkServices, signal: AbortSignal): Promise<number> {
  const command = new GetQueueAttributesCommand({
    QueueUrl: config.bulkQueueUrl,
    AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
  });
  const { Attributes } = await clients.sqs.send(command, { abortSignal: signal });
  const { ApproximateNumberOfMessages: visible, ApproximateNumberOfMessagesNotVisible: inFlight } =
    attributesSchema.parse(Attributes);
  return Math.floor((config.laneStopMessages - visible - inFlight) / READERS);
}
