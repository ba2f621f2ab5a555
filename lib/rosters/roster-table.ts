import {
  type AttributeValue,
  BatchGetItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  type QueryCommandInput,
  type TransactWriteItem,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { NativeAttributeValue } from '@aws-sdk/util-dynamodb';
import type * as z from 'zod';
import { ledgerKey } from '../contract/keys.ts';
import type { bulkSchema, liveEventSchema } from '../contract/roster-event.ts';
import { conditionalUpdate } from '../platform/tables.ts';
import {
  MEMBER_PREFIX,
  META_SK,
  memberSk,
  parseMember,
  parseMeta,
  parseRow,
  ROSTER_SCHEMA_VERSION,
  type RosterMember,
  type RosterMeta,
  type RosterRow,
  type RosterState,
  rosterPk,
  rowSk,
} from './roster-item.ts';
import { placeholders, setting, type UpdateParts } from './setting.ts';
import { MAX_TRANSACTION_ITEMS, transact, type Waiting } from './transact.ts';

/** What DynamoDB reads in one BatchGetItem. */
const MAX_BATCH_GET = 100;

type Bulk = z.infer<typeof bulkSchema>;
type LiveEvent = z.infer<typeof liveEventSchema>;

export type NewRoster = { id: string } & ({ kind: 'bulk'; bulk: Bulk } | { kind: 'live-event'; liveEvent: LiveEvent });

/** One key of a roster. `region`: the resolved one. `row` and `place`: of the first row of the manifest that asks for it. */
export interface NewMember {
  idempotencyKey: string;
  region: string;
  roomName?: string;
  row?: number;
  place?: number;
}

/** What is known only when all members are there. A higher `revision` seals a roster again that was sealed before. */
export interface Seal {
  revision: number;
  rows?: { total: number; invalid: number; repeated: number };
  liveEvent?: LiveEvent;
}

export interface RosterTableSettings {
  dynamodb: DynamoDBClient;
  tableName: string;
  /** How long a roster is kept after its completion, and its members after they were written; 30 days at least. */
  retentionSeconds: number;
}

export type RosterTable = ReturnType<typeof createRosterTable>;

/**
 * Bulk jobs and live events: one `meta` item each with the counters, and one item per member. What a roster's requests become
 * is counted by `countOutcomes`; everything else that changes a roster is here.
 */
export function createRosterTable({ dynamodb, tableName, retentionSeconds }: RosterTableSettings) {
  const expiresAt = (nowMs: number) => Math.ceil(nowMs / 1000) + retentionSeconds;
  const metaKey = (id: string) => ({ pk: { S: rosterPk(id) }, sk: { S: META_SK } });

  /** Writes the meta item if the condition holds. @returns what is there afterwards, if anything */
  async function updateMeta(id: string, parts: UpdateParts, condition: string) {
    const command = new UpdateItemCommand({
      TableName: tableName,
      Key: metaKey(id),
      ConditionExpression: condition,
      ...parts,
      ReturnValues: 'ALL_NEW',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    const { written, attributes } = await conditionalUpdate(dynamodb, command);
    return { written, meta: attributes && parseMeta(attributes) };
  }

  async function* queryPages(id: string, query: Partial<QueryCommandInput>) {
    let next: Record<string, AttributeValue> | undefined;
    do {
      const page = await dynamodb.send(
        new QueryCommand({
          TableName: tableName,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
          ExpressionAttributeValues: placeholders({ pk: rosterPk(id), prefix: MEMBER_PREFIX }),
          ConsistentRead: true,
          ExclusiveStartKey: next,
          ...query,
        }),
      );
      yield page;
      next = page.LastEvaluatedKey;
    } while (next);
  }

  async function countMembers(id: string): Promise<number> {
    let count = 0;
    for await (const page of queryPages(id, { Select: 'COUNT' })) count += page.Count ?? 0;
    return count;
  }

  return {
    /** Begins a roster, `open` and without members. @returns the roster that there is, which may have been begun before */
    async create(roster: NewRoster, nowMs: number): Promise<RosterMeta> {
      const attributes: Record<string, NativeAttributeValue> = {
        schema_version: ROSTER_SCHEMA_VERSION,
        roster_id: roster.id,
        kind: roster.kind,
        state: 'open',
        revision: 0,
        created_at: nowMs,
        ...(roster.kind === 'bulk' ? { bulk: roster.bulk } : { live_event: roster.liveEvent }),
      };
      const { meta } = await updateMeta(roster.id, setting(attributes), 'attribute_not_exists(pk)');
      if (!meta) throw new Error(`The roster ${roster.id} is neither there nor can it be made`);
      return meta;
    },

    async read(id: string): Promise<RosterMeta | undefined> {
      const command = new GetItemCommand({ TableName: tableName, Key: metaKey(id), ConsistentRead: true });
      const { Item } = await dynamodb.send(command);
      return Item && parseMeta(Item);
    },

    /** The write of one member. Repeated, it changes nothing: an outcome that is there stays. */
    memberWrite(id: string, member: NewMember, nowMs: number): TransactWriteItem {
      const key = ledgerKey(member.idempotencyKey);
      const attributes = {
        ledger_key: key,
        idempotency_key: member.idempotencyKey,
        region: member.region,
        room_name: member.roomName,
        row: member.row,
        place: member.place,
        expires_at: expiresAt(nowMs),
      };
      const Key = { pk: { S: rosterPk(id) }, sk: { S: memberSk(key) } };
      return { Update: { TableName: tableName, Key, ...setting(attributes) } };
    },

    /**
     * Writes members, before their requests are sent. Again is harmless. @throws what DynamoDB fails with; some may be written
     */
    async writeMembers(id: string, members: readonly NewMember[], nowMs: number, waiting: Waiting): Promise<void> {
      const distinct = [...new Map(members.map((member) => [member.idempotencyKey, member])).values()];
      for (let start = 0; start < distinct.length; start += MAX_TRANSACTION_ITEMS) {
        const chunk = distinct.slice(start, start + MAX_TRANSACTION_ITEMS);
        await transact(
          dynamodb,
          chunk.map((member) => this.memberWrite(id, member, nowMs)),
          waiting,
        );
      }
    },

    /**
     * States that all members are there; they are counted for it. From now on the roster can complete: whoever seals it has
     * RosterQueue told (`requestCheck`), because the last outcome may have been counted before.
     * @returns the roster as it is now, also if it was sealed already
     * @throws Error if there is no such roster
     */
    async seal(id: string, { revision, rows, liveEvent }: Seal): Promise<RosterMeta> {
      const attributes = {
        state: 'sealed',
        revision,
        members: await countMembers(id),
        live_event: liveEvent,
        rows: rows?.total,
        invalid_rows: rows?.invalid,
        repeated_rows: rows?.repeated,
      };
      const parts = setting(attributes, { values: { open: 'open' } });
      const condition = 'attribute_exists(pk) AND (#state = :open OR #revision < :revision)';
      const { meta } = await updateMeta(id, parts, condition);
      if (!meta) throw new Error(`There is no roster ${id} to be sealed`);
      return meta;
    },

    /** Moves a roster on, unless somebody else did so or it was sealed anew. A finished one is deleted after the retention time. */
    async move(
      { roster_id: id, state: from, revision }: RosterMeta,
      to: RosterState,
      nowMs: number,
      why: Pick<RosterMeta, 'problems' | 'problems_total'> = {},
    ): Promise<RosterMeta | undefined> {
      const isFinal = to === 'announced' || to === 'refused';
      const attributes = { state: to, ...why, ...(isFinal && { announced_at: nowMs, expires_at: expiresAt(nowMs) }) };
      const parts = setting(attributes, { names: ['revision'], values: { from, revision } });
      const { meta } = await updateMeta(id, parts, '#state = :from AND #revision = :revision');
      return meta;
    },

    /** The write of a row that is no member of its own. Repeated, it changes nothing. */
    rowWrite(
      id: string,
      { row, place, repeats, problems, problems_total }: RosterRow,
      nowMs: number,
    ): TransactWriteItem {
      const Key = { pk: { S: rosterPk(id) }, sk: { S: rowSk(place) } };
      const attributes = { row, place, repeats, problems, problems_total, expires_at: expiresAt(nowMs) };
      return { Update: { TableName: tableName, Key, ...setting(attributes) } };
    },

    /** What there is for the rows of a manifest from one place to another, both included, in no order. */
    async *rows(id: string, from: number, to: number): AsyncGenerator<RosterMember | RosterRow> {
      const pages = queryPages(id, {
        KeyConditionExpression: 'pk = :pk',
        FilterExpression: '#place BETWEEN :from AND :to',
        ExpressionAttributeNames: { '#place': 'place' },
        ExpressionAttributeValues: placeholders({ pk: rosterPk(id), from, to }),
      });
      for await (const { Items = [] } of pages)
        for (const item of Items) yield item.ledger_key ? parseMember(item) : parseRow(item);
    },

    /** Members by their ledger keys; those that are not there are left out. */
    async membersOf(id: string, ledgerKeys: readonly string[]): Promise<RosterMember[]> {
      const found: RosterMember[] = [];
      let Keys = ledgerKeys.map((key) => ({ pk: { S: rosterPk(id) }, sk: { S: memberSk(key) } }));
      while (Keys.length > 0) {
        const command = new BatchGetItemCommand({
          RequestItems: { [tableName]: { Keys: Keys.slice(0, MAX_BATCH_GET), ConsistentRead: true } },
        });
        const { Responses, UnprocessedKeys } = await dynamodb.send(command);
        found.push(...(Responses?.[tableName] ?? []).map(parseMember));
        const unprocessed = (UnprocessedKeys?.[tableName]?.Keys ?? []).map(({ pk, sk }) => ({
          pk: { S: pk?.S ?? '' },
          sk: { S: sk?.S ?? '' },
        }));
        Keys = [...unprocessed, ...Keys.slice(MAX_BATCH_GET)];
      }
      return found;
    },

    /** All members, in no order that means anything. */
    async *members(id: string): AsyncGenerator<RosterMember> {
      for await (const { Items = [] } of queryPages(id, {})) for (const item of Items) yield parseMember(item);
    },
  };
}
