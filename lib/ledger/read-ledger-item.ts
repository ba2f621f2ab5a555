import { type AttributeValue, type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { DamagedItemError, type LedgerItem, parseLedgerItem } from './ledger-item.ts';

/** What the ledger stores for a key. `unknown`: no item. `damaged`: an unreadable item. `expiresAtMs`: when the item expires. */
export type LedgerReading =
  | { kind: 'unknown' }
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
    const item = parseLedgerItem(attributes);
    const expiresAtSeconds = Number(attributes.expires_at?.N);
    return {
      kind: 'known',
      item,
      expiresAtMs: Number.isFinite(expiresAtSeconds) ? expiresAtSeconds * 1000 : undefined,
    };
  } catch (error) {
    if (!(error instanceof DamagedItemError)) throw error;
    return { kind: 'damaged', problem: error.message };
  }
}
