import { CreateBucketCommand, PutBucketNotificationConfigurationCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { CreateTopicCommand, PublishCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  ChangeMessageVisibilityCommand,
  SendMessageCommand,
  type SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { uniqueId } from '../../../emulator/gateway/principals.ts';
import {
  connect,
  createQueue,
  OPEN_TO_SERVICES,
  openGateway,
  receive,
  receiveAll,
  type Stack,
  sendAll,
  uniqueName,
  until,
} from '../../support/gateway-clients.ts';
import { must } from '../../support/must.ts';

/*
 * SenderId: "For a user, returns the user ID, for example ABCDEFGHI1JKLMNOPQ23R. For an IAM role, returns the IAM role ID, for example
 * ABCDE1F2GH3I4JK5LMNOP:i-a123b456."
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
 */

let stack: Stack;
beforeAll(async () => {
  stack = await openGateway();
});
afterAll(() => stack.close());

const ROLE_ID = uniqueId('AROA', 'SenderRole');

async function asSession<Result>(session: string, work: (sqs: SQSClient) => Promise<Result>): Promise<Result> {
  const client = connect(stack.endpoint, stack.principals.openSession(ROLE_ID, session));
  try {
    return await work(client.sqs);
  } finally {
    client.disconnect();
  }
}

async function sendersIn(url: string): Promise<(string | undefined)[]> {
  return (await receiveAll(stack.sqs, url)).map(({ Attributes }) => Attributes?.SenderId);
}

test('the sender id of a message names the role and session that sent it, singly or in a batch', async () => {
  const { url } = await createQueue(stack.sqs);
  await asSession('start-bulk-job', (sqs) => sendAll(sqs, url, [{ body: 'one' }, { body: 'two' }]));
  await asSession('other', (sqs) => sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'three' })));
  const senders = await sendersIn(url);
  expect(senders.toSorted()).toEqual([`${ROLE_ID}:other`, `${ROLE_ID}:start-bulk-job`, `${ROLE_ID}:start-bulk-job`]);
  expect(ROLE_ID).toMatch(/^AROA[A-Z2-7]{17}$/);
});

test('a caller with any other access key is always the same user, and cannot pass for a role', async () => {
  const { url } = await createQueue(stack.sqs);
  await sendAll(stack.sqs, url, [{ body: 'one' }, { body: 'two' }]);
  const forger = connect(stack.endpoint, `${ROLE_ID}:start-bulk-job`);
  await forger.sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'forged' }));
  forger.disconnect();
  const senders = await sendersIn(url);
  for (const sender of senders) expect(sender).toMatch(/^AIDA[A-Z2-7]{17}$/);
  expect(new Set(senders).size).toBe(2);
});

test('a dead letter keeps its sender id, and a message that a task moves gets the sender id of the caller that started the task', async () => {
  const deadLetters = await createQueue(stack.sqs);
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: deadLetters.arn, maxReceiveCount: 1 });
  const { url } = await createQueue(stack.sqs, { RedrivePolicy });
  await asSession('function', (sqs) => sendAll(sqs, url, [{ body: 'poison' }]));
  const [{ ReceiptHandle } = {}] = await receive(stack.sqs, url);
  const giveBack = { QueueUrl: url, ReceiptHandle, VisibilityTimeout: 0 };
  await stack.sqs.send(new ChangeMessageVisibilityCommand(giveBack));
  expect(await receive(stack.sqs, url)).toEqual([]);
  const [dead] = await receive(stack.sqs, deadLetters.url, { visibilityTimeoutSeconds: 0 });
  expect(dead?.Attributes?.SenderId).toBe(`${ROLE_ID}:function`);

  await asSession('operator', (sqs) => sqs.send(new StartMessageMoveTaskCommand({ SourceArn: deadLetters.arn })));
  const back = await until(async () => (await receive(stack.sqs, url))[0]);
  expect(back.Attributes?.SenderId).toBe(`${ROLE_ID}:operator`);
});

test('messages from a topic and from a bucket have the sender ids of SNS and S3, regardless of the caller', async () => {
  const Policy = OPEN_TO_SERVICES;
  const [fromTopic, fromBucket] = [await createQueue(stack.sqs, { Policy }), await createQueue(stack.sqs, { Policy })];
  const TopicArn = must((await stack.sns.send(new CreateTopicCommand({ Name: uniqueName('topic') }))).TopicArn);
  await stack.sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: fromTopic.arn }));
  await stack.sns.send(new PublishCommand({ TopicArn, Message: 'news' }));
  const Bucket = uniqueName('bucket');
  await stack.s3.send(new CreateBucketCommand({ Bucket }));
  const QueueConfigurations = [{ QueueArn: fromBucket.arn, Events: ['s3:ObjectCreated:*' as const] }];
  await stack.s3.send(
    new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration: { QueueConfigurations } }),
  );
  await stack.s3.send(new PutObjectCommand({ Bucket, Key: 'key', Body: 'content' }));
  expect(await sendersIn(fromTopic.url)).toEqual([uniqueId('AIDA', 'sns.amazonaws.com')]);
  const s3 = uniqueId('AIDA', 's3.amazonaws.com');
  // The first message is the test event of the configuration.
  expect(await sendersIn(fromBucket.url)).toEqual([s3, s3]);
});
