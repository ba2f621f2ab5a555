import { GetQueueUrlCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { SendToQueue } from './deliver-due.ts';

/** Sends a schedule's input, as the body of a message, to the queue with an ARN, as EventBridge Scheduler does. */
export function createQueueSender(sqs: SQSClient): SendToQueue {
  return async (queueArn, body, attributes = {}) => {
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: queueArn.split(':').at(-1) }));
    const MessageAttributes = Object.fromEntries(
      Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
    );
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: body, MessageAttributes }));
  };
}
