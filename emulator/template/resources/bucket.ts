import { CreateBucketCommand, type Event, PutBucketNotificationConfigurationCommand } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { ignored, kind } from './kind.ts';

const EVENTS = [
  's3:ObjectCreated:*',
  's3:ObjectCreated:Put',
  's3:ObjectCreated:Copy',
  's3:ObjectCreated:CompleteMultipartUpload',
] as const satisfies Event[];

const queueConfiguration = z.strictObject({
  Event: z.enum(EVENTS),
  Queue: z.string(),
  Filter: z
    .strictObject({
      S3Key: z.strictObject({
        Rules: z.array(z.strictObject({ Name: z.enum(['prefix', 'suffix']), Value: z.string() })),
      }),
    })
    .optional(),
});

const properties = z.strictObject({
  BucketName: z.string().optional(),
  NotificationConfiguration: z.strictObject({ QueueConfigurations: z.array(queueConfiguration) }).optional(),
  // Incomplete uploads cost nothing in the emulator.
  LifecycleConfiguration: ignored,
  // The emulator has neither encryption at rest nor public access, and all objects have the same owner.
  BucketEncryption: ignored,
  PublicAccessBlockConfiguration: ignored,
  OwnershipControls: ignored,
  Tags: ignored,
});

export const makeBucket = kind(properties, async (logicalId, properties, { clients, stackName }) => {
  const { BucketName, NotificationConfiguration } = properties;
  const name = BucketName ?? `${stackName}-${logicalId}`.toLowerCase();
  await clients.s3.send(new CreateBucketCommand({ Bucket: name }));
  if (NotificationConfiguration) {
    const QueueConfigurations = NotificationConfiguration.QueueConfigurations.map(({ Event, Queue, Filter }) => ({
      QueueArn: Queue,
      Events: [Event],
      ...(Filter && { Filter: { Key: { FilterRules: Filter.S3Key.Rules } } }),
    }));
    await clients.s3.send(
      new PutBucketNotificationConfigurationCommand({
        Bucket: name,
        NotificationConfiguration: { QueueConfigurations },
      }),
    );
  }
  return { ref: name, attributes: { Arn: `arn:aws:s3:::${name}` } };
});
