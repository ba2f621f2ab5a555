import { ledgerKey } from '../../lib/contract/keys.ts';
import { type LedgerReading, readLedgerItem } from '../../lib/ledger/read-ledger-item.ts';
import type { Deployment } from '../deployment.ts';

/** What the ledger knows about a request. @throws the SDK's error; `ResourceNotFoundException` if the stage is not deployed */
export function readRequestStatus(
  { dynamodb, ledgerTable: tableName }: Deployment,
  idempotencyKey: string,
): Promise<LedgerReading> {
  return readLedgerItem({ dynamodb, tableName }, ledgerKey(idempotencyKey));
}
