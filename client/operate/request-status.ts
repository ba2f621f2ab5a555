import { type LedgerReading, readLedgerItem } from '../../lib/ledger/read-ledger-item.ts';
import { readPace } from '../../lib/pace/pace-table.ts';
import type { Deployment } from '../deployment.ts';
import { roomExists } from './find-rooms.ts';
import { type RequestWait, waitOf } from './request-wait.ts';

/** Whether IVS Chat had the room of a key at a given time. */
export interface RoomCheck {
  exists: boolean;
  atMs: number;
}

/** The status of a request: its ledger item, the reason why it waits, and whether its room still exists. */
export type RequestStatus = LedgerReading & {
  wait?: RequestWait | undefined;
  /** Undefined if this was not checked, or if the key has no room. */
  roomCheck?: RoomCheck | undefined;
};

/** @param ledgerKey the key's hash @throws the SDK's error; `ResourceNotFoundException` if the stage is not deployed */
export async function readRequestStatus(
  { dynamodb, ledgerTable, paceTable }: Pick<Deployment, 'dynamodb' | 'ledgerTable' | 'paceTable'>,
  ledgerKey: string,
): Promise<RequestStatus> {
  const reading = await readLedgerItem({ dynamodb, tableName: ledgerTable }, ledgerKey);
  if (reading.kind !== 'known' || reading.item.status === 'COMPLETED') return reading;
  const pace = await readPace({ dynamodb, tableName: paceTable }, reading.item.region, 'CreateRoom');
  return { ...reading, wait: waitOf(reading.item, pace) };
}

/** Asks IVS Chat for the room of a key, because another program or a person may have deleted it. @throws IVS Chat's error */
export async function checkRoom(
  status: RequestStatus,
  { ivsChat }: Pick<Deployment, 'ivsChat'>,
  nowMs: number,
): Promise<RequestStatus> {
  if (status.kind !== 'known' || status.item.decision !== 'room') return status;
  return { ...status, roomCheck: { exists: await roomExists(status.item.room_arn, ivsChat), atMs: nowMs } };
}

/** Whether the key has a room that, as far as is known, still exists. */
export function hasRoom(status: RequestStatus): boolean {
  if (status.kind !== 'known' || status.item.decision !== 'room') return false;
  return status.item.released_at === undefined && status.roomCheck?.exists !== false;
}
