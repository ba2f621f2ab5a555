import {
  type AttributeValue,
  QueryCommand,
  type QueryCommandInput,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import { ledgerKey } from '../contract/keys.ts';
import type { Waiting } from '../platform/backoff.ts';
import { batchGet } from '../platform/batch-get.ts';
import { MAX_TRANSACTION_ITEMS, transact } from '../platform/transact.ts';
import { expressionValues, setAttributes, transactionUpdate } from '../platform/update-expression.ts';
import {
  MEMBER_PREFIX,
  memberSk,
  parseMember,
  parseRow,
  type RosterMember,
  type RosterRow,
  rosterPk,
  rowSk,
} from './roster-item.ts';
import { expiresAt, type ReadableRosterTable, type RosterTable } from './roster-table.ts';

/** One key of a roster. `region`: the resolved region. `row` and `place`: the number and the place of the first manifest row that requests it. */
export interface NewMember {
  idempotencyKey: string;
  region: string;
  roomName?: string;
  row?: number;
  place?: number;
}

/** The write of one member, as part of a transaction. It can be repeated safely: an existing outcome stays. */
export function memberWrite(table: RosterTable, rosterId: string, member: NewMember, nowMs: number): TransactWriteItem {
  const key = memberItemKey(rosterId, ledgerKey(member.idempotencyKey));
  return {
    Update: transactionUpdate({
      tableName: table.tableName,
      key,
      ...setAttributes(attributesOf(member, nowMs, table)),
    }),
  };
}

/** The write of one member with its outcome. Its condition fails if the member exists. */
export function newMemberWrite(
  table: RosterTable,
  rosterId: string,
  member: NewMember,
  outcome: Pick<RosterMember, 'outcome' | 'reason' | 'error'>,
  nowMs: number,
): TransactWriteItem {
  const key = memberItemKey(rosterId, ledgerKey(member.idempotencyKey));
  const attributes = setAttributes({ ...attributesOf(member, nowMs, table), ...outcome });
  const condition = 'attribute_not_exists(pk)';
  return { Update: transactionUpdate({ tableName: table.tableName, key, ...attributes, condition }) };
}

function attributesOf({ idempotencyKey, region, roomName, row, place }: NewMember, nowMs: number, table: RosterTable) {
  return {
    ledger_key: ledgerKey(idempotencyKey),
    idempotency_key: idempotencyKey,
    region,
    room_name: roomName,
    row,
    place,
    expires_at: expiresAt(nowMs, table),
  };
}

/** The write of a manifest row for which no request is sent, as part of a transaction. It can be repeated safely. */
export function rowWrite(
  table: RosterTable,
  rosterId: string,
  { row, place, repeats, problems, problems_total }: RosterRow,
  nowMs: number,
): TransactWriteItem {
  const { tableName } = table;
  const key = { pk: { S: rosterPk(rosterId) }, sk: { S: rowSk(place) } };
  const attributes = { row, place, repeats, problems, problems_total, expires_at: expiresAt(nowMs, table) };
  return { Update: transactionUpdate({ tableName, key, ...setAttributes(attributes) }) };
}

/**
 * Writes the members of a roster. Call it before their requests are sent. It can be repeated safely.
 * @throws the SDK's error. Some of the members may already be written
 */
export async function writeMembers(
  table: RosterTable,
  rosterId: string,
  members: readonly NewMember[],
  nowMs: number,
  waiting: Waiting,
): Promise<void> {
  const distinct = [...new Map(members.map((member) => [member.idempotencyKey, member])).values()];
  for (let start = 0; start < distinct.length; start += MAX_TRANSACTION_ITEMS) {
    const chunk = distinct.slice(start, start + MAX_TRANSACTION_ITEMS);
    const writes = chunk.map((member) => memberWrite(table, rosterId, member, nowMs));
    await transact(table.dynamodb, writes, waiting);
  }
}

/** How many members have been written. At most this many rooms can have been requested. */
export async function countMembers(table: ReadableRosterTable, rosterId: string): Promise<number> {
  let count = 0;
  for await (const page of queryPages(table, rosterId, { Select: 'COUNT' })) count += page.Count ?? 0;
  return count;
}

/** All members, in an arbitrary order. */
export async function* readMembers(table: ReadableRosterTable, rosterId: string): AsyncGenerator<RosterMember> {
  for await (const { Items = [] } of queryPages(table, rosterId)) for (const item of Items) yield parseMember(item);
}

/** The items of the manifest rows at the positions `from` to `to`, inclusive, in an arbitrary order. */
export async function* readRows(
  table: ReadableRosterTable,
  rosterId: string,
  from: number,
  to: number,
): AsyncGenerator<RosterMember | RosterRow> {
  const pages = queryPages(table, rosterId, {
    KeyConditionExpression: 'pk = :pk',
    FilterExpression: '#place BETWEEN :from AND :to',
    ExpressionAttributeNames: { '#place': 'place' },
    ExpressionAttributeValues: expressionValues({ pk: rosterPk(rosterId), from, to }),
  });
  for await (const { Items = [] } of pages)
    for (const item of Items) yield item.ledger_key ? parseMember(item) : parseRow(item);
}

/** Members by their ledger keys. Members that do not exist are left out. */
export async function membersByKey(
  { dynamodb, tableName }: ReadableRosterTable,
  rosterId: string,
  ledgerKeys: readonly string[],
  waiting: Waiting,
): Promise<RosterMember[]> {
  const keys = ledgerKeys.map((key) => memberItemKey(rosterId, key));
  return (await batchGet(dynamodb, { tableName, keys, ConsistentRead: true }, waiting)).map(parseMember);
}

async function* queryPages(
  { dynamodb, tableName }: ReadableRosterTable,
  rosterId: string,
  query: Partial<QueryCommandInput> = {},
) {
  let next: Record<string, AttributeValue> | undefined;
  do {
    const page = await dynamodb.send(
      new QueryCommand({
        TableName: tableName,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
        ExpressionAttributeValues: expressionValues({ pk: rosterPk(rosterId), prefix: MEMBER_PREFIX }),
        ConsistentRead: true,
        ExclusiveStartKey: next,
        ...query,
      }),
    );
    yield page;
    next = page.LastEvaluatedKey;
  } while (next);
}

function memberItemKey(rosterId: string, key: string) {
  return { pk: { S: rosterPk(rosterId) }, sk: { S: memberSk(key) } };
}
