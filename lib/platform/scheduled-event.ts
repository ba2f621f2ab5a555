import * as z from 'zod/mini';

/** The event of every scheduled rule: https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html */
const scheduledEventSchema = z.object({ source: z.literal('aws.events'), 'detail-type': z.literal('Scheduled Event') });

/** Whether a scheduled EventBridge rule, and not a queue, has invoked the function. */
export function isScheduledEvent(event: unknown): boolean {
  return scheduledEventSchema.safeParse(event).success;
}
