import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import { FAILURE_REASONS } from '../contract/completion.ts';
import { bulkSchema, liveEventSchema } from '../contract/roster-event.ts';

/** The version of the items' form that this release writes. It reads this one and, once there is one, the one before. */
export const ROSTER_SCHEMA_VERSION = 1;

/**
 * How far a roster is. `open`: members may still be added. `sealed`: all of them are there. `reported`: and counted, and the
 * report is written. `announced`: its completion is published. `refused`: it cannot be taken, which is published.
 */
const stateSchema = z.enum(['open', 'sealed', 'reported', 'announced', 'refused']);
export type RosterState = z.infer<typeof stateSchema>;

const count = z.int().min(0).default(0);

const metaSchema = z.object({
  schema_version: z.literal(ROSTER_SCHEMA_VERSION),
  roster_id: z.string(),
  state: stateSchema,
  /** Which sealing this is: a live event that was revised after its opening is sealed again. */
  revision: count,
  /** Epoch milliseconds. */
  created_at: z.number(),
  /** How many members there are; known when the roster is sealed. */
  members: count,
  /** How many members have a room, how many of those rooms were there before the roster, and how many members have none. */
  provisioned: count,
  existing: count,
  failed: count,
  announced_at: z.number().optional(),
  /** Why it is refused: as it was published. */
  problems: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  problems_total: z.number().optional(),
});

const rosterMetaSchema = z.discriminatedUnion('kind', [
  metaSchema.extend({
    kind: z.literal('bulk'),
    bulk: bulkSchema,
    /** All rows of the manifest, those that are invalid, and those that repeat an earlier one; known when it is sealed. */
    rows: count,
    invalid_rows: count,
    repeated_rows: count,
    /** Of which notice it was refused last: a later one begins it again. */
    refused_notice: z.object({ sequencer: z.string().optional(), put_at: z.number().optional() }).optional(),
    /** When it was begun again after a refusal, and by which notice. Its rows are wanted for a day since then. */
    reopened_at: z.number().optional(),
    reopened_by: z.string().optional(),
    /** How many members have an outcome, by their region: the attributes `answered_<region>`. */
    answered: z.record(z.string(), z.number()).default({}),
  }),
  metaSchema.extend({ kind: z.literal('live-event'), live_event: liveEventSchema }),
]);

/** The `meta` item of a roster. */
export type RosterMeta = z.infer<typeof rosterMetaSchema>;

const memberSchema = z.object({
  ledger_key: z.string(),
  idempotency_key: z.string(),
  region: z.string(),
  /** The room's name, if one was asked for. */
  room_name: z.string().optional(),
  /** The first row of the manifest that asks for it: its number for people, and its place among the rows that say anything. */
  row: z.number().optional(),
  place: z.number().optional(),
  outcome: z.enum(['created', 'adopted', 'failed']).optional(),
  reason: z.enum(FAILURE_REASONS).optional(),
  error: z.string().optional(),
  room_arn: z.string().optional(),
  room_id: z.string().optional(),
});

/** A `member#<ledgerKey>` item: one key of a roster, and its outcome once it is counted. */
export type RosterMember = z.infer<typeof memberSchema>;

const rowSchema = z.object({
  row: z.number(),
  place: z.number(),
  /** The row asks again for the room of this member. */
  repeats: z.string().optional(),
  /** Or what is wrong with it, and how many problems there are. */
  problems: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  problems_total: z.number().optional(),
});

/** A `row#<place>` item: a row of a manifest that is no member of its own. */
export type RosterRow = z.infer<typeof rowSchema>;

/** An item that this release cannot read: of a newer form, or changed by hand. */
export class DamagedRosterError extends Error {
  override readonly name = 'DamagedRosterError';
}

/** @throws DamagedRosterError naming what is not as it must be */
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

function parse<Schema extends z.ZodType>(schema: Schema, attributes: Record<string, AttributeValue>): z.output<Schema> {
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

/** The attribute of `meta` that counts the members of a region that have an outcome. At the top, since ADD takes no others. */
export function answeredAttribute(region: string): string {
  return `${ANSWERED_PREFIX}${region}`;
}

export function memberSk(ledgerKey: string): string {
  return `${MEMBER_PREFIX}${ledgerKey}`;
}

export function rowSk(place: number): string {
  return `${ROW_PREFIX}${String(place).padStart(7, '0')}`;
}

/** Whether every member of a roster has its outcome, and no more will be added. */
export function isCounted({ state, members, provisioned, failed }: RosterMeta): boolean {
  return state !== 'open' && state !== 'refused' && provisioned + failed >= members;
}
