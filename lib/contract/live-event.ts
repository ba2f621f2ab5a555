import * as z from 'zod/mini';
import { about } from './about.ts';
import { durationSchema } from './duration.ts';
import { legibleKey } from './key-edges.ts';
import { ownRegionOnly } from './other-regions.ts';
import { REGIONS } from './regions.ts';
import { roomSchema } from './room.ts';
import { DEFAULT_TENANT, roomRequestSchema } from './room-request.ts';
import { expected, text } from './text.ts';
import { timestampOrLocalSchema } from './timestamp.ts';

/** The maximum number of rooms of one event. Their requests are stored in one DynamoDB item until they are needed. */
export const MAX_LIVE_EVENT_ROOMS = 1000;

// "/" is not allowed, so that rooms of two events can never have the same idempotency key.
const liveEventId = about(
  z
    .string({ error: expected('a string') })
    .check(z.regex(/^[A-Za-z0-9_.:-]{1,100}$/, 'must be 1 to 100 letters, digits, "_", ".", ":" or "-"')),
  "The upstream system's own name for the event.",
);

const revisionError = expected('a whole number of at least 0');
const revision = about(
  z.int({ error: revisionError }).check(z.minimum(0, { error: revisionError })),
  'Increase it with every change to the event. A higher revision replaces a lower one.',
);

const { tenant, correlationId, metadata } = roomRequestSchema.shape;
const tenantOrDefault = z.catch(tenant, DEFAULT_TENANT);

const liveEventRoomSchema = about(
  z.strictObject(
    {
      key: about(
        text(1, 128).check(
          z.regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, 'must not contain control characters or line breaks'),
          z.regex(/\S/u, 'must not be blank'),
        ),
        {
          ...legibleKey(),
          description: 'Names the room within its event. The idempotency key of the room is live/<liveEventId>/<key>.',
        },
      ),
      room: about(
        roomSchema,
        'The CreateRoom request of Amazon IVS Chat. Its function and its logging configurations must be in the region of the room.',
      ),
      region: about(
        z.exactOptional(z.enum(REGIONS, { error: expected(`a region that has IVS Chat: ${REGIONS.join(', ')}`) })),
        "The region of the room. By default, the deployment's own region.",
      ),
    },
    { error: expected('an object: {key, room, region}') },
  ),
  ownRegionOnly(),
);

/** A revision of a live event. Every revision contains the whole event. */
export const scheduledLiveEventSchema = z.strictObject(
  {
    liveEventId,
    revision,
    startsAt: about(
      timestampOrLocalSchema,
      'When the event starts: a time with an offset, or a local time in `timezone`.',
    ),
    timezone: about(
      z.exactOptional(
        z
          .string({ error: expected('a string') })
          .check(
            z.minLength(1, 'must be the name of a time zone, such as Europe/Berlin'),
            z.maxLength(64, 'must be the name of a time zone, such as Europe/Berlin'),
          ),
      ),
      'A name or link in the IANA time-zone database, such as Europe/Berlin, or an offset, such as +02:00. Required if `startsAt` has no offset. Abbreviations are not accepted.',
    ),
    endsAt: about(
      z.exactOptional(timestampOrLocalSchema),
      'When the event ends: a time with an offset, or a local time in `timezone`, after the start and at most 400 days after it. Its rooms are released when the time in `releaseAfter` has passed since the end.',
    ),
    releaseAfter: about(
      z.exactOptional(durationSchema),
      'The time between the end and the release of the rooms, at most P400D. Releasing a room deletes it. By default, PT0S. Without `endsAt`, it counts from the start. Rooms are released at least a minute after the start. If both fields are missing, the rooms are kept.',
    ),
    leadTime: about(
      z.exactOptional(durationSchema),
      'How long before the start the rooms are requested: PT1M to P6D. By default, PT30M.',
    ),
    atRiskTime: about(
      z.exactOptional(durationSchema),
      'How long before the start greenroom checks whether rooms are missing: at least PT2M, and at least PT2M less than the lead time. If the lead time is shorter than PT4M, it must be exactly half of the lead time. By default, PT10M or half the lead time, whichever is shorter.',
    ),
    rooms: z
      .array(liveEventRoomSchema, { error: expected('a list of rooms') })
      .check(
        z.minLength(1, 'must list at least one room'),
        z.maxLength(MAX_LIVE_EVENT_ROOMS, `may list at most ${MAX_LIVE_EVENT_ROOMS} rooms: split the event`),
      ),
    tenant,
    correlationId,
    metadata,
  },
  { error: expected('an object: the live event') },
);

export type ScheduledLiveEvent = z.infer<typeof scheduledLiveEventSchema>;
export type LiveEventRoom = ScheduledLiveEvent['rooms'][number];

/**
 * A cancellation. Only the necessary fields are checked, because if a cancellation were rejected, the event would still get its rooms. All
 * other fields (the whole event, a reason) are ignored, even if they are malformed.
 */
export const cancelledLiveEventSchema = z.looseObject(
  {
    liveEventId,
    revision,
    tenant: about(
      z.optional(
        z.pipe(
          z.unknown(),
          z.transform((value) => tenantOrDefault.parse(value)),
        ),
      ),
      'The tenant of the event. Used only if greenroom does not know the event, and ignored if it is malformed.',
    ),
  },
  { error: expected('an object: the cancelled live event') },
);

/** The message that EventBridge Scheduler sends to the queue when the opening or the check of an event is due. */
export const dueLiveEventSchema = z.strictObject({
  liveEventId,
  revision,
  occasion: z.enum(['open', 'check'], { error: expected('open or check') }),
});

/** The roster of one revision of an event. Its requests are counted separately from those of other revisions. */
export function liveEventRosterId(liveEventId: string, revision: number): string {
  return `live/${liveEventId}/${revision}`;
}

/** The idempotency key of one room of an event, the same in all revisions. */
export function liveEventRoomKey(liveEventId: string, roomKey: string): string {
  return `live/${liveEventId}/${roomKey}`;
}
