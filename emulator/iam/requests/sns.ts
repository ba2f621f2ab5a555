import { ACCOUNT_ID } from '../../account.ts';
import type { ReadNeeded } from './needed.ts';

/** Actions on subscriptions have no resource type: https://docs.aws.amazon.com/service-authorization/latest/reference/list_sns.html */
const WITHOUT_RESOURCE = [
  'ListSubscriptions',
  'ListTopics',
  'Unsubscribe',
  'GetSubscriptionAttributes',
  'SetSubscriptionAttributes',
];

/** Every other action applies to one topic. */
export const neededBySns: ReadNeeded = ({ body, region }) => {
  const form = new URLSearchParams(body.toString('utf8'));
  const operation = form.get('Action');
  if (operation === null) return [];
  const action = `sns:${operation.replace(/Batch$/, '')}`;
  if (WITHOUT_RESOURCE.includes(operation)) return [{ action, resource: '*' }];
  const named = form.get('TopicArn') ?? form.get('ResourceArn');
  return [{ action, resource: named ?? `arn:aws:sns:${region}:${ACCOUNT_ID}:${form.get('Name') ?? '*'}` }];
};
