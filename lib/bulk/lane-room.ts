import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import type { BulkServices } from './bulk-services.ts';

/** As many readers as `start-bulk-job` runs at once (serverless.yml); each sees the same number and takes its part of the room. */
export const READERS = 5;

const attributesSchema = z.object({
  ApproximateNumberOfMessages: z.coerce.number(),
  ApproximateNumberOfMessagesNotVisible: z.coerce.number(),
});

/**
 * How many messages this pass may send to the bulk lane. Past about 120,000 in flight, which postponed ones are, SQS hands out
 * nothing more, without an error where receives poll long; then one closed region would stop all others.
 * "there can be a maximum of approximately 120,000 inflight messages":
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html
 * @returns not above zero: none
 * @throws what SQS fails with
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
