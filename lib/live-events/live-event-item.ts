import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import { scheduledLiveEventSchema } from '../contract/live-event.ts';
import { DamagedRosterError, rosterPk } from '../rosters/roster-item.ts';

/** The version of the item's form that this release writes. It reads this one and, once there is one, the one before. */
export const LIVE_EVENT_SCHEMA_VERSION = 1;

/** The index of live events by state and start; there is in it what taking turns and listing need. */
export const LIVE_EVENTS_BY_START = 'live-events-by-start';

const moment = z.number();

const known = {
  schema_version: z.literal(LIVE_EVENT_SCHEMA_VERSION),
  live_event_id: z.string(),
  tenant: z.string(),
  correlation_id: z.string().optional(),
  /** The newest revision that was taken. */
  revision: z.int().min(0),
  /** The revisions whose rooms were asked for; each has a roster of its own. */
  opened_revisions: z.set(z.number()).default(new Set()),
  /** Those of them whose requests were all sent. Items that the release before has written have none. */
  sent_revisions: z.set(z.number()).default(new Set()),
  /** The revision of which it was announced that its rooms will come too late, going by the quota. */
  warned_revision: z.number().optional(),
  /** The revision of which it was looked whether all rooms stand, shortly before the start. */
  checked_revision: z.number().optional(),
};

const planned = {
  ...known,
  /** Of the revision's text: by it, workers of the release before know the message again that wrote it. */
  hash: z.string(),
  /** What the revision asks for (`liveEventMeaning`). Items that the release before has written have none. */
  meaning: z.string().optional(),
  accepted_at: moment,
  starts_at: moment,
  opens_at: moment,
  check_at: moment,
  /** How many rooms are still to ask for in which region: without those that an earlier revision's requests have made, or are making. */
  rooms_by_region: z.record(z.string(), z.number()),
  rooms: z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(scheduledLiveEventSchema.shape.rooms),
};

const pendingSchema = z.object({
  ...planned,
  live_state: z.literal('pending'),
  /** When it is looked at next, to ask for its rooms. Long past, it is stuck: its message is lost, or crashes its worker. */
  expected_at: moment.optional(),
});

const openedSchema = z.object({
  ...planned,
  live_state: z.literal('opened'),
  opened_at: moment,
  /** When all rooms are expected to stand, going by the quota. */
  ready_by: moment,
  /** All requests were sent. */
  sent_at: moment.optional(),
});

const cancelledSchema = z.object({
  ...known,
  live_state: z.literal('cancelled'),
  cancelled_at: moment,
  /** That of the message that called it off. */
  cancelled_revision: z.int().min(0),
  starts_at: moment.optional(),
});

const liveEventItemSchema = z.discriminatedUnion('live_state', [pendingSchema, openedSchema, cancelledSchema]);

/** The one item of a live event. `pending`: its rooms have not been asked for. Times are epoch milliseconds. */
export type LiveEventItem = z.infer<typeof liveEventItemSchema>;
export type PendingEvent = z.infer<typeof pendingSchema>;
export type OpenedEvent = z.infer<typeof openedSchema>;
export type CancelledEvent = z.infer<typeof cancelledSchema>;

/** @throws DamagedRosterError naming what is not as it must be */
export function parseLiveEventItem(attributes: Record<string, AttributeValue>): LiveEventItem {
  const raw = unmarshall(attributes);
  const parsed = liveEventItemSchema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'item'} ${issue.message}`).join('; ');
  throw new DamagedRosterError(`The live event ${String(raw.pk)} can't be read: ${problems}`);
}

export function liveEventKey(liveEventId: string): { pk: { S: string }; sk: { S: string } } {
  return { pk: { S: rosterPk(`live/${liveEventId}`) }, sk: { S: 'event' } };
}
