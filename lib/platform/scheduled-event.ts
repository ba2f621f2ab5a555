import * as z from 'zod';

/** https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html; the detail type of a rule with a schedule is always this one. */
const scheduledEventSchema = z.object({ source: z.literal('aws.events'), 'detail-type': z.literal('Scheduled Event') });

/** Whether a rule of EventBridge with a schedule has invoked the function, and not a queue. */
export function isScheduledEvent(event: unknown): boolean {
  return scheduledEventSchema.safeParse(event).success;
}
