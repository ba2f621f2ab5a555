import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import { toMessageAttributes, toMessageText } from './message-text.ts';

/** The topic for completions and the events of rosters. */
export interface Topic {
  clients: { sns: SNSClient };
  config: { completionTopicArn: string };
}

/**
 * Publishes an event to the completion topic. It is safe to publish an event again, because its id is the same.
 * @param attributes the message attributes, by which subscribers filter
 * @throws the SDK's error if SNS does not accept it
 */
export async function publishEvent(
  { clients, config }: Topic,
  event: object,
  attributes: Record<string, string>,
): Promise<void> {
  const command = new PublishCommand({
    TopicArn: config.completionTopicArn,
    Message: toMessageText(event),
    MessageAttributes: toMessageAttributes(attributes),
  });
  await clients.sns.send(command);
}
