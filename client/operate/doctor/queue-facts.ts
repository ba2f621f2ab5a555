import { GetQueueAttributesCommand, GetQueueUrlCommand } from '@aws-sdk/client-sqs';
import type { Deployment } from '../../deployment.ts';
import { NO_QUEUE } from '../../missing-resource.ts';
import { callUnlessAbsent } from './call-aws.ts';

/** The queues of a stage. The names omit the prefix that all queues of the stage share. */
export const WORK_QUEUES = ['interactive', 'bulk', 'redrive', 'live-events', 'manifests', 'rosters'] as const;
export const DEAD_LETTER_QUEUES = [
  'interactive-dead-letters',
  'bulk-dead-letters',
  'live-events-dead-letters',
  'scheduler-dead-letters',
  'manifests-dead-letters',
  'rosters-dead-letters',
] as const;

export type StageQueue = (typeof WORK_QUEUES)[number] | (typeof DEAD_LETTER_QUEUES)[number] | 'parked';

/** The properties of a queue that the checks need. The numbers of messages are approximate. */
export interface QueueFacts {
  arn: string;
  visible: number;
  inFlight: number;
  delayed: number;
  visibilityTimeoutSeconds: number;
  policy: string | undefined;
  redrivePolicy: string | undefined;
}

export function queueName(stage: string, queue: StageQueue): string {
  return `greenroom-${stage}-${queue}`;
}

/** Undefined if the queue does not exist. @param QueueName the full name, including the prefix @throws NotCheckedError */
export async function readQueue({ sqs }: Deployment, QueueName: string): Promise<QueueFacts | undefined> {
  const found = await callUnlessAbsent('sqs:GetQueueUrl', NO_QUEUE, () =>
    sqs.send(new GetQueueUrlCommand({ QueueName })),
  );
  const QueueUrl = found?.QueueUrl;
  if (QueueUrl === undefined) return undefined;
  const read = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] });
  const response = await callUnlessAbsent('sqs:GetQueueAttributes', NO_QUEUE, () => sqs.send(read));
  const attributes = response?.Attributes;
  if (attributes === undefined) return undefined;
  return {
    arn: attributes.QueueArn ?? '',
    visible: Number(attributes.ApproximateNumberOfMessages ?? 0),
    inFlight: Number(attributes.ApproximateNumberOfMessagesNotVisible ?? 0),
    delayed: Number(attributes.ApproximateNumberOfMessagesDelayed ?? 0),
    visibilityTimeoutSeconds: Number(attributes.VisibilityTimeout ?? 0),
    policy: attributes.Policy,
    redrivePolicy: attributes.RedrivePolicy,
  };
}
