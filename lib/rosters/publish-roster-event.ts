import { PublishCommand } from '@aws-sdk/client-sns';
import { type RosterEvent, rosterEventAttributes } from '../contract/roster-event.ts';
import { toMessageText } from '../provisioning/publish-completion.ts';
import type { RosterServices } from './roster-services.ts';

/** Publishes a roster's event. Doing it again is harmless: its id is the same. @throws what SNS fails with */
export async function publishRosterEvent(
  { clients, config }: Pick<RosterServices, 'clients' | 'config'>,
  event: RosterEvent,
): Promise<void> {
  const attributes = Object.entries(rosterEventAttributes(event));
  await clients.sns.send(
    new PublishCommand({
      TopicArn: config.completionTopicArn,
      Message: toMessageText(event),
      MessageAttributes: Object.fromEntries(
        attributes.map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
      ),
    }),
  );
}
