import * as z from 'zod';

const cloudEvent = {
  specversion: z.literal('1.0'),
  id: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .describe(
      'The same for every delivery of one event: drop repeats by it. A roster that begins anew after its retention has other ids.',
    ),
  source: z.string().regex(/^\/greenroom\/.+$/),
  time: z.iso.datetime(),
  datacontenttype: z.literal('application/json'),
  dataschema: z.string().exactOptional(),
  subject: z.string().describe('The id of the roster: of the bulk job or the live event.'),
};

const count = z.int().min(0);

const membersSchema = z.object({
  total: count.describe('How many keys were asked for; each has an outcome.'),
  provisioned: count.describe('How many of them have their room.'),
  existing: count.describe('How many of these rooms were there before the roster was begun.'),
  failed: count,
});

/** What a bulk job is known by and has read. */
export const bulkSchema = z.object({
  manifest: z.string().describe('The s3:// address of the manifest.'),
  name: z.string().describe('The namespace of the keys of rows without a key of their own.'),
});

/** What a live event is known by. */
export const liveEventSchema = z.object({
  liveEventId: z.string(),
  revision: z.int().min(0),
  startsAt: z.iso.datetime({ offset: true }),
});

const rowsSchema = z.object({
  total: count.describe('All rows that say anything.'),
  invalid: count.describe('Rows that break the contract; the report tells why.'),
  repeated: count.describe('Rows that repeat the key and the room of an earlier one: they count as one request.'),
});

const reportSchema = z.object({ csv: z.string(), ndjson: z.string() }).describe('s3:// addresses of the report.');

const problemsShape = {
  problems: z
    .array(z.object({ path: z.string(), message: z.string() }))
    .max(100)
    .describe('What is wrong where; "row 17: room.name" is a field of a row.'),
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

/** As many as an event on SNS can list, whatever their keys. */
export const MAX_ROOMS_LISTED = 300;

const missingRoomSchema = z.object({
  key: z.string().describe("The room's key within its live event."),
  outcome: z.enum(['open', 'failed']).describe('"open": it is not made yet; "failed": it will not be.'),
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
        '"pace": at the quota its rooms come after the start; "check": some were missing when it was looked at.',
      ),
    total: count.describe('How many rooms the event has.'),
    ready: count.describe('How many of them stand.'),
    missing: z.array(missingRoomSchema).max(MAX_ROOMS_LISTED),
    missingTotal: z.int().min(1).describe(`How many are missing; at most ${MAX_ROOMS_LISTED} are listed.`),
    expectedAt: z.iso.datetime().exactOptional().describe('When all are expected to stand, going by the quota.'),
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
    rooms: z.array(madeRoomSchema).max(MAX_ROOMS_LISTED).describe('The rooms that were made already. They stay.'),
    roomsTotal: count.describe(`How many there are; at most ${MAX_ROOMS_LISTED} are listed.`),
  }),
});

export type RosterCancelled = z.infer<typeof rosterCancelledSchema>;

/** What becomes of a bulk job or live event as a whole: a CloudEvents 1.0 event. */
export const rosterEventSchema = z.discriminatedUnion('type', [
  rosterCompletedSchema,
  rosterFailedSchema,
  rosterAtRiskSchema,
  rosterCancelledSchema,
]);

export type RosterEvent = z.infer<typeof rosterEventSchema>;

/**
 * The SNS message attributes of a roster's event, for filter policies. There is none named `roster`: what carries it is a
 * member's completion, and is counted.
 */
export function rosterEventAttributes({ type, data }: RosterEvent): Record<string, string> {
  return { type, kind: data.kind };
}
