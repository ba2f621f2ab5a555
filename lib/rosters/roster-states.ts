import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { NativeAttributeValue } from '@aws-sdk/util-dynamodb';
import type * as z from 'zod/mini';
import type { bulkSchema, liveEventSchema } from '../contract/roster-event.ts';
import { updateItem } from '../platform/tables.ts';
import { type ItemUpdate, setAttributes } from '../platform/update-expression.ts';
import { isStopOver } from './is-stop-over.ts';
import {
  META_SK,
  parseMeta,
  ROSTER_SCHEMA_VERSION,
  type RosterMeta,
  type RosterState,
  rosterPk,
} from './roster-item.ts';
import { countMembers } from './roster-members.ts';
import { expiresAt, type ReadableRosterTable, type RosterTable } from './roster-table.ts';

type Bulk = z.infer<typeof bulkSchema>;
type LiveEvent = z.infer<typeof liveEventSchema>;

export type NewRoster = { id: string } & ({ kind: 'bulk'; bulk: Bulk } | { kind: 'live-event'; liveEvent: LiveEvent });

/** The facts that are known only after all members are written. A higher `revision` seals a sealed roster again. */
export interface Seal {
  revision: number;
  rows?: { total: number; invalid: number; repeated: number };
  liveEvent?: LiveEvent;
}

/** Creates an open roster without members. @returns the stored roster, which may already have existed */
export async function createRoster(table: RosterTable, roster: NewRoster, nowMs: number): Promise<RosterMeta> {
  const attributes: Record<string, NativeAttributeValue> = {
    schema_version: ROSTER_SCHEMA_VERSION,
    roster_id: roster.id,
    kind: roster.kind,
    state: 'open',
    revision: 0,
    created_at: nowMs,
    ...(roster.kind === 'bulk' ? { bulk: roster.bulk } : { live_event: roster.liveEvent }),
  };
  const condition = 'attribute_not_exists(pk)';
  const meta = await updateMeta(table, roster.id, { ...setAttributes(attributes), condition });
  if (!meta) throw new Error(`The roster ${roster.id} does not exist and cannot be created`);
  return meta;
}

export async function readRoster(
  { dynamodb, tableName }: ReadableRosterTable,
  id: string,
): Promise<RosterMeta | undefined> {
  const command = new GetItemCommand({ TableName: tableName, Key: metaKey(id), ConsistentRead: true });
  const { Item } = await dynamodb.send(command);
  return Item && parseMeta(Item);
}

/**
 * Records that all members are written, and how many there are. From then on, the roster can be completed. If requests were sent before,
 * the caller must request a check (`requestCheck`), because the last outcome may already have been counted.
 * @returns the roster as it is now, even if it was already sealed
 * @throws Error if there is no such roster
 */
export async function sealRoster(
  table: RosterTable,
  id: string,
  { revision, rows, liveEvent }: Seal,
): Promise<RosterMeta> {
  const attributes = {
    state: 'sealed',
    revision,
    members: await countMembers(table, id),
    live_event: liveEvent,
    rows: rows?.total,
    invalid_rows: rows?.invalid,
    repeated_rows: rows?.repeated,
  };
  const { update, values } = setAttributes(attributes);
  const condition = 'attribute_exists(pk) AND (#state = :open OR #revision < :revision)';
  const meta = await updateMeta(table, id, { update, condition, values: { ...values, open: 'open' } });
  if (!meta) throw new Error(`There is no roster ${id} to seal`);
  return meta;
}

/** Why a roster is refused: its problems, and for a manifest how many members were requested, and the notice that announced it. */
export type WhyRefused = Partial<Pick<RosterMeta, 'problems' | 'problems_total' | 'members'>> & {
  refused_notice?: Extract<RosterMeta, { kind: 'bulk' }>['refused_notice'];
};

/**
 * Records that an operator has stopped a bulk job, unless nothing of the job is left to stop. Nothing is left if the report of the job is
 * written, or if the job was refused and every row that it had requested has an outcome. The first stop counts.
 * @returns the roster as it is now; undefined if there is none
 */
export async function stopRoster(
  table: ReadableRosterTable,
  id: string,
  nowMs: number,
): Promise<RosterMeta | undefined> {
  const roster = await readRoster(table, id);
  // A condition of DynamoDB cannot add the counters. If the last outcome is counted after this read, the stop has no effect.
  if (roster === undefined || isStopOver(roster)) return roster;
  return updateMeta(table, id, {
    update: 'SET stopped_at = if_not_exists(stopped_at, :now)',
    condition: '#kind = :bulk AND #state IN (:open, :sealed, :refused)',
    values: { now: nowMs, bulk: 'bulk', open: 'open', sealed: 'sealed', refused: 'refused' },
  });
}

/**
 * Reopens a refused bulk job after its manifest was uploaded again. Its expiry time is removed until the job ends again.
 * @param reopening `by`: identifies the notice of the new upload
 * @returns the roster as it is now, even if another worker has reopened it
 */
export function reopenRoster(
  table: RosterTable,
  id: string,
  { by, bulk, nowMs }: { by: string; bulk: Bulk; nowMs: number },
): Promise<RosterMeta | undefined> {
  const attributes = { state: 'open', reopened_at: nowMs, reopened_by: by, bulk };
  const { update, values } = setAttributes(attributes);
  return updateMeta(table, id, {
    update: `${update} REMOVE announced_at, expires_at, problems, problems_total`,
    condition: '#state = :from',
    values: { ...values, from: 'refused' },
  });
}

/**
 * Moves a roster to its next state, unless another worker has moved it or sealed it again. DynamoDB deletes a finished roster after the
 * retention time.
 * @param why the problems of a refused roster
 * @returns the roster as it is now
 */
export function moveRoster(
  table: RosterTable,
  { roster_id: id, state: from, revision }: RosterMeta,
  to: RosterState,
  nowMs: number,
  why: WhyRefused = {},
): Promise<RosterMeta | undefined> {
  const isFinal = to === 'announced' || to === 'refused';
  const final = { announced_at: nowMs, expires_at: expiresAt(nowMs, table) };
  const attributes = { state: to, ...why, ...(isFinal && final) };
  const { update, values } = setAttributes(attributes);
  const condition = '#state = :from AND #revision = :revision';
  return updateMeta(table, id, { update, condition, values: { ...values, from, revision } });
}

/** Writes the meta item if the condition holds. @returns the item afterwards, if there is one */
async function updateMeta(
  { dynamodb, tableName }: ReadableRosterTable,
  id: string,
  update: Omit<ItemUpdate, 'tableName' | 'key'>,
): Promise<RosterMeta | undefined> {
  const { attributes } = await updateItem(dynamodb, { tableName, key: metaKey(id), ...update });
  return attributes && parseMeta(attributes);
}

function metaKey(id: string) {
  return { pk: { S: rosterPk(id) }, sk: { S: META_SK } };
}
