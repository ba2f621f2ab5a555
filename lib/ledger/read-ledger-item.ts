import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { type LedgerItem, parseLedgerItem } from './ledger-item.ts';

/**
 * Reads one item as it is now: an older state could lack the decision that names a room.
 * @returns undefined if there is none.
 * @throws DamagedItemError if it can't be understood; whatever GetItem fails with.
 */
export async function readLedgerItem(
  { dynamodb, tableName, signal }: { dynamodb: DynamoDBClient; tableName: string; signal: AbortSignal },
  id: string,
): Promise<LedgerItem | undefined> {
  const command = new GetItemCommand({ TableName: tableName, Key: { id: { S: id } }, ConsistentRead: true });
  const { Item } = await dynamodb.send(command, { abortSignal: signal });
  return Item && parseLedgerItem(Item);
}
