import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ledgerKey } from '../../lib/contract/keys.ts';
import { readLedgerItem } from '../../lib/ledger/read-ledger-item.ts';

/** What greenroom knows about the room of a key. */
export type RoomOfKey =
  | { kind: 'room'; arn: string; region: string; decidedAtMs: number }
  /** The request has not been answered yet. */
  | { kind: 'pending' }
  /** greenroom could not create the room. */
  | { kind: 'failed' }
  /** The room is deleted, or its deletion is final. */
  | { kind: 'released' }
  /** No request with this key has arrived. */
  | { kind: 'unknown' };

/**
 * Reads the room of a key from the ledger, with one consistent read.
 * @throws the SDK's error if the read fails; Error if the item is unreadable
 */
export async function roomInLedger(
  { dynamodb, ledgerTable }: { dynamodb: DynamoDBClient; ledgerTable: string },
  key: string,
): Promise<RoomOfKey> {
  const reading = await readLedgerItem({ dynamodb, tableName: ledgerTable }, ledgerKey(key));
  if (reading.kind === 'damaged') throw new Error(reading.problem);
  if (reading.kind !== 'known') return { kind: 'unknown' };
  const { item } = reading;
  if (item.decision === undefined) return { kind: 'pending' };
  if (item.decision === 'failed') return { kind: 'failed' };
  if (item.release_marked_at !== undefined) return { kind: 'released' };
  return { kind: 'room', arn: item.room_arn, region: item.region, decidedAtMs: item.decided_at };
}
