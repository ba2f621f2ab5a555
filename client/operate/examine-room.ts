import type { Region } from '../../lib/contract/regions.ts';
import { createLedger } from '../../lib/ledger/ledger.ts';
import type { LedgerItem } from '../../lib/ledger/ledger-item.ts';
import { readLedgerItem } from '../../lib/ledger/read-ledger-item.ts';
import {
  type Lag,
  lagBehind,
  type RebuiltLag,
  type RoomAsProof,
  rebuildChange,
} from '../../lib/ledger/rebuild-item.ts';
import type { Clock } from '../../lib/platform/clock.ts';
import { openTables } from '../../lib/platform/tables.ts';
import type { OwnRoom } from '../../lib/sweeping/sweep-room.ts';
import type { Deployment } from '../deployment.ts';
import { UserError } from '../user-error.ts';

/**
 * - `twin`: an older room has the same claim, and the item is rebuilt from the older room.
 * - `damaged`: the item of the room's key cannot be read.
 */
export type Finding = Exclude<Lag, 'expired'> | 'twin' | 'damaged';

export interface ExaminedRoom {
  arn: string;
  region: Region;
  ledgerKey: string | undefined;
  finding: Finding;
}

export interface RebuildSettings {
  /** The time of the backup: the restored table shows the ledger as it was then. */
  backupMs: number;
  /** Whether to write items. If not, rooms are only examined. */
  writes: boolean;
  clock: Clock;
  signal: AbortSignal;
}

export type Rebuilt = Pick<Deployment, 'stage' | 'region' | 'dynamodb' | 'ledgerTable' | 'paceTable' | 'ivsChat'>;

/** `isTwin`: an older room with the same claim was examined before. */
interface Standing {
  isNew: boolean;
  isTwin: boolean;
}

/**
 * Compares one room with the item of its key, and rebuilds the item if it lacks the room.
 * @returns undefined for a room from before the backup whose item has expired
 */
export async function examineRoom(
  room: OwnRoom,
  { isNew, isTwin }: Standing,
  deployment: Rebuilt,
  settings: RebuildSettings,
): Promise<ExaminedRoom | undefined> {
  const { arn, region, ledgerKey, createdAtMs, tags } = room;
  const examined = (finding: Finding): ExaminedRoom => ({ arn, region, ledgerKey, finding });
  if (ledgerKey === undefined || createdAtMs === undefined) return isNew ? examined('untagged') : undefined;
  const { dynamodb, ledgerTable: tableName } = deployment;
  const reading = await readLedgerItem({ dynamodb, tableName, signal: settings.signal }, ledgerKey);
  if (reading.kind === 'damaged') return examined('damaged');
  const item = reading.kind === 'known' ? reading.item : undefined;
  const proof = { arn, region, tags, createdAtMs, isNew };
  const lag = lagBehind(proof, item);
  if (lag === 'expired') return undefined;
  if (lag === 'known' || lag === 'untagged') return examined(lag);
  if (isTwin) return examined('twin');
  if (settings.writes) await rebuild(ledgerKey, { room: proof, item, lag }, deployment, settings);
  return examined(lag);
}

async function rebuild(
  ledgerKey: string,
  { room, item, lag }: { room: RoomAsProof; item: LedgerItem | undefined; lag: RebuiltLag },
  { dynamodb, ledgerTable }: Rebuilt,
  { clock }: RebuildSettings,
): Promise<void> {
  const ledger = createLedger(openTables(dynamodb, clock), ledgerTable);
  const change = rebuildChange(room, item, lag);
  const { item: stored } = await ledger.write(ledgerKey, change);
  // The token shows whether this write succeeded: its condition fails if the SDK repeats a write whose response was lost.
  if (stored?.lease_token !== change.values.token)
    throw new UserError(
      `The item of ${room.arn} changed while it was being rebuilt: stop the functions, then run the command again`,
    );
}
