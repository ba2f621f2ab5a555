import * as z from 'zod';
import type { Lane } from '../platform/config.ts';

const stringAttribute = z.object({ stringValue: z.string().optional() });

const recordSchema = z.object({
  messageId: z.string(),
  receiptHandle: z.string(),
  body: z.string(),
  attributes: z.looseObject({
    ApproximateReceiveCount: z.coerce.number().int(),
    /** When SQS took it. A move to a dead-letter queue leaves it as it is. */
    SentTimestamp: z.coerce.number(),
    ApproximateFirstReceiveTimestamp: z.coerce.number().optional(),
    DeadLetterQueueSourceArn: z.string().optional(),
  }),
  messageAttributes: z.record(z.string(), z.looseObject(stringAttribute.shape)).default({}),
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

/** The lane whose queue a record came from: the last part of an ARN and of a queue's URL is its name. */
export function laneOf(record: IncomingRecord, queueUrls: Record<Lane, string>): Lane {
  const queueName = record.eventSourceARN.split(':').at(-1);
  const isFrom = (lane: Lane) => queueUrls[lane].split('/').at(-1) === queueName;
  if (isFrom('interactive')) return 'interactive';
  if (isFrom('bulk')) return 'bulk';
  throw new Error(`No lane is served by the queue ${record.eventSourceARN}`);
}

/** The times that an operator's redrive stamps on a message; they replace all others. */
export function timeOverrides({ messageAttributes }: IncomingRecord): { sentAtMs?: number; neededByMs?: number } {
  const sentAtMs = Date.parse(String(messageAttributes['greenroom-sent-at']?.stringValue));
  const neededByMs = Date.parse(String(messageAttributes['greenroom-needed-by']?.stringValue));
  return {
    ...(Number.isFinite(sentAtMs) && { sentAtMs }),
    ...(Number.isFinite(neededByMs) && { neededByMs }),
  };
}
