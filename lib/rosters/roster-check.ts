import { SendMessageCommand } from '@aws-sdk/client-sqs';
import * as z from 'zod/mini';
import { toMessageText } from '../platform/message-text.ts';
import type { RosterServices } from './roster-services.ts';

/** The body of a message that requests a check from the tracker: is the roster complete? */
export const rosterCheckSchema = z.strictObject({ checkRoster: z.string().check(z.minLength(1)) });

/**
 * Sends the tracker a request to check whether a roster is complete. Call it after a roster is sealed, because no further completion
 * arrives if the last outcome was already counted. Call it before the message that led to the sealing is acknowledged.
 * @throws SQS's error
 */
export async function requestCheck(
  { clients, config }: Pick<RosterServices, 'clients' | 'config'>,
  rosterId: string,
): Promise<void> {
  const body: z.infer<typeof rosterCheckSchema> = { checkRoster: rosterId };
  await clients.sqs.send(new SendMessageCommand({ QueueUrl: config.rosterQueueUrl, MessageBody: toMessageText(body) }));
}
