import * as z from 'zod';

const cloudEvent = {
  specversion: z.literal('1.0'),
  id: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .describe(
      'Identical in all deliveries of one event. Use it to drop duplicates. If a roster begins again after its retention, its events have new ids.',
    ),
  source: z.string().regex(/^\/greenroom\/.+$/),
  time: z.iso.datetime(),
  datacontenttype: z.literal('application/json'),
  dataschema: z.string().exactOptional(),
  subject: z.string().describe('The id of the roster: a bulk job, or a revision of a live event.'),
};

const count = z.int().min(0);

const membersSchema = z.object({
  total: count.describe('How many keys were requested. Each key has an outcome.'),
  provisioned: count.describe('How many keys have a room.'),
  existing: count.describe('How many of these rooms existed before the roster began.'),
  failed: count,
});

/** The manifest and the name of a bulk job. */
export const bulkSchema = z.object({
  manifest: z.string().describe('The s3:// address of the manifest.'),
  name: z.string().describe('The namespace for the keys of rows that have no key.'),
});

/** The identity and the start of a live event. */
export const liveEventSchema = z.object({
  liveEventId: z.string(),
  revision: z.int().min(0),
  startsAt: z.iso.datetime({ offset: true }),
});

const rowsSchema = z.object({
  total: count.describe('How many rows the manifest has, not counting empty rows.'),
  invalid: count.describe('How many rows violate the contract. The report states the reasons.'),
  repeated: count.describe(
    'How many rows repeat the key and the room of an earlier row. A row and its repetitions count as one request.',
  ),
});

const reportSchema = z.object({ csv: z.string(), ndjson: z.string() }).describe('The s3:// addresses of the report.');

const problemsShape = {
  problems: z
    .array(z.object({ path: z.string(), message: z.string() }))
    .max(100)
    .describe('Each problem with its path. "row 17: room.name" is the field room.name of row 17.'),
  problemsTotal: z.int().min(1).describe('The total number of problems. At most 100 are listed.'),
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
      stoppedAt: z.iso
        .datetime()
        .exactOptional()
        .describe(
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
      liveEvent: liveEventSchema.partial(),
      ...problemsShape,
    }),
  ]),
});

export type RosterFailed = z.infer<typeof rosterFailedSchema>;

/** This many rooms fit into one SNS message, no matter how long their keys are. */
export const MAX_ROOMS_LISTED = 300;

const missingRoomSchema = z.object({
  key: z.string().describe("The room's key within its live event."),
  outcome: z
    .enum(['open', 'failed'])
    .describe('"open": the room is not created yet; "failed": it will not be created.'),
  reason: z.string().exactOptional(),
});

export const rosterAtRiskSchema = z.object({
  ...cloudEvent,
  type: z.literal('greenroom.roster.at-risk.v1'),
  data: z.object({
    kind: z.literal('live-event'),
    roster: z.string(),
    liveEvent: liveEventSchema,
    cause: z
      .enum(['pace', 'check'])
      .describe(
        '"pace": because of the quota, some rooms will not exist by the start; "check": rooms were missing at the check.',
      ),
    total: count.describe('How many rooms the event has.'),
    ready: count.describe('How many of these rooms exist.'),
    missing: z.array(missingRoomSchema).max(MAX_ROOMS_LISTED),
    missingTotal: z.int().min(1).describe(`How many rooms are missing. At most ${MAX_ROOMS_LISTED} are listed.`),
    expectedAt: z.iso.datetime().exactOptional().describe('When all rooms are expected to exist, given the quota.'),
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
    liveEvent: liveEventSchema.partial(),
    rooms: z
      .array(createdRoomSchema)
      .max(MAX_ROOMS_LISTED)
      .describe('The rooms that already exist. greenroom does not delete them.'),
    roomsTotal: count.describe(`How many rooms exist. At most ${MAX_ROOMS_LISTED} are listed.`),
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
