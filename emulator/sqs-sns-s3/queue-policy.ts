import * as z from 'zod';
import { ACCOUNT_ID } from '../account.ts';
import type { RequestContext } from '../iam/conditions.ts';
import { decide } from '../iam/evaluate.ts';
import { parsePolicy, type ResourcePolicy, resourcePolicySchema } from '../iam/policy.ts';
import type { SqsQueue } from './fauxqs-types.ts';
import { SqsError } from './sqs-error.ts';

/** A service that sends on behalf of one of its resources. */
export interface SendingService {
  principal: 'sns.amazonaws.com' | 's3.amazonaws.com';
  /** The topic or bucket on whose behalf it sends. */
  sourceArn: string;
}

const parsed = new Map<string, ResourcePolicy>();

/**
 * @throws Error if the policy has parts that the emulator does not evaluate; `requireUsablePolicy` refuses such parts when a policy is set
 */
export function policyOf({ arn, attributes: { Policy = '' } }: SqsQueue): ResourcePolicy | undefined {
  if (Policy === '') return undefined;
  const policy = parsed.get(Policy) ?? parsePolicy(resourcePolicySchema, JSON.parse(Policy), arn);
  parsed.set(Policy, policy);
  return policy;
}

const inputSchema = z.object({ Attributes: z.object({ Policy: z.string().optional() }).optional() });

/** SQS refuses a policy that it cannot read. The emulator also refuses one that it cannot evaluate. @throws SqsError */
export function requireUsablePolicy(input: unknown): void {
  const { Policy = '' } = inputSchema.safeParse(input).data?.Attributes ?? {};
  if (Policy === '') return;
  try {
    parsePolicy(resourcePolicySchema, JSON.parse(Policy), 'the queue');
  } catch (error) {
    throw new SqsError(
      'InvalidAttributeValue',
      `Invalid value for the parameter Policy. ${error instanceof Error ? error.message : ''}`,
    );
  }
}

/**
 * Whether the queue's policy allows a service to send to it. Only this policy can allow it, because services have no policies of their own
 * in the emulator.
 */
export function maySend(queue: SqsQueue, { principal, sourceArn }: SendingService): boolean {
  const needed = { action: 'sqs:SendMessage', resource: queue.arn, context: contextOf(principal, sourceArn) };
  return decide({ kind: 'service', service: principal }, needed, policyOf(queue)).allowed;
}

/**
 * The documentation of SNS names only the ARN of the topic. The documentation of S3 names the ARN of the bucket, and the account:
 * https://docs.aws.amazon.com/sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html,
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html
 */
function contextOf(principal: SendingService['principal'], sourceArn: string): RequestContext {
  const account = principal === 's3.amazonaws.com' ? { 'aws:sourceaccount': ACCOUNT_ID } : {};
  return { 'aws:securetransport': 'true', 'aws:sourcearn': sourceArn, ...account };
}
