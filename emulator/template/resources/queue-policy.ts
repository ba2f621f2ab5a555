import { SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { policySchema, requireKnownConditions } from '../../sqs-sns-s3/queue-policy.ts';
import { kind } from './kind.ts';

const properties = z.strictObject({
  Queues: z.array(z.string()),
  // The policy is stored unchanged. It is parsed only to refuse parts that the emulator does not evaluate.
  PolicyDocument: z.record(z.string(), z.unknown()),
});

/** The policy of queues. It is enforced for messages from topics and buckets. */
export const makeQueuePolicy = kind(properties, async (logicalId, { Queues, PolicyDocument }, { clients }) => {
  const policy = policySchema.safeParse(PolicyDocument);
  if (!policy.success) throw new Error(`${logicalId} cannot be created here:\n${z.prettifyError(policy.error)}`);
  requireKnownConditions(policy.data);
  const Attributes = { Policy: JSON.stringify(PolicyDocument) };
  for (const QueueUrl of Queues) await clients.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
  return { ref: logicalId, attributes: { Id: logicalId } };
});
