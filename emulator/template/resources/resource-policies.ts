import * as z from 'zod';
import { kind } from './kind.ts';

const topicPolicyProperties = z.strictObject({ Topics: z.array(z.string()), PolicyDocument: z.unknown() });

/** The actions that the policy of a topic can name. SNS refuses others: "Policy statement action out of service scope!" */
const TOPIC_ACTIONS = [
  'AddPermission',
  'DeleteTopic',
  'GetDataProtectionPolicy',
  'GetTopicAttributes',
  'ListSubscriptionsByTopic',
  'ListTagsForResource',
  'Publish',
  'PutDataProtectionPolicy',
  'RemovePermission',
  'SetTopicAttributes',
  'Subscribe',
].map((name) => `sns:${name}`.toLowerCase());

/** A policy of one or more topics. */
export const makeTopicPolicy = kind(topicPolicyProperties, async (logicalId, { Topics, PolicyDocument }, { iam }) => {
  for (const arn of Topics) {
    iam.putResourcePolicy(arn, PolicyDocument);
    const actions = iam.resourcePolicy(arn)?.Statement.flatMap(({ Action }) => Action) ?? [];
    const outOfScope = actions.filter((action) => !TOPIC_ACTIONS.includes(action.toLowerCase()));
    if (outOfScope.length > 0)
      throw new Error(
        `${logicalId} cannot be created here: Policy statement action out of service scope: ${outOfScope.join(', ')}`,
      );
  }
  return { ref: logicalId, attributes: { Id: logicalId } };
});

const bucketPolicyProperties = z.strictObject({ Bucket: z.string(), PolicyDocument: z.unknown() });

/** The policy of a bucket and of its objects. */
export const makeBucketPolicy = kind(bucketPolicyProperties, async (logicalId, { Bucket, PolicyDocument }, { iam }) => {
  iam.putResourcePolicy(`arn:aws:s3:::${Bucket}`, PolicyDocument);
  return { ref: logicalId, attributes: {} };
});
