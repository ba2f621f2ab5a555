import * as z from 'zod';
import { ACCOUNT_ID } from '../../account.ts';
import { jsonBody, type Needed, type ReadNeeded } from './needed.ts';

const inputSchema = z.object({
  QueueUrl: z.string().optional(),
  QueueName: z.string().optional(),
  SourceArn: z.string().optional(),
  DestinationArn: z.string().optional(),
  tags: z.record(z.string(), z.string()).optional(),
});

/** Every action applies to one queue. A batch action needs the permission of the corresponding single action. */
export const neededBySqs: ReadNeeded = (request, { sourcesOf }) => {
  const operation = request.headers['x-amz-target']?.replace(/^AmazonSQS\./, '') ?? '';
  const input = inputSchema.safeParse(jsonBody(request)).data;
  if (!input) return [];
  const { QueueUrl, QueueName, SourceArn, DestinationArn, tags } = input;
  const name = QueueName ?? QueueUrl?.split('/').at(-1) ?? '*';
  const resource = SourceArn ?? `arn:aws:sqs:${request.region}:${ACCOUNT_ID}:${name}`;
  const needed: Needed[] = [{ action: `sqs:${operation.replace(/Batch$/, '')}`, resource }];
  // "To be able to tag a queue on creation, you must have the sqs:CreateQueue and sqs:TagQueue permissions."
  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
  if (operation === 'CreateQueue' && tags) needed.push({ action: 'sqs:TagQueue', resource });
  if (operation === 'StartMessageMoveTask')
    needed.push(...neededByMove(resource, DestinationArn === undefined ? sourcesOf(resource) : [DestinationArn]));
  return needed;
};

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html */
function neededByMove(source: string, destinations: string[]): Needed[] {
  return [
    ...['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'].map((each) => ({
      action: `sqs:${each}`,
      resource: source,
    })),
    ...destinations.map((destination) => ({ action: 'sqs:SendMessage', resource: destination })),
  ];
}
