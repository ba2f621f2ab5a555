import { type LedgerReading, readLedgerItem } from '../../lib/ledger/read-ledger-item.ts';
import { readPace } from '../../lib/pace/pace-table.ts';
import type { Deployment } from '../deployment.ts';
import { type RequestWait, waitOf } from './request-wait.ts';

/** What the ledger knows about a request, and what the request waits for. */
export type RequestStatus = LedgerReading & { wait?: RequestWait | undefined };

/** @param ledgerKey the key's hash @throws the SDK's error; `ResourceNotFoundException` if the stage is not deployed */
export async function readRequestStatus(
  { dynamodb, ledgerTable, paceTable }: Deployment,
  ledgerKey: string,
): Promise<RequestStatus> {
  const reading = await readLedgerItem({ dynamodb, tableName: ledgerTable }, ledgerKey);
  if (reading.kind !== 'known' || reading.item.status === 'COMPLETED') return reading;
  const pace = await readPace({ dynamodb, tableName: paceTable }, reading.item.region, 'CreateRoom');
  return { ...reading, wait: waitOf(reading.item, pace) };
}
