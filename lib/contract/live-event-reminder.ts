import * as z from 'zod';
import type { dueLiveEventSchema } from './live-event.ts';
import type { LiveEventTimes } from './live-event-plan.ts';

const aroundSchema = z.object({
  moments: z.object({ startsAtMs: z.number(), opensAtMs: z.number(), checkAtMs: z.number() }),
});

/**
 * What a schedule sends, with the event's moments around it: when the event itself cannot be read, they tell how long its reminder may wait.
 * Release 0.1.0 refuses a reminder with further fields, but ignores what an SNS notification says beside its message; so a
 * reminder looks like one, and workers and schedules of both releases understand each other, also after a rollback.
 */
export function reminderMessage(
  reminder: z.infer<typeof dueLiveEventSchema> & { type: string },
  moments: LiveEventTimes | undefined,
): object {
  return moments === undefined ? reminder : { Type: 'Notification', Message: JSON.stringify(reminder), moments };
}

/** The moments in what is around a reminder; those of release 0.1.0 have none. */
export function momentsAround(notification: Record<string, unknown> | undefined): LiveEventTimes | undefined {
  return aroundSchema.safeParse(notification).data?.moments;
}
