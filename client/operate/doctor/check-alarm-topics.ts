import { attemptEach, callUnlessAbsent } from './call-aws.ts';
import type { ExaminedStage } from './examined-stage.ts';
import { finding, firstFew, type Observation } from './finding.ts';
import { judged, judgePolicy } from './policy.ts';
import { listSubscriptions } from './subscriptions.ts';

/** AWS's own key, whose policy cannot be changed. */
const KEY_OF_SNS = 'alias/aws/sns';

/** Whether CloudWatch may publish to each alarm topic, and whether the topic has a confirmed subscription. */
export async function checkAlarmTopics(stage: ExaminedStage, topics: readonly string[]): Promise<Observation[]> {
  const subscribed = await attemptEach(topics, describe, (arn) => checkSubscriptions(stage, arn));
  const open = await attemptEach(
    topics,
    (arn) => `who may publish to ${arn}`,
    (arn) => checkPublishing(stage, arn),
  );
  return [...subscribed, ...open];
}

async function checkSubscriptions(stage: ExaminedStage, arn: string): Promise<Observation[]> {
  const subscriptions = await listSubscriptions(stage, arn);
  if (subscriptions === undefined) {
    const message = `The alarms publish to ${arn}, which does not exist`;
    return [finding('alarm-topic-missing', message, 'Create the topic, or deploy with another alarm topic')];
  }
  if (subscriptions.some(({ isConfirmed }) => isConfirmed)) return [];
  const waiting = subscriptions.map(({ endpoint }) => endpoint);
  const what = waiting.length === 0 ? 'has no subscription' : `waits for the confirmation of ${firstFew(waiting)}`;
  return [
    finding(
      'alarm-topic-without-subscription',
      `The alarm topic ${arn} ${what}, so no one is notified of an alarm`,
      waiting.length === 0
        ? `aws sns subscribe --topic-arn ${arn} --protocol email --notification-endpoint ADDRESS`
        : 'Confirm the subscription with the link in the message that SNS sent, or subscribe again',
    ),
  ];
}

/**
 * Whether CloudWatch may publish to the topic, and use the key of the topic. The policy of the key needs a statement for CloudWatch, and
 * the policy of AWS's own key cannot be changed: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
 */
async function checkPublishing(
  { clients, deployment, account, partition }: ExaminedStage,
  arn: string,
): Promise<Observation[]> {
  const sns = clients.sns(arn.split(':')[3] ?? '');
  const response = await callUnlessAbsent('sns:GetTopicAttributes', ['NotFoundException', 'NotFound'], () =>
    sns.getTopicAttributes({ TopicArn: arn }),
  );
  if (response === undefined) return [];
  const { Policy: policy, KmsMasterKeyId: key } = response.Attributes ?? {};
  const verdict = judgePolicy(policy, {
    service: 'cloudwatch.amazonaws.com',
    action: 'sns:Publish',
    sourceAccount: account,
    sourceArn: `arn:${partition}:cloudwatch:${deployment.region}:${account}:alarm:greenroom-${deployment.stage}-any`,
  });
  const closed = judged(`who may publish to ${arn}`, verdict, () =>
    finding(
      'alarm-topic-closed',
      `The policy of the alarm topic ${arn} does not allow CloudWatch to publish, so no one is notified of an alarm`,
      'Allow sns:Publish to cloudwatch.amazonaws.com in the policy of the topic',
    ),
  );
  if (key !== KEY_OF_SNS) return closed;
  const message = `The alarm topic ${arn} is encrypted with ${KEY_OF_SNS}, which CloudWatch may not use, so no one is notified of an alarm`;
  const remedy =
    'Encrypt the topic with your own key, whose policy allows CloudWatch to use it, or remove the encryption (docs/operations.md, Alarms)';
  return [...closed, finding('alarm-topic-encrypted', message, remedy)];
}

function describe(arn: string): string {
  return `the alarm topic ${arn}`;
}
