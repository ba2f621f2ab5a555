import {
  CreateTopicCommand,
  ListSubscriptionsByTopicCommand,
  SetSubscriptionAttributesCommand,
  type SNSClient,
  SubscribeCommand,
} from '@aws-sdk/client-sns';
import * as z from 'zod';
import { ignored, kind } from './kind.ts';

const topicProperties = z.strictObject({
  TopicName: z.string(),
  // The emulator has no encryption at rest and does not use tags.
  KmsMasterKeyId: ignored,
  Tags: ignored,
});

export const makeTopic = kind(topicProperties, async (_logicalId, { TopicName }, { clients }) => {
  const { TopicArn = '' } = await clients.sns.send(new CreateTopicCommand({ Name: TopicName }));
  return { ref: TopicArn, attributes: { TopicArn, TopicName } };
});

const subscriptionProperties = z.strictObject({
  TopicArn: z.string(),
  Protocol: z.literal('sqs'),
  Endpoint: z.string(),
  RawMessageDelivery: z.union([z.boolean(), z.stringbool()]).optional(),
  FilterPolicy: z.record(z.string(), z.unknown()).optional(),
  FilterPolicyScope: z.string().optional(),
  /** Messages that cannot be delivered go to this queue, if its policy lets the topic send to it. */
  RedrivePolicy: z.strictObject({ deadLetterTargetArn: z.string() }).optional(),
});

export const makeSubscription = kind(subscriptionProperties, async (_logicalId, properties, { clients }) => {
  const { TopicArn, Protocol, Endpoint, ...options } = properties;
  const Attributes = Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      name,
      typeof value === 'object' ? JSON.stringify(value) : String(value),
    ]),
  );
  const subscribe = new SubscribeCommand({ TopicArn, Protocol, Endpoint, Attributes, ReturnSubscriptionArn: true });
  const known = await existingSubscription(clients.sns, TopicArn, Endpoint);
  const SubscriptionArn = known ?? (await clients.sns.send(subscribe)).SubscriptionArn ?? '';
  // A subscription from an earlier start may have the attributes of an older template.
  for (const [AttributeName, AttributeValue] of known === undefined ? [] : Object.entries(Attributes))
    await clients.sns.send(new SetSubscriptionAttributesCommand({ SubscriptionArn, AttributeName, AttributeValue }));
  return { ref: SubscriptionArn, attributes: { Arn: SubscriptionArn } };
});

async function existingSubscription(sns: SNSClient, TopicArn: string, endpoint: string): Promise<string | undefined> {
  const { Subscriptions = [] } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
  return Subscriptions.find(({ Endpoint }) => Endpoint === endpoint)?.SubscriptionArn;
}
