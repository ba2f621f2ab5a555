import { type AttributeValue, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, type NativeAttributeValue } from '@aws-sdk/util-dynamodb';
import type { Tables } from '../platform/tables.ts';
import { type LedgerItem, parseLedgerItem } from './ledger-item.ts';

/** What a write changes. Values of `set` may be plain values or, as `{ expression }`, an update expression over `values`. */
export interface Change {
  condition: string;
  set: Record<string, string>;
  remove?: readonly string[];
  values: Record<string, NativeAttributeValue>;
}

/** `item` is what the condition saw: the state after the write, or the one that refused it (absent if there was none). */
export type WriteResult = { written: true; item: LedgerItem } | { written: false; item: LedgerItem | undefined };

/** The ledger table: one item per key, changed only by conditional writes that tell what they saw. */
export interface Ledger {
  /**
   * One conditional UpdateItem on the item of a key.
   * @throws DamagedItemError if the item there can't be read; TableUnavailableError if the table can't be reached.
   */
  write(id: string, change: Change): Promise<WriteResult>;
}

export function createLedger(tables: Tables, tableName: string): Ledger {
  return {
    async write(id, change) {
      const { written, attributes } = await tables.update(updateItem(tableName, id, change));
      return written
        ? { written, item: parseLedgerItem(attributes ?? {}) }
        : { written, item: attributes && parseLedgerItem(attributes) };
    },
  };
}

function updateItem(tableName: string, id: string, change: Change): UpdateItemCommand {
  const assignments = Object.entries(change.set).map(([name, expression]) => `#${name} = ${expression}`);
  const remove = change.remove?.length ? ` REMOVE ${change.remove.map((name) => `#${name}`).join(', ')}` : '';
  const UpdateExpression = `SET ${assignments.join(', ')}${remove}`;
  return new UpdateItemCommand({
    TableName: tableName,
    Key: { id: { S: id } },
    ConditionExpression: change.condition,
    UpdateExpression,
    ExpressionAttributeNames: namesIn(`${UpdateExpression} ${change.condition}`),
    ExpressionAttributeValues: valuesOf(change),
    ReturnValues: 'ALL_NEW',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
}

/** Attribute names are written `#name` in expressions, so that none can clash with DynamoDB's reserved words. */
function namesIn(expression: string): Record<string, string> {
  return Object.fromEntries([...expression.matchAll(/#(\w+)/g)]);
}

function valuesOf(change: Change): Record<string, AttributeValue> {
  return marshall(Object.fromEntries(Object.entries(change.values).map(([name, value]) => [`:${name}`, value])));
}
