import {
  CreateTopicCommand,
  ListSubscriptionsByTopicCommand,
  PublishCommand,
  SubscribeCommand,
  UnsubscribeCommand,
} from '@aws-sdk/client-sns';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  createQueue,
  OPEN_TO_SERVICES,
  openGateway,
  receiveAll,
  type Stack,
  uniqueName,
} from '../../support/gateway-clients.ts';
import { must } from '../../support/must.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await openGateway();
});
afterAll(() => stack.close());

/** A topic, and a queue subscribed to it. */
async function subscribedQueue(Attributes: Record<string, string> = {}, TopicArn?: string) {
  const topicArn =
    TopicArn ?? must((await stack.sns.send(new CreateTopicCommand({ Name: uniqueName('topic') }))).TopicArn);
  const queue = await createQueue(stack.sqs, { Policy: OPEN_TO_SERVICES });
  const { SubscriptionArn } = await stack.sns.send(
    new SubscribeCommand({ TopicArn: topicArn, Protocol: 'sqs', Endpoint: queue.arn, Attributes }),
  );
  return { topicArn, queue, subscriptionArn: must(SubscriptionArn) };
}

const outcome = (value: string) => ({ outcome: { DataType: 'String', StringValue: value } });
const publish = (TopicArn: string, Message: string, extra: object = {}) =>
  stack.sns.send(new PublishCommand({ TopicArn, Message, ...extra }));

test('a subscription with raw delivery gets the message itself, with its attributes', async () => {
  const { topicArn, queue } = await subscribedQueue({ RawMessageDelivery: 'true' });
  await publish(topicArn, '{"a":1}', { MessageAttributes: outcome('created') });
  const [message] = await receiveAll(stack.sqs, queue.url);
  expect(message?.Body).toBe('{"a":1}');
  expect(message?.MessageAttributes).toEqual(outcome('created'));
});

test('any other subscription gets the message in an envelope', async () => {
  const { topicArn, queue } = await subscribedQueue();
  const { MessageId } = await publish(topicArn, '{"a":1}', { MessageAttributes: outcome('created') });
  const [message] = await receiveAll(stack.sqs, queue.url);
  expect(JSON.parse(must(message?.Body))).toMatchObject({
    Type: 'Notification',
    MessageId,
    TopicArn: topicArn,
    Message: '{"a":1}',
    MessageAttributes: { outcome: { Type: 'String', Value: 'created' } },
  });
  expect(message?.MessageAttributes).toBeUndefined();
});

test('a filter policy on attributes decides which messages arrive', async () => {
  const { topicArn, queue } = await subscribedQueue({
    RawMessageDelivery: 'true',
    FilterPolicy: JSON.stringify({ outcome: ['created', 'adopted'] }),
  });
  const unfiltered = await subscribedQueue({ RawMessageDelivery: 'true' }, topicArn);
  await publish(topicArn, 'wanted', { MessageAttributes: outcome('adopted') });
  await publish(topicArn, 'unwanted', { MessageAttributes: outcome('failed') });
  await publish(topicArn, 'without');
  expect((await receiveAll(stack.sqs, queue.url)).map(({ Body }) => Body)).toEqual(['wanted']);
  expect(await receiveAll(stack.sqs, unfiltered.queue.url)).toHaveLength(3);
});

test('subscriptions are listed by topic until they are deleted', async () => {
  const { topicArn, queue, subscriptionArn } = await subscribedQueue();
  const list = async () =>
    (await stack.sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: topicArn }))).Subscriptions;
  expect(await list()).toMatchObject([{ SubscriptionArn: subscriptionArn, Protocol: 'sqs', Endpoint: queue.arn }]);

  await stack.sns.send(new UnsubscribeCommand({ SubscriptionArn: subscriptionArn }));
  expect(await list()).toEqual([]);
  await publish(topicArn, 'nobody listens');
  expect(await receiveAll(stack.sqs, queue.url)).toEqual([]);
});

test('a message may be up to 256 KiB, including its attributes', async () => {
  const { topicArn } = await subscribedQueue({ RawMessageDelivery: 'true' });
  const attributeBytes = 'outcome'.length + 'String'.length + 'created'.length;
  const ofSize = (bytes: number) =>
    publish(topicArn, 'x'.repeat(bytes - attributeBytes), { MessageAttributes: outcome('created') });
  await expect(ofSize(262_144)).resolves.toBeDefined();
  await expect(ofSize(262_145)).rejects.toMatchObject({ name: 'InvalidParameterException' });
});
