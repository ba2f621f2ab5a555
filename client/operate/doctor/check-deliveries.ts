import {
  GetBucketNotificationConfigurationCommand,
  type GetBucketNotificationConfigurationCommandOutput,
} from '@aws-sdk/client-s3';
import { typed } from '../../typed-command.ts';
import { callUnlessAbsent } from './call-aws.ts';
import type { ExaminedStage } from './examined-stage.ts';
import { finding, type Observation } from './finding.ts';
import { queueName } from './queue-facts.ts';
import { listSubscriptions } from './subscriptions.ts';

const MANIFESTS = 'manifests/';

/** Whether the bucket announces manifests to their queue. */
export async function checkBucket({ deployment, queue }: ExaminedStage): Promise<Observation[]> {
  const Bucket = await deployment.manifestBucket();
  const read = new GetBucketNotificationConfigurationCommand({ Bucket });
  const response = await callUnlessAbsent('s3:GetBucketNotification', ['NoSuchBucket', 'NotFound'], () =>
    deployment.s3.send(read),
  );
  if (response === undefined)
    return [
      finding(
        'bucket-missing',
        `There is no bucket ${Bucket}`,
        `Deploy the stage again: without the bucket, ${typed('bulk')} cannot upload manifests`,
      ),
    ];
  const name = queueName(deployment.stage, 'manifests');
  const arn = (await queue(name))?.arn;
  if (arn === undefined || announces(response, arn)) return [];
  return [
    finding(
      'bucket-announces-nothing',
      `The bucket ${Bucket} does not announce new objects under ${MANIFESTS} to ${name}: uploaded manifests have no effect`,
      'Deploy the stage again, or restore the notification configuration of the bucket',
    ),
  ];
}

/** EventBridge and SNS may deliver the events instead. How they are connected to the queue is not checked. */
function announces(response: GetBucketNotificationConfigurationCommandOutput, queueArn: string): boolean {
  const { QueueConfigurations = [], TopicConfigurations = [], EventBridgeConfiguration } = response;
  if (EventBridgeConfiguration !== undefined || TopicConfigurations.length > 0) return true;
  return QueueConfigurations.some(({ QueueArn, Events = [], Filter }) => {
    const prefix = Filter?.Key?.FilterRules?.find(({ Name }) => Name?.toLowerCase() === 'prefix')?.Value ?? '';
    return QueueArn === queueArn && Events.includes('s3:ObjectCreated:*') && MANIFESTS.startsWith(prefix);
  });
}

/** Whether the completions of members reach the queue of the roster tracker. */
export async function checkRosterSubscription(stage: ExaminedStage): Promise<Observation[]> {
  const { deployment } = stage;
  const topicArn = await deployment.completionTopicArn();
  const subscriptions = await listSubscriptions(stage, topicArn);
  const queueArn = (await stage.queue(queueName(deployment.stage, 'rosters')))?.arn;
  if (queueArn === undefined || subscriptions?.some(({ endpoint }) => endpoint === queueArn)) return [];
  return [
    finding(
      'roster-subscription-missing',
      `${queueArn} is not subscribed to ${topicArn}: bulk jobs and live events never complete`,
      'Deploy the stage again, or subscribe the queue with raw message delivery and the filter policy of the template',
    ),
  ];
}
