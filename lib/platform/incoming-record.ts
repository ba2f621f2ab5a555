import * as z from 'zod/mini';
import { MAX_RECEIVES, PARKED_AFTER_MS } from './retention.ts';
import type { ReceivesLeft } from './waits.ts';

/** A message attribute. Binary values stay in base64, as Lambda delivers them. */
const messageAttributeSchema = z.looseObject({
  dataType: z.optional(z.string()),
  stringValue: z.optional(z.string()),
});

const recordSchema = z.object({
  messageId: z.string(),
  receiptHandle: z.string(),
  body: z.string(),
  attributes: z.looseObject({
    ApproximateReceiveCount: z.coerce.number().check(z.int()),
    /** When SQS accepted the message. A move to a dead-letter queue does not change it. */
    SentTimestamp: z.coerce.number(),
    ApproximateFirstReceiveTimestamp: z.optional(z.coerce.number()),
    /** The sender, as AWS identifies it. For a role: `<role id>:<session name>`. */
    SenderId: z.optional(z.string()),
    DeadLetterQueueSourceArn: z.optional(z.string()),
  }),
  messageAttributes: z._default(z.record(z.string(), messageAttributeSchema), {}),
  eventSourceARN: z.string(),
});

/** The record that Lambda passes for one SQS message. */
export type IncomingRecord = z.infer<typeof recordSchema>;

const eventSchema = z.object({ Records: z.array(recordSchema) });

/** Reads the event of an SQS event-source mapping. @throws ZodError if the event has a different form */
export function readRecords(event: unknown): IncomingRecord[] {
  return eventSchema.parse(event).Records;
}

/** When a message was first received, in epoch milliseconds. */
export function firstReceivedMs({ attributes }: IncomingRecord): number {
  return attributes.ApproximateFirstReceiveTimestamp ?? attributes.SentTimestamp;
}

/** The age of the oldest of these messages. */
export function oldestAgeMs(records: readonly IncomingRecord[], nowMs: number): number {
  return Math.max(0, ...records.map(({ attributes }) => nowMs - attributes.SentTimestamp));
}

/**
 * The receives and the time that a room request has left before it is parked.
 * @returns undefined for a dead letter: its queue has no dead-letter queue, so its receives do not count
 */
export function receivesLeft({ attributes }: IncomingRecord, isDeadLetter: boolean): ReceivesLeft | undefined {
  if (isDeadLetter) return undefined;
  return {
    count: MAX_RECEIVES.lane - attributes.ApproximateReceiveCount,
    parkedAtMs: attributes.SentTimestamp + PARKED_AFTER_MS.lane,
  };
}
