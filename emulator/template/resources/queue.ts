import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  SetQueueAttributesCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { ignored, kind, numeric } from './kind.ts';

const properties = z.strictObject({
  QueueName: z.string(),
  VisibilityTimeout: numeric.optional(),
  MessageRetentionPeriod: numeric.optional(),
  MaximumMessageSize: numeric.optional(),
  ReceiveMessageWaitTimeSeconds: numeric.optional(),
  DelaySeconds: numeric.optional(),
  RedrivePolicy: z.strictObject({ deadLetterTargetArn: z.string(), maxReceiveCount: numeric }).optional(),
  // The emulator has no encryption at rest and does not use tags.
  SqsManagedSseEnabled: ignored,
  Tags: ignored,
});

export const makeQueue = kind(properties, async (_logicalId, { QueueName, ...rest }, { clients }) => {
  const { SqsManagedSseEnabled, Tags, ...honoured } = rest;
  const Attributes = Object.fromEntries(
    Object.entries(honoured).map(([name, value]) => [
      name,
      typeof value === 'object' ? JSON.stringify(value) : String(value),
    ]),
  );
  const url = (await existingUrl(clients.sqs, QueueName)) ?? (await create(clients.sqs, QueueName, Attributes));
  await clients.sqs.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes }));
  const made = await clients.sqs.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn'] }));
  return { ref: url, attributes: { Arn: made.Attributes?.QueueArn ?? '', QueueName, QueueUrl: url } };
});

async function existingUrl(sqs: SQSClient, QueueName: string): Promise<string | undefined> {
  try {
    return (await sqs.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl;
  } catch (error) {
    if (error instanceof Error && /NonExistentQueue|QueueDoesNotExist/.test(error.name)) return undefined;
    throw error;
  }
}

async function create(sqs: SQSClient, QueueName: string, Attributes: Record<string, string>): Promise<string> {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
  if (QueueUrl === undefined) throw new Error(`SQS created ${QueueName} without a URL`);
  return QueueUrl;
}
