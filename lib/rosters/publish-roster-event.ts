import { PublishCommand } from '@aws-sdk/client-sns';
import { type RosterEvent, rosterEventAttributes } from '../contract/roster-event.ts';
import { toMessageAttributes, toMessageText } from '../platform/message-text.ts';
import type { RosterServices } from './roster-services.ts';

/** Publishes a roster's event. Doing it again is harmless: its id is the same. @throws what SNS fails with */
export async function publishRosterEvent(
  { clients, config }: Pick<RosterServices, 'clients' | 'config'>,
  event: RosterEvent,
): Promise<void> {
  await clients.sns.send(
    new PublishCommand({
      TopicArn: config.completionTopicArn,
      Message: toMessageText(event),
      MessageAttributes: toMessageAttributes(rosterEventAttributes(event)),
    }),
  );
}
