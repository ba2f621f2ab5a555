import {
  CreateBucketCommand,
  GetBucketNotificationConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import {
  CreateTopicCommand,
  PublishBatchCommand,
  PublishCommand,
  SetSubscriptionAttributesCommand,
  SubscribeCommand,
} from '@aws-sdk/client-sns';
import { SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  createQueue,
  OPEN_TO_SERVICES,
  openGateway,
  receiveAll,
  type Stack,
  type TestQueue,
  uniqueName,
} from '../../support/gateway-clients.ts';
import { must } from '../../support/must.ts';

/*
 * SNS: "To allow Amazon SNS to send messages to a queue, attach a policy to it."
 * https://docs.aws.amazon.com/sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html; and "Amazon SNS doesn't retry the message delivery that
 * fails as a result of a client-side error", such as a policy that does not allow it:
 * https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html
 * S3: "You must grant the Amazon S3 principal the necessary permissions to call the relevant API to publish messages to an SNS topic, an
 * SQS queue, or a Lambda function."
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html;
 * "After Amazon S3 receives this request, it first verifies that any […] destination exists, and that the bucket owner has permission to
 * publish to it by sending a test notification."
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html
 */

let stack: Stack;
beforeAll(async () => {
  stack = await openGateway();
});
afterAll(() => stack.close());

interface Statement {
  Effect?: string;
  Principal?: string | object;
  Action?: string | string[];
  Resource?: string;
  Condition?: object;
}
const ALLOW = {
  Effect: 'Allow',
  Principal: { Service: 'sns.amazonaws.com' },
  Action: 'sqs:SendMessage',
  Resource: '*',
};
const policy = (...statements: Statement[]) => JSON.stringify({ Version: '2012-10-17', Statement: statements });

const createTopic = async (Name = uniqueName('topic')) =>
  must((await stack.sns.send(new CreateTopicCommand({ Name }))).TopicArn);

async function subscribed(TopicArn: string, Policy?: string): Promise<TestQueue> {
  const queue = await createQueue(stack.sqs, Policy === undefined ? {} : { Policy });
  await stack.sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: queue.arn }));
  return queue;
}

const arrived = async ({ url }: TestQueue) => (await receiveAll(stack.sqs, url)).length;

describe('a topic', () => {
  test('delivers neither a single message nor a batch to a queue without a policy, and its publisher gets no error', async () => {
    const TopicArn = await createTopic();
    const [closed, open] = [await subscribed(TopicArn), await subscribed(TopicArn, policy(ALLOW))];
    await stack.sns.send(new PublishCommand({ TopicArn, Message: 'one' }));
    const PublishBatchRequestEntries = [{ Id: 'a', Message: 'two' }];
    const batch = await stack.sns.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }));
    expect(batch.Successful).toHaveLength(1);
    expect([await arrived(closed), await arrived(open)]).toEqual([0, 2]);
  });

  const topicArn = 'arn:aws:sns:eu-west-1:000000000000:weighed';
  test.each<[string, number, Statement[]]>([
    ['that allows the topic by its ARN', 1, [{ ...ALLOW, Condition: { ArnEquals: { 'aws:SourceArn': topicArn } } }]],
    [
      'that allows the topic by a pattern',
      1,
      [{ ...ALLOW, Condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:sns:*:*:weig?ed' } } }],
    ],
    // AWS does not document that SNS states the account.
    [
      'only if no account is required',
      0,
      [{ ...ALLOW, Condition: { StringEquals: { 'aws:SourceAccount': '000000000000' } } }],
    ],
    [
      'only if the pattern matches each part of its ARN',
      0,
      [{ ...ALLOW, Condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:sns:*:weighed' } } }],
    ],
    [
      'that allows the topic by a key in another case',
      1,
      [{ ...ALLOW, Condition: { ArnEquals: { 'AWS:SourceArn': ['a', topicArn] } } }],
    ],
    ['that lets every caller send', 1, [{ ...ALLOW, Principal: '*', Action: ['SQS:*'] }]],
    ['that allows the topic by one of two statements', 1, [{ ...ALLOW, Resource: 'arn:aws:sqs:::other' }, ALLOW]],
    [
      'only if the policy allows this topic',
      0,
      [{ ...ALLOW, Condition: { ArnEquals: { 'aws:SourceArn': `${topicArn}-2` } } }],
    ],
    [
      'only if both of two conditions hold',
      0,
      [
        {
          ...ALLOW,
          Condition: { ArnEquals: { 'aws:SourceArn': topicArn }, StringEquals: { 'aws:SourceArn': 'another' } },
        },
      ],
    ],
    ['only if its own service may send', 0, [{ ...ALLOW, Principal: { Service: 's3.amazonaws.com' } }]],
    ['only if the action is SendMessage', 0, [{ ...ALLOW, Action: 'sqs:ReceiveMessage' }]],
    ['only if the policy is for this queue', 0, [{ ...ALLOW, Resource: 'arn:aws:sqs:eu-west-1:000000000000:other' }]],
    ['only if no statement denies it', 0, [ALLOW, { ...ALLOW, Effect: 'Deny', Principal: '*' }]],
    [
      'that denies requests without TLS',
      1,
      [ALLOW, { ...ALLOW, Effect: 'Deny', Principal: '*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }],
    ],
  ])('reaches a queue %s', async (_case, count, statements) => {
    await createTopic('weighed');
    const queue = await subscribed(topicArn, policy(...statements));
    await stack.sns.send(new PublishCommand({ TopicArn: topicArn, Message: 'news' }));
    expect(await arrived(queue)).toBe(count);
  });
});

test('a message that a topic cannot deliver goes to the dead-letter queue of its subscription, if the policy of that queue allows it', async () => {
  const TopicArn = await createTopic();
  const closed = await createQueue(stack.sqs);
  const [open, shut] = [await createQueue(stack.sqs, { Policy: policy(ALLOW) }), await createQueue(stack.sqs)];
  const redrive = ({ arn }: TestQueue) => ({ RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arn }) });
  const { SubscriptionArn } = await stack.sns.send(
    new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: closed.arn, Attributes: redrive(open) }),
  );
  await stack.sns.send(new PublishCommand({ TopicArn, Message: 'saved' }));
  expect([await arrived(closed), await arrived(open)]).toEqual([0, 1]);
  const AttributeValue = redrive(shut).RedrivePolicy;
  await stack.sns.send(
    new SetSubscriptionAttributesCommand({ SubscriptionArn, AttributeName: 'RedrivePolicy', AttributeValue }),
  );
  await stack.sns.send(new PublishCommand({ TopicArn, Message: 'lost' }));
  expect([await arrived(closed), await arrived(open), await arrived(shut)]).toEqual([0, 0, 0]);
});

test.each([
  [
    'a condition operator',
    { ...ALLOW, Condition: { IpAddress: { 'aws:SourceIp': '::/0' } } },
    'IpAddress is not supported',
  ],
  [
    'a condition key',
    { ...ALLOW, Condition: { StringEquals: { 'aws:SourceOrgID': 'o' } } },
    'aws:SourceOrgID is not supported',
  ],
  ['a statement element', { ...ALLOW, NotAction: 'sqs:DeleteQueue' }, 'NotAction'],
  [
    'an account as a principal',
    { ...ALLOW, Principal: { AWS: '000000000000' } },
    'only *, roles and users are supported',
  ],
])('a policy with %s that is not evaluated is refused, not ignored', async (_part, statement, message) => {
  const setting = createQueue(stack.sqs, { Policy: policy(statement) });
  await expect(setting).rejects.toMatchObject({
    name: 'InvalidAttributeValue',
    message: expect.stringContaining(message),
  });
});

describe('a bucket', () => {
  const configure = (Bucket: string, QueueArn: string) =>
    stack.s3.send(
      new PutBucketNotificationConfigurationCommand({
        Bucket,
        NotificationConfiguration: { QueueConfigurations: [{ QueueArn, Events: ['s3:ObjectCreated:*'] }] },
      }),
    );
  async function createBucket(): Promise<string> {
    const Bucket = uniqueName('bucket');
    await stack.s3.send(new CreateBucketCommand({ Bucket }));
    return Bucket;
  }
  const REFUSED = {
    name: 'InvalidArgument',
    message: 'Unable to validate the following destination configurations',
  };

  test('cannot be configured to notify a queue whose policy does not allow it, and keeps its configuration', async () => {
    const Bucket = await createBucket();
    const closed = await createQueue(stack.sqs);
    const ofAnother = await createQueue(stack.sqs, {
      Policy: policy({
        ...ALLOW,
        Principal: { Service: 's3.amazonaws.com' },
        Condition: { ArnEquals: { 'aws:SourceArn': 'arn:aws:s3:::another' } },
      }),
    });
    for (const queue of [closed, ofAnother]) {
      await expect(configure(Bucket, queue.arn)).rejects.toMatchObject(REFUSED);
      expect(await arrived(queue)).toBe(0);
    }
    const described = await stack.s3.send(new GetBucketNotificationConfigurationCommand({ Bucket }));
    expect(described.QueueConfigurations).toBeUndefined();
  });

  test('stops notifying a queue when the policy no longer allows it', async () => {
    const Bucket = await createBucket();
    const queue = await createQueue(stack.sqs, { Policy: OPEN_TO_SERVICES });
    await configure(Bucket, queue.arn);
    await stack.s3.send(new PutObjectCommand({ Bucket, Key: 'first', Body: 'content' }));
    expect(await arrived(queue)).toBe(2);
    await stack.sqs.send(new SetQueueAttributesCommand({ QueueUrl: queue.url, Attributes: { Policy: policy(ALLOW) } }));
    await stack.s3.send(new PutObjectCommand({ Bucket, Key: 'second', Body: 'content' }));
    expect(await arrived(queue)).toBe(0);
  });
});
