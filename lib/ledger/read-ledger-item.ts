import { type AttributeValue, type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { DamagedItemError, isClaimed, type LedgerItem, parseStoredItem, type WishOnlyItem } from './ledger-item.ts';

/**
 * The result of reading a key's item from the ledger. `unknown`: no item. `wish-only`: a wish, but no request. `damaged`: an unreadable
 * item. `expiresAtMs`: when the item expires.
 */
export type LedgerReading =
  | { kind: 'unknown' }
  | { kind: 'wish-only'; item: WishOnlyItem; expiresAtMs: number | undefined }
  | { kind: 'known'; item: LedgerItem; expiresAtMs: number | undefined }
  | { kind: 'damaged'; problem: string };

/**
 * Reads the item of a ledger key with a consistent read, because a stale item could lack the decision that names its room.
 * @throws the SDK's error if GetItem fails; `ResourceNotFoundException` if the table does not exist
 */
export async function readLedgerItem(
  { dynamodb, tableName, signal }: { dynamodb: DynamoDBClient; tableName: string; signal?: AbortSignal },
  id: string,
): Promise<LedgerReading> {
  const command = new GetItemCommand({ TableName: tableName, Key: { id: { S: id } }, ConsistentRead: true });
  const { Item } = await dynamodb.send(command, signal && { abortSignal: signal });
  return Item === undefined ? { kind: 'unknown' } : toReading(Item);
}

function toReading(attributes: Record<string, AttributeValue>): LedgerReading {
  try {
    const item = parseStoredItem(attributes);
    const expiresAtSeconds = Number(attributes.expires_at?.N);
    const expiresAtMs = Number.isFinite(expiresAtSeconds) ? expiresAtSeconds * 1000 : undefined;
    return isClaimed(item) ? { kind: 'known', item, expiresAtMs } : { kind: 'wish-only', item, expiresAtMs };
  } catch (error) {
    if (!(error instanceof DamagedItemError)) throw error;
    return { kind: 'damaged', problem: error.message };
  }
}
