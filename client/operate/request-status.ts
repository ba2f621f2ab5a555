import { type AttributeValue, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { ledgerKey } from '../../lib/contract/keys.ts';
import { DamagedItemError, type LedgerItem, parseLedgerItem } from '../../lib/ledger/ledger-item.ts';
import type { Deployment } from '../deployment.ts';

/** What the ledger knows of a key. */
export type RequestStatus =
  | { kind: 'unknown' }
  | { kind: 'known'; item: LedgerItem; rememberedUntilMs: number | undefined }
  | { kind: 'damaged'; problem: string };

/** @throws what DynamoDB fails with; `ResourceNotFoundException` if the stage is not deployed */
export async function readRequestStatus(
  { dynamodb, ledgerTable }: Deployment,
  idempotencyKey: string,
): Promise<RequestStatus> {
  const command = new GetItemCommand({
    TableName: ledgerTable,
    Key: { id: { S: ledgerKey(idempotencyKey) } },
    ConsistentRead: true,
  });
  const { Item } = await dynamodb.send(command);
  return Item === undefined ? { kind: 'unknown' } : statusOf(Item);
}

function statusOf(attributes: Record<string, AttributeValue>): RequestStatus {
  try {
    const item = parseLedgerItem(attributes);
    const expiresAtSeconds = Number(attributes.expires_at?.N);
    return {
      kind: 'known',
      item,
      rememberedUntilMs: Number.isFinite(expiresAtSeconds) ? expiresAtSeconds * 1000 : undefined,
    };
  } catch (error) {
    if (!(error instanceof DamagedItemError)) throw error;
    return { kind: 'damaged', problem: error.message };
  }
}
