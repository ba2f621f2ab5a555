import { callUnlessAbsent } from './call-aws.ts';
import type { ExaminedStage } from './examined-stage.ts';

export interface TopicSubscription {
  protocol: string;
  endpoint: string;
  /** Whether the owner of the endpoint has confirmed the subscription. Until then, SNS delivers nothing. */
  isConfirmed: boolean;
}

/** The subscriptions of a topic; undefined if there is no such topic. @throws NotCheckedError */
export async function listSubscriptions(
  { clients }: ExaminedStage,
  TopicArn: string,
): Promise<TopicSubscription[] | undefined> {
  const sns = clients.sns(TopicArn.split(':')[3] ?? '');
  const listed: TopicSubscription[] = [];
  let NextToken: string | undefined;
  do {
    const page = { TopicArn, ...(NextToken !== undefined && { NextToken }) };
    const response = await callUnlessAbsent('sns:ListSubscriptionsByTopic', ['NotFoundException', 'NotFound'], () =>
      sns.listSubscriptionsByTopic(page),
    );
    if (response === undefined) return undefined;
    // Before a subscription is confirmed, its ARN is `PendingConfirmation`. After it is deleted, its ARN is `Deleted`.
    for (const { Protocol = '', Endpoint = '', SubscriptionArn = '' } of response.Subscriptions ?? [])
      listed.push({ protocol: Protocol, endpoint: Endpoint, isConfirmed: SubscriptionArn.startsWith('arn:') });
    NextToken = response.NextToken;
  } while (NextToken !== undefined);
  return listed;
}
