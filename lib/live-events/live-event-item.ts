import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import '../contract/english.ts';
import { scheduledLiveEventSchema } from '../contract/live-event.ts';
import { DamagedRosterError, rosterPk } from '../rosters/roster-item.ts';

/** The schema version of the items that greenroom writes. greenroom also reads the previous schema version, once there is one. */
export const LIVE_EVENT_SCHEMA_VERSION = 1;

/** The index of live events by state and start. It contains the attributes that the turns and the list of events need. */
export const LIVE_EVENTS_BY_START = 'live-events-by-start';

const time = z.number();

const known = {
  schema_version: z.literal(LIVE_EVENT_SCHEMA_VERSION),
  live_event_id: z.string(),
  tenant: z.string(),
  correlation_id: z.optional(z.string()),
  /** The metadata of the accepted revision, as JSON. */
  metadata: z.optional(
    z.pipe(
      z.pipe(
        z.string(),
        z.transform((text): unknown => JSON.parse(text)),
      ),
      scheduledLiveEventSchema.shape.metadata,
    ),
  ),
  /** The newest revision that was accepted. */
  revision: z.int().check(z.minimum(0)),
  /** The revisions that have requested their rooms. Each has its own roster. */
  opened_revisions: z._default(z.set(z.number()), new Set()),
  /** The opened revisions whose requests were all sent. Items of the previous version do not have this attribute. */
  sent_revisions: z._default(z.set(z.number()), new Set()),
  /** The revision for which greenroom has published a warning that its rooms will be late at the current rate. */
  warned_revision: z.optional(z.number()),
  /** The revision whose check shortly before the start is done. */
  checked_revision: z.optional(z.number()),
  /** When the rooms of the newest revision are released. Absent if they are kept. */
  release_at: z.optional(time),
  ends_at: z.optional(time),
  /** The time of the newest revision's wish, later than that of every earlier revision. Items of the previous version have none. */
  wished_at: z.optional(time),
  /** Whether any revision had a release time. If none had one, a revision without a release time need not withdraw anything. */
  has_release: z._default(z.boolean(), false),
  /** The revision whose wish was sent for the rooms that earlier revisions have requested. */
  wishes_sent_revision: z.optional(z.number()),
};

const planned = {
  ...known,
  /** The hash of the revision's text. Workers of the previous version use it to recognise the message that wrote the item. */
  hash: z.string(),
  /** Identifies the revision's content (`liveEventMeaning`). Items of the previous version do not have this attribute. */
  meaning: z.optional(z.string()),
  accepted_at: time,
  starts_at: time,
  opens_at: time,
  check_at: time,
  /** The number of rooms to request, by region. It excludes rooms that exist or are under way from an earlier revision. */
  rooms_by_region: z.record(z.string(), z.number()),
  rooms: z.pipe(
    z.pipe(
      z.string(),
      z.transform((text): unknown => JSON.parse(text)),
    ),
    scheduledLiveEventSchema.shape.rooms,
  ),
};

const pendingSchema = z.object({
  ...planned,
  live_state: z.literal('pending'),
  /**
   * When a worker should examine the event next, to request its rooms. If this time is long past, the event's message was lost or keeps
   * crashing its worker.
   */
  expected_at: z.optional(time),
});

const openedSchema = z.object({
  ...planned,
  live_state: z.literal('opened'),
  opened_at: time,
  /** When all rooms are expected to exist, according to the rate at which rooms were created when the event was opened. */
  ready_by: time,
  /** When all requests were sent. */
  sent_at: z.optional(time),
});

const cancelledSchema = z.object({
  ...known,
  live_state: z.literal('cancelled'),
  cancelled_at: time,
  /** The revision of the message that cancelled the event. */
  cancelled_revision: z.int().check(z.minimum(0)),
  /** When the commands that release the event's rooms were sent. */
  release_sent_at: z.optional(time),
  starts_at: z.optional(time),
  /** The rooms of the last revision. Absent if no revision was accepted before the cancellation. */
  rooms: z.optional(planned.rooms),
});

const liveEventItemSchema = z.discriminatedUnion('live_state', [pendingSchema, openedSchema, cancelledSchema]);

/** The item of a live event. `pending`: the current revision has not requested its rooms yet. Times are epoch milliseconds. */
export type LiveEventItem = z.infer<typeof liveEventItemSchema>;
export type PendingEvent = z.infer<typeof pendingSchema>;
export type OpenedEvent = z.infer<typeof openedSchema>;
export type CancelledEvent = z.infer<typeof cancelledSchema>;

/** @throws DamagedRosterError with the names of the invalid attributes */
export function parseLiveEventItem(attributes: Record<string, AttributeValue>): LiveEventItem {
  const raw = unmarshall(attributes);
  const parsed = liveEventItemSchema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join('; ');
  throw new DamagedRosterError(`The live event ${String(raw.pk)} cannot be read: ${problems}`);
}

export function liveEventKey(liveEventId: string): { pk: { S: string }; sk: { S: string } } {
  return { pk: { S: rosterPk(`live/${liveEventId}`) }, sk: { S: 'event' } };
}
