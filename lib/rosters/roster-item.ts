import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import '../contract/english.ts';
import { FAILURE_REASONS } from '../contract/completion.ts';
import { bulkSchema, liveEventSchema } from '../contract/roster-event.ts';

/** The schema version of the items that greenroom writes. greenroom also reads the previous schema version, once there is one. */
export const ROSTER_SCHEMA_VERSION = 1;

/**
 * The state of a roster. `open`: members may still be added. `sealed`: it has all of its members. `reported`: all members are counted, and
 * the report is written. `announced`: its completion is published. `refused`: it was not accepted, and its refusal is published.
 */
const stateSchema = z.enum(['open', 'sealed', 'reported', 'announced', 'refused']);
export type RosterState = z.infer<typeof stateSchema>;

/**
 * The index of all `meta` items by kind and time of creation. It contains only attributes that never change, so that the counters, which
 * change with every outcome, are not written to it.
 */
export const ROSTERS_BY_CREATION = 'rosters-by-creation';

const count = z._default(z.int().check(z.minimum(0)), 0);

const metaSchema = z.object({
  schema_version: z.literal(ROSTER_SCHEMA_VERSION),
  roster_id: z.string(),
  state: stateSchema,
  /** The revision that was sealed; 0 for a bulk job. */
  revision: count,
  /** Epoch milliseconds. */
  created_at: z.number(),
  /** The number of members. Known once the roster is sealed or refused. */
  members: count,
  /** How many members have a room, how many of those rooms existed before the roster, and how many members failed. */
  provisioned: count,
  existing: count,
  failed: count,
  announced_at: z.optional(z.number()),
  /** Why the roster was refused, as published. */
  problems: z.optional(z.array(z.object({ path: z.string(), message: z.string() }))),
  problems_total: z.optional(z.number()),
});

const rosterMetaSchema = z.discriminatedUnion('kind', [
  z.extend(metaSchema, {
    kind: z.literal('bulk'),
    bulk: bulkSchema,
    /** How many rows the manifest has, how many of them are invalid, and how many repeat an earlier row. Set by the seal. */
    rows: count,
    invalid_rows: count,
    repeated_rows: count,
    /** The notice of the most recently refused manifest. A later notice reopens the job. */
    refused_notice: z.optional(z.object({ sequencer: z.optional(z.string()), put_at: z.optional(z.number()) })),
    /** When the job was reopened after a refusal, and by which notice. Its requests expire a day after this time. */
    reopened_at: z.optional(z.number()),
    reopened_by: z.optional(z.string()),
    /** When an operator stopped the job. Members that were not requested by then count as failed. */
    stopped_at: z.optional(z.number()),
    /**
     * How many of the failed members failed because of the stop. Absent before the first such failure, and in jobs that an earlier version
     * stopped.
     */
    stopped: z.optional(z.number()),
    /** How many members have an outcome, by region. They are stored as the attributes `answered_<region>`. */
    answered: z._default(z.record(z.string(), z.number()), {}),
  }),
  z.extend(metaSchema, { kind: z.literal('live-event'), live_event: liveEventSchema }),
]);

/** The `meta` item of a roster. */
export type RosterMeta = z.infer<typeof rosterMetaSchema>;

const memberSchema = z.object({
  ledger_key: z.string(),
  idempotency_key: z.string(),
  region: z.string(),
  /** The room's name, if the request has one. */
  room_name: z.optional(z.string()),
  /**
   * The first manifest row that requests the room: `row` is the number that a person sees, and `place` is the position of the row, not
   * counting empty rows.
   */
  row: z.optional(z.number()),
  place: z.optional(z.number()),
  outcome: z.optional(z.enum(['created', 'adopted', 'failed'])),
  reason: z.optional(z.enum(FAILURE_REASONS)),
  error: z.optional(z.string()),
  room_arn: z.optional(z.string()),
  room_id: z.optional(z.string()),
});

/** A `member#<ledgerKey>` item: one key of a roster, and its outcome once it is counted. */
export type RosterMember = z.infer<typeof memberSchema>;

const rowSchema = z.object({
  row: z.number(),
  place: z.number(),
  /** The member whose request the row repeats. */
  repeats: z.optional(z.string()),
  /** The problems of an invalid row, and how many there are. */
  problems: z.optional(z.array(z.object({ path: z.string(), message: z.string() }))),
  problems_total: z.optional(z.number()),
});

/** A `row#<place>` item: a row of a manifest for which no request is sent. */
export type RosterRow = z.infer<typeof rowSchema>;

/** An item that this version cannot read: it has a newer schema, or was changed by hand. */
export class DamagedRosterError extends Error {
  override readonly name = 'DamagedRosterError';
}

/** @throws DamagedRosterError with the names of the invalid attributes */
export function parseMeta(attributes: Record<string, AttributeValue>): RosterMeta {
  const answered = Object.entries(attributes).flatMap(([name, value]) =>
    name.startsWith(ANSWERED_PREFIX) ? [[name.slice(ANSWERED_PREFIX.length), value] as const] : [],
  );
  return parse(rosterMetaSchema, { ...attributes, answered: { M: Object.fromEntries(answered) } });
}

/** @throws DamagedRosterError */
export function parseMember(attributes: Record<string, AttributeValue>): RosterMember {
  return parse(memberSchema, attributes);
}

/** @throws DamagedRosterError */
export function parseRow(attributes: Record<string, AttributeValue>): RosterRow {
  return parse(rowSchema, attributes);
}

function parse<Schema extends z.ZodMiniType>(
  schema: Schema,
  attributes: Record<string, AttributeValue>,
): z.output<Schema> {
  const raw = unmarshall(attributes);
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'item'} ${issue.message}`).join('; ');
  throw new DamagedRosterError(`The roster item ${String(raw.pk)} ${String(raw.sk)} cannot be read: ${problems}`);
}

export function rosterPk(rosterId: string): string {
  return `roster#${rosterId}`;
}

export const META_SK = 'meta';
const ANSWERED_PREFIX = 'answered_';
export const MEMBER_PREFIX = 'member#';
const ROW_PREFIX = 'row#';

/** The top-level attribute of `meta` that counts those members of a region that have an outcome. ADD supports only top-level attributes. */
export function answeredAttribute(region: string): string {
  return `${ANSWERED_PREFIX}${region}`;
}

export function memberSk(ledgerKey: string): string {
  return `${MEMBER_PREFIX}${ledgerKey}`;
}

export function rowSk(place: number): string {
  return `${ROW_PREFIX}${String(place).padStart(7, '0')}`;
}

/** Whether every member of a roster has an outcome, and no more members will be added. */
export function isCounted({ state, members, provisioned, failed }: RosterMeta): boolean {
  return state !== 'open' && state !== 'refused' && provisioned + failed >= members;
}
