import { POSTPONE_REASONS, type PostponeReason } from '../../lib/provisioning/postponement.ts';
import { typed } from '../typed-command.ts';

/** The meanings of the reasons to wait. Each text fits beside a time on a line of 80 columns. docs/operations.md explains the reasons. */
export const MEANINGS: Record<PostponeReason, string> = {
  busy: 'another worker is handling a request with this key',
  'no-slot': 'other requests have the next slots',
  'breaker-open': `calls in this region fail: see ${typed('pace')}`,
  paused: `paused by an operator: see ${typed('pace resume')}`,
  throttled: 'another program uses the quota of CreateRoom',
  quota: 'the region has as many rooms as its quota allows',
  blocked: 'AWS has not verified the account yet',
  denied: `a policy denies CreateRoom: see ${typed('doctor')}`,
  conflict: 'a resource of the room is being changed',
  'never-sent': 'the function has no connection or a wrong clock',
  unsettled: 'a response was lost: greenroom looks for the room',
  listing: 'a response was lost, and the name has many rooms',
  'reconcile-failed': 'a response was lost, and ListRooms fails',
  'lease-lost': 'another worker is handling a request with this key',
  'ledger-unavailable': 'DynamoDB accepts no writes',
  'publish-failed': 'decided, but SNS accepts no completions',
  'release-grace': 'its release is due, but can still be withdrawn',
  'park-failed': 'SQS accepts no parked messages',
  deadline: 'the invocation ran out of time',
};

/** @returns undefined for a reason from another version */
export function meaningOf(reason: string): string | undefined {
  const known = POSTPONE_REASONS.find((each) => each === reason);
  return known && MEANINGS[known];
}
