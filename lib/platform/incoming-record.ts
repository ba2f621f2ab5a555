import * as z from 'zod';
import { MAX_RECEIVES, PARKED_AFTER_MS } from './retention.ts';
import type { ReceivesLeft } from './waits.ts';

/** A binary value stays as it is, in base64. */
const messageAttributeSchema = z.looseObject({
  dataType: z.string().optional(),
  stringValue: z.string().optional(),
});

const recordSchema = z.object({
  messageId: z.string(),
  receiptHandle: z.string(),
  body: z.string(),
  attributes: z.looseObject({
    ApproximateReceiveCount: z.coerce.number().int(),
    /** When SQS took it. A move to a dead-letter queue leaves it as it is. */
    SentTimestamp: z.coerce.number(),
    ApproximateFirstReceiveTimestamp: z.coerce.number().optional(),
    /** Who sent it, as AWS knows: of a role `<role id>:<session name>`. */
    SenderId: z.string().optional(),
    DeadLetterQueueSourceArn: z.string().optional(),
  }),
  messageAttributes: z.record(z.string(), messageAttributeSchema).default({}),
  eventSourceARN: z.string(),
});

/** What Lambda hands over for one SQS message. */
export type IncomingRecord = z.infer<typeof recordSchema>;

const eventSchema = z.object({ Records: z.array(recordSchema) });

/** Reads the event of an SQS event-source mapping. @throws ZodError if it is none: then the mapping is wrong. */
export function readRecords(event: unknown): IncomingRecord[] {
  return eventSchema.parse(event).Records;
}

/** Since when a message has been received again and again, in epoch milliseconds. */
export function firstReceivedMs({ attributes }: IncomingRecord): number {
  return attributes.ApproximateFirstReceiveTimestamp ?? attributes.SentTimestamp;
}

/**
 * What is left of the receives of a message that asks for a room, until it is parked.
 * @returns undefined for a dead letter: no queue lies behind its own, so its receives don't count
 */
export function receivesLeft({ attributes }: IncomingRecord, isDeadLetter: boolean): ReceivesLeft | undefined {
  if (isDeadLetter) return undefined;
  return {
    count: MAX_RECEIVES.lane - attributes.ApproximateReceiveCount,
    parkedAtMs: attributes.SentTimestamp + PARKED_AFTER_MS.lane,
  };
}
