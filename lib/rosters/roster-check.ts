import { SendMessageCommand } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { toMessageText } from '../platform/message-text.ts';
import type { RosterServices } from './roster-services.ts';

/** The body of a message that asks the tracker to see whether a roster is complete. */
export const rosterCheckSchema = z.strictObject({ checkRoster: z.string().min(1) });

/**
 * Has the tracker see whether a roster is complete: for whoever has sealed one, since its last outcome may have been counted
 * before, and nothing else would come. To be sent after the sealing and before the message that led to it is acknowledged.
 * @throws what SQS fails with
 */
export async function requestCheck(
  { clients, config }: Pick<RosterServices, 'clients' | 'config'>,
  rosterId: string,
): Promise<void> {
  const body: z.infer<typeof rosterCheckSchema> = { checkRoster: rosterId };
  await clients.sqs.send(new SendMessageCommand({ QueueUrl: config.rosterQueueUrl, MessageBody: toMessageText(body) }));
}
