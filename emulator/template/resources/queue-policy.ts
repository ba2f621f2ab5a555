import { SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { parsePolicy, resourcePolicySchema } from '../../iam/policy.ts';
import { kind } from './kind.ts';

const properties = z.strictObject({
  Queues: z.array(z.string()),
  // The policy is stored as it is. It is parsed only to find parts that cannot be evaluated.
  PolicyDocument: z.record(z.string(), z.unknown()),
});

/** A policy of one or more queues. */
export const makeQueuePolicy = kind(properties, async (logicalId, { Queues, PolicyDocument }, { clients }) => {
  parsePolicy(resourcePolicySchema, PolicyDocument, `the queues of ${logicalId}`);
  const Attributes = { Policy: JSON.stringify(PolicyDocument) };
  for (const QueueUrl of Queues) await clients.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
  return { ref: logicalId, attributes: { Id: logicalId } };
});
