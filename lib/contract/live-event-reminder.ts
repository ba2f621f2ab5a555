import * as z from 'zod';
import type { dueLiveEventSchema } from './live-event.ts';
import type { LiveEventTimes } from './live-event-plan.ts';

const aroundSchema = z.object({
  moments: z.object({ startsAtMs: z.number(), opensAtMs: z.number(), checkAtMs: z.number() }),
});

/**
 * The message of a schedule, in an envelope with the event's moments. If the event itself cannot be read, they decide how long the message
 * may wait. Release 0.1.0 refuses a reminder with further fields, but ignores further fields of an SNS notification. So a reminder has the
 * form of a notification, and workers and schedules of both releases understand each other, even after a rollback.
 */
export function reminderMessage(
  reminder: z.infer<typeof dueLiveEventSchema> & { type: string },
  moments: LiveEventTimes | undefined,
): object {
  return moments === undefined ? reminder : { Type: 'Notification', Message: JSON.stringify(reminder), moments };
}

/** The moments in the envelope of a reminder. Reminders of release 0.1.0 have none. */
export function momentsAround(notification: Record<string, unknown> | undefined): LiveEventTimes | undefined {
  return aroundSchema.safeParse(notification).data?.moments;
}
