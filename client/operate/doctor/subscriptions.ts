import { askFor } from './ask.ts';
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
    const answer = await askFor('sns:ListSubscriptionsByTopic', ['NotFoundException', 'NotFound'], () =>
      sns.listSubscriptionsByTopic(page),
    );
    if (answer === undefined) return undefined;
    // Instead of an ARN, SNS answers `PendingConfirmation` or `Deleted`.
    for (const { Protocol = '', Endpoint = '', SubscriptionArn = '' } of answer.Subscriptions ?? [])
      listed.push({ protocol: Protocol, endpoint: Endpoint, isConfirmed: SubscriptionArn.startsWith('arn:') });
    NextToken = answer.NextToken;
  } while (NextToken !== undefined);
  return listed;
}
