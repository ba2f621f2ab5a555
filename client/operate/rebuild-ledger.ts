import { REGIONS, type Region } from '../../lib/contract/regions.ts';
import { createLedger } from '../../lib/ledger/ledger.ts';
import type { LedgerItem } from '../../lib/ledger/ledger-item.ts';
import { readLedgerItem } from '../../lib/ledger/read-ledger-item.ts';
import { type Lag, lagBehind, type RoomAsProof, rebuildChange } from '../../lib/ledger/rebuild-item.ts';
import type { Clock } from '../../lib/platform/clock.ts';
import { openTables } from '../../lib/platform/tables.ts';
import { type OwnRoom, toOwnRoom } from '../../lib/sweeping/sweep-room.ts';
import type { Deployment } from '../deployment.ts';
import { UserError } from '../user-error.ts';
import { listNewRooms } from './list-new-rooms.ts';

/**
 * A backup contains the item of every room that is older than it. An hour covers the errors of all clocks. The items of older rooms without
 * an item have expired, and they expire after 30 days at the earliest.
 */
const MARGIN_MS = 3_600_000;

/** `damaged`: the item of the room's key cannot be read. */
export type Finding = Lag | 'damaged';

export interface ExaminedRoom {
  arn: string;
  region: Region;
  ledgerKey: string | undefined;
  finding: Finding;
}

export interface RebuildSettings {
  /** The moment that the restored table shows. */
  backupMs: number;
  /** Whether items are written, or rooms are only examined. */
  writes: boolean;
  clock: Clock;
  signal: AbortSignal;
}

type Rebuilt = Pick<Deployment, 'stage' | 'region' | 'dynamodb' | 'ledgerTable' | 'ivsChat'>;

/**
 * Compares the rooms that this deployment has created since the backup with the restored ledger, and rebuilds the items that it lacks. It may
 * run again at any time: what is rebuilt is `known` then. No function may use the ledger meanwhile, and for the settle time before.
 * @throws UserError if the items change meanwhile, or the rooms change too fast; the SDK's error. Then the ledger is not complete
 */
export async function* rebuildLedger(deployment: Rebuilt, settings: RebuildSettings): AsyncGenerator<ExaminedRoom> {
  const { backupMs, clock, signal } = settings;
  const deployed = { stage: deployment.stage, deploymentRegion: deployment.region };
  const sinceMs = backupMs - MARGIN_MS;
  for (const region of REGIONS) {
    const listed = await listNewRooms(deployment.ivsChat(region), sinceMs, { clock, signal });
    for (const room of listed.flatMap((each) => toOwnRoom(each, region, deployed) ?? []))
      if ((room.createdAtMs ?? 0) >= sinceMs) yield await examine(room, deployment, settings);
  }
}

async function examine(room: OwnRoom, deployment: Rebuilt, settings: RebuildSettings): Promise<ExaminedRoom> {
  const { arn, region, ledgerKey, createdAtMs, tags } = room;
  const examined = (finding: Finding): ExaminedRoom => ({ arn, region, ledgerKey, finding });
  if (ledgerKey === undefined || createdAtMs === undefined) return examined('untagged');
  const { dynamodb, ledgerTable: tableName } = deployment;
  const reading = await readLedgerItem({ dynamodb, tableName, signal: settings.signal }, ledgerKey);
  if (reading.kind === 'damaged') return examined('damaged');
  const item = reading.kind === 'known' ? reading.item : undefined;
  const proof = { arn, region, tags, createdAtMs };
  const lag = lagBehind(proof, item);
  if (settings.writes && lag !== 'known' && lag !== 'untagged')
    await rebuild(ledgerKey, { room: proof, item, lag }, deployment, settings);
  return examined(lag);
}

async function rebuild(
  ledgerKey: string,
  { room, item, lag }: { room: RoomAsProof; item: LedgerItem | undefined; lag: Exclude<Lag, 'known' | 'untagged'> },
  { dynamodb, ledgerTable }: Rebuilt,
  { clock }: RebuildSettings,
): Promise<void> {
  const ledger = createLedger(openTables(dynamodb, clock), ledgerTable);
  const { written } = await ledger.write(ledgerKey, rebuildChange(room, item, lag));
  if (!written)
    throw new UserError(
      `The item of ${room.arn} changes while it is rebuilt: stop the functions before you start again`,
    );
}
