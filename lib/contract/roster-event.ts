import * as z from 'zod';

const cloudEvent = {
  specversion: z.literal('1.0'),
  id: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .describe(
      'The same for every delivery of one event. Use it to drop repeats. If a roster begins again after its retention, its events have other ids.',
    ),
  source: z.string().regex(/^\/greenroom\/.+$/),
  time: z.iso.datetime(),
  datacontenttype: z.literal('application/json'),
  dataschema: z.string().exactOptional(),
  subject: z.string().describe('The id of the roster: of the bulk job or the live event.'),
};

const count = z.int().min(0);

const membersSchema = z.object({
  total: count.describe('How many keys were requested. Each of them has an outcome.'),
  provisioned: count.describe('How many of them have a room.'),
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
  total: count.describe('All rows that are not empty.'),
  invalid: count.describe('Rows that violate the contract. The report has the reasons.'),
  repeated: count.describe(
    'Rows that repeat the key and the room of an earlier row. Together they count as one request.',
  ),
});

const reportSchema = z.object({ csv: z.string(), ndjson: z.string() }).describe('s3:// addresses of the report.');

const problemsShape = {
  problems: z
    .array(z.object({ path: z.string(), message: z.string() }))
    .max(100)
    .describe('Each problem and its path. "row 17: room.name" is a field of a row.'),
  problemsTotal: z.int().min(1).describe('How many problems there are; at most 100 are listed.'),
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

/** This many rooms fit into an event on SNS, whatever their keys. */
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
        '"pace": at the quota, rooms will exist only after the start; "check": rooms were missing at the check.',
      ),
    total: count.describe('How many rooms the event has.'),
    ready: count.describe('How many of them exist.'),
    missing: z.array(missingRoomSchema).max(MAX_ROOMS_LISTED),
    missingTotal: z.int().min(1).describe(`How many are missing; at most ${MAX_ROOMS_LISTED} are listed.`),
    expectedAt: z.iso
      .datetime()
      .exactOptional()
      .describe('When all rooms are expected to exist, according to the quota.'),
  }),
});

export type RosterAtRisk = z.infer<typeof rosterAtRiskSchema>;

const madeRoomSchema = z.object({ key: z.string(), region: z.string(), arn: z.string() });

export const rosterCancelledSchema = z.object({
  ...cloudEvent,
  type: z.literal('greenroom.roster.cancelled.v1'),
  data: z.object({
    kind: z.literal('live-event'),
    roster: z.string(),
    liveEvent: liveEventSchema.partial(),
    rooms: z.array(madeRoomSchema).max(MAX_ROOMS_LISTED).describe('The rooms that already exist. They stay.'),
    roomsTotal: count.describe(`How many rooms exist; at most ${MAX_ROOMS_LISTED} are listed.`),
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
 * The SNS message attributes of a roster's event, for filter policies. None is named `roster`: only the completions of
 * members have that attribute, so that the tracker receives nothing else.
 */
export function rosterEventAttributes({ type, data }: RosterEvent): Record<string, string> {
  return { type, kind: data.kind };
}
