import * as z from 'zod/mini';
import type { dueLiveEventSchema } from './live-event.ts';
import type { LiveEventTimes } from './live-event-plan.ts';

const aroundSchema = z.object({
  moments: z.object({ startsAtMs: z.number(), opensAtMs: z.number(), checkAtMs: z.number() }),
});

/**
 * The message that a schedule sends: a reminder in an envelope with the times of the event. If the event itself cannot be read, these times
 * determine how long the message may wait. The envelope has the form of an SNS notification, because version 0.1.0 rejects additional
 * fields in a reminder, but ignores them in a notification. Each version can therefore read the other's reminders, even after a rollback.
 */
export function reminderMessage(
  reminder: z.infer<typeof dueLiveEventSchema> & { type: string },
  moments: LiveEventTimes | undefined,
): object {
  return moments === undefined ? reminder : { Type: 'Notification', Message: JSON.stringify(reminder), moments };
}

/** The event's times in the envelope of a reminder. Reminders of version 0.1.0 contain no times. */
export function momentsAround(notification: Record<string, unknown> | undefined): LiveEventTimes | undefined {
  return aroundSchema.safeParse(notification).data?.moments;
}
