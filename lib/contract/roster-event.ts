import * as z from 'zod/mini';
import { about } from './about.ts';

const cloudEvent = {
  specversion: z.literal('1.0'),
  id: about(
    z.string().check(z.regex(/^[0-9a-f]{64}$/)),
    'Identical in all deliveries of one event. Use it to drop duplicates. If a roster begins again after its retention, its events have new ids.',
  ),
  source: z.string().check(z.regex(/^\/greenroom\/.+$/)),
  time: z.iso.datetime(),
  datacontenttype: z.literal('application/json'),
  dataschema: z.exactOptional(z.string()),
  subject: about(z.string(), 'The id of the roster: a bulk job, or a revision of a live event.'),
};

const count = z.int().check(z.minimum(0));

const membersSchema = z.object({
  total: about(count, 'How many keys were requested. Each key has an outcome.'),
  provisioned: about(count, 'How many keys have a room.'),
  existing: about(count, 'How many of these rooms existed before the roster began.'),
  failed: count,
});

/** The manifest and the name of a bulk job. */
export const bulkSchema = z.object({
  manifest: about(z.string(), 'The s3:// address of the manifest.'),
  name: about(z.string(), 'The namespace for the keys of rows that have no key.'),
});

/** The identity and the start of a live event. */
export const liveEventSchema = z.object({
  liveEventId: z.string(),
  revision: z.int().check(z.minimum(0)),
  startsAt: z.iso.datetime({ offset: true }),
});

const rowsSchema = z.object({
  total: about(count, 'How many rows the manifest has, not counting empty rows.'),
  invalid: about(count, 'How many rows violate the contract. The report states the reasons.'),
  repeated: about(
    count,
    'How many rows repeat the key and the room of an earlier row. A row and its duplicates count as one request.',
  ),
});

const reportSchema = about(z.object({ csv: z.string(), ndjson: z.string() }), 'The s3:// addresses of the report.');

const problemsShape = {
  problems: about(
    z.array(z.object({ path: z.string(), message: z.string() })).check(z.maxLength(100)),
    'Each problem with its path. "row 17: room.name" is the field room.name of row 17.',
  ),
  problemsTotal: about(z.int().check(z.minimum(1)), 'The total number of problems. At most 100 are listed.'),
};

export const rosterCompletedSchema = z.object({
  ...cloudEvent,
  type: z.literal('greenroom.roster.completed.v1'),
  data: z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('bulk'),
      roster: z.string(),
      members: membersSchema,
      bulk: bulkSchema,
      rows: rowsSchema,
      report: reportSchema,
      stoppedAt: about(
        z.exactOptional(z.iso.datetime()),
        'When an operator stopped the job. Absent if the job was not stopped. Rows without a room then have the reason "stopped".',
      ),
    }),
    z.object({
      kind: z.literal('live-event'),
      roster: z.string(),
      members: membersSchema,
      liveEvent: liveEventSchema,
    }),
  ]),
});

export type RosterCompleted = z.infer<typeof rosterCompletedSchema>;

export const rosterFailedSchema = z.object({
  ...cloudEvent,
  type: z.literal('greenroom.roster.failed.v1'),
  data: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('bulk'), roster: z.string(), bulk: bulkSchema, ...problemsShape }),
    z.object({
      kind: z.literal('live-event'),
      roster: z.string(),
      liveEvent: z.partial(liveEventSchema),
      ...problemsShape,
    }),
  ]),
});

export type RosterFailed = z.infer<typeof rosterFailedSchema>;

/** This many rooms fit into one SNS message, no matter how long their keys are. */
export const MAX_ROOMS_LISTED = 300;

const missingRoomSchema = z.object({
  key: about(z.string(), "The room's key within its live event."),
  outcome: about(z.enum(['open', 'failed']), '"open": the room is not created yet; "failed": it will not be created.'),
  reason: z.exactOptional(z.string()),
});

export const rosterAtRiskSchema = z.object({
  ...cloudEvent,
  type: z.literal('greenroom.roster.at-risk.v1'),
  data: z.object({
    kind: z.literal('live-event'),
    roster: z.string(),
    liveEvent: liveEventSchema,
    cause: about(
      z.enum(['pace', 'check']),
      '"pace": because of the quota, some rooms will not exist by the start; "check": rooms were missing at the check.',
    ),
    total: about(count, 'How many rooms the event has.'),
    ready: about(count, 'How many of these rooms exist.'),
    missing: z.array(missingRoomSchema).check(z.maxLength(MAX_ROOMS_LISTED)),
    missingTotal: about(
      z.int().check(z.minimum(1)),
      `How many rooms are missing. At most ${MAX_ROOMS_LISTED} are listed.`,
    ),
    expectedAt: about(z.exactOptional(z.iso.datetime()), 'When all rooms are expected to exist, given the quota.'),
  }),
});

export type RosterAtRisk = z.infer<typeof rosterAtRiskSchema>;

const createdRoomSchema = z.object({ key: z.string(), region: z.string(), arn: z.string() });

export const rosterCancelledSchema = z.object({
  ...cloudEvent,
  type: z.literal('greenroom.roster.cancelled.v1'),
  data: z.object({
    kind: z.literal('live-event'),
    roster: z.string(),
    liveEvent: z.partial(liveEventSchema),
    rooms: about(
      z.array(createdRoomSchema).check(z.maxLength(MAX_ROOMS_LISTED)),
      'The rooms that already exist. greenroom does not delete them.',
    ),
    roomsTotal: about(count, `How many rooms exist. At most ${MAX_ROOMS_LISTED} are listed.`),
  }),
});

export type RosterCancelled = z.infer<typeof rosterCancelledSchema>;

/** The events about a bulk job or live event as a whole: CloudEvents 1.0. */
export const rosterEventSchema = z.discriminatedUnion('type', [
  rosterCompletedSchema,
  rosterFailedSchema,
  rosterAtRiskSchema,
  rosterCancelledSchema,
]);

export type RosterEvent = z.infer<typeof rosterEventSchema>;

/**
 * The SNS message attributes of a roster's event, for filter policies. No attribute is named `roster`: the tracker subscribes to all
 * messages with that attribute, and only completions of members may have it.
 */
export function rosterEventAttributes({ type, data }: RosterEvent): Record<string, string> {
  return { type, kind: data.kind };
}
