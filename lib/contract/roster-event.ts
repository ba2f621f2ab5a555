import * as z from 'zod';
import { canonicalJson, sha256 } from './keys.ts';
import { capProblems, type Problem } from './problems.ts';

const cloudEvent = {
  specversion: z.literal('1.0'),
  id: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .describe('The same for every delivery of one event: drop repeats by it.'),
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

/** What becomes of a bulk job or live event as a whole: a CloudEvents 1.0 event. */
export const rosterEventSchema = z.discriminatedUnion('type', [rosterCompletedSchema, rosterFailedSchema]);

export type RosterEvent = z.infer<typeof rosterEventSchema>;

interface Announced {
  stage: string;
  rosterId: string;
  timeMs: number;
}

/** Every member has an outcome. `revision`: a roster that was changed after its completion completes again, under another id. */
export function rosterCompleted(
  announced: Announced & { revision: number; data: RosterCompleted['data'] },
): RosterCompleted {
  const type = 'greenroom.roster.completed.v1';
  return { ...eventOf(announced, [type, announced.rosterId, announced.revision]), type, data: announced.data };
}

type FailedData = RosterFailed['data'];
type Unlisted<Data> = Data extends unknown ? Omit<Data, 'problems' | 'problemsTotal'> : never;

/**
 * A bulk job or live event that can't be taken. `occasion`: which of several failures of one roster this is.
 * `problemsTotal`: how many problems there are, if not all are given.
 */
export function rosterFailed(
  announced: Announced & {
    occasion: string | number;
    data: Unlisted<FailedData>;
    problems: Problem[];
    problemsTotal?: number;
  },
): RosterFailed {
  const type = 'greenroom.roster.failed.v1';
  const { problems, total: given } = capProblems(announced.problems);
  const total = announced.problemsTotal ?? given;
  return {
    ...eventOf(announced, [type, announced.rosterId, announced.occasion]),
    type,
    data: { ...announced.data, problems, problemsTotal: total },
  };
}

/**
 * The SNS message attributes of a roster's event, for filter policies. There is none named `roster`: what carries it is a
 * member's completion, and is counted.
 */
export function rosterEventAttributes({ type, data }: RosterEvent): Record<string, string> {
  return { type, kind: data.kind };
}

function eventOf({ stage, rosterId, timeMs }: Announced, id: (string | number)[]) {
  return {
    specversion: '1.0',
    id: sha256(canonicalJson(id)),
    source: `/greenroom/${stage}`,
    time: new Date(timeMs).toISOString(),
    datacontenttype: 'application/json',
    subject: rosterId,
  } as const;
}
