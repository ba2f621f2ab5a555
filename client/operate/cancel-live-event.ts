import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { toMessageText } from '../../lib/platform/message-text.ts';
import type { Deployment } from '../deployment.ts';
import { UserError } from '../user-error.ts';

/** The cancellation of a live event. Its revision must be higher than that of the event. */
export interface Cancellation {
  liveEventId: string;
  revision: number;
  tenant: string;
}

/** Sends the cancellation of a live event. @throws UserError if greenroom would refuse its revision; SQS's error */
export async function sendCancellation(
  event: Cancellation,
  { sqs, queueUrl }: Pick<Deployment, 'sqs' | 'queueUrl'>,
  signal?: AbortSignal,
): Promise<void> {
  if (!Number.isSafeInteger(event.revision))
    throw new UserError(`${event.liveEventId} has the highest possible revision, so it cannot be cancelled`);
  const command = new SendMessageCommand({
    QueueUrl: await queueUrl('live-events'),
    MessageBody: toMessageText({ type: 'Live Event Cancelled', ...event }),
    MessageGroupId: event.tenant,
  });
  await sqs.send(command, signal && { abortSignal: signal });
}
