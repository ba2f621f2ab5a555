import { callUnlessAbsent } from './call-aws.ts';
import type { ExaminedStage } from './examined-stage.ts';

export interface TopicSubscription {
  protocol: string;
  endpoint: string;
  /** Whether its owner has confirmed it. SNS delivers nothing before that. */
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
    // Before the confirmation and after a deletion, the ARN is `PendingConfirmation` or `Deleted`.
    for (const { Protocol = '', Endpoint = '', SubscriptionArn = '' } of response.Subscriptions ?? [])
      listed.push({ protocol: Protocol, endpoint: Endpoint, isConfirmed: SubscriptionArn.startsWith('arn:') });
    NextToken = response.NextToken;
  } while (NextToken !== undefined);
  return listed;
}
