import { GetQueueUrlCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { SendToQueue } from './deliver-due.ts';
import type { Schedule } from './schedule.ts';

export interface QueueSending {
  /** The emulator's own client, which looks up queues. */
  sqs: SQSClient;
  /**
   * The client that EventBridge Scheduler uses as the role of the schedule's target.
   * @throws Error if the service may not act as the role
   */
  clientFor(schedule: Schedule): SQSClient;
}

/** Creates a sender that, like EventBridge Scheduler, sends a schedule's input as the body of a message. */
export function createQueueSender({ sqs, clientFor }: QueueSending): SendToQueue {
  return async (queueArn, body, attributes = {}, schedule) => {
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: queueArn.split(':').at(-1) }));
    const MessageAttributes = Object.fromEntries(
      Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
    );
    await clientFor(schedule).send(new SendMessageCommand({ QueueUrl, MessageBody: body, MessageAttributes }));
  };
}

/** The ARN of the schedule's group, which the service states when it acts as a role: https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html */
export function groupArnOf({ Arn, GroupName }: Schedule): string {
  return Arn.replace(/:schedule\/.*$/, `:schedule-group/${GroupName}`);
}
