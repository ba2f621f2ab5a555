import { CreateBucketCommand } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { ignored, kind } from './kind.ts';

const properties = z.strictObject({
  BucketName: z.string().optional(),
  // Nothing here is encrypted at rest, public, or owned by anyone else.
  BucketEncryption: ignored,
  PublicAccessBlockConfiguration: ignored,
  OwnershipControls: ignored,
  Tags: ignored,
});

export const makeBucket = kind(properties, async (logicalId, { BucketName }, { clients, stackName }) => {
  const name = BucketName ?? `${stackName}-${logicalId}`.toLowerCase();
  await clients.s3.send(new CreateBucketCommand({ Bucket: name }));
  return { ref: name, attributes: { Arn: `arn:aws:s3:::${name}` } };
});
