import type { RoomSummary } from '@aws-sdk/client-ivschat';
import { REGIONS, type Region } from '../../lib/contract/regions.ts';
import { readLedgerItem } from '../../lib/ledger/read-ledger-item.ts';
import { CLAIM_TAG, KEY_TAG, STAGE_TAG } from '../../lib/ledger/room-tags.ts';
import { type OwnRoom, toOwnRoom } from '../../lib/sweeping/sweep-room.ts';
import { UserError } from '../user-error.ts';
import { type ExaminedRoom, examineRoom, type RebuildSettings, type Rebuilt } from './examine-room.ts';
import { listNewRooms } from './list-new-rooms.ts';
import { changeReleasesIn } from './release/release-stops.ts';

/**
 * Rooms that were created up to a day before the backup are examined too. The day covers clock errors, and a backup time that was given in
 * a wrong time zone. The backup contains the items of these rooms, because items expire after 30 days or more.
 */
const MARGIN_MS = 24 * 3_600_000;

/**
 * Compares the rooms that this deployment has created since the backup with the restored ledger, and rebuilds the items that the ledger
 * lacks. The command can be repeated at any time, because rebuilt items count as `known`. The functions must be stopped while the command
 * runs, and during the settle time before it. If the command writes, it stops all releases first, and leaves them stopped: a wish to keep a
 * room may have been made after the backup, and greenroom cannot know about such a wish.
 * @throws UserError if releases cannot be stopped, the items change in the meantime, the rooms change too fast, or access to a region is
 *   denied (the other regions are complete then); the SDK's error, `ResourceNotFoundException` if the stage has no ledger
 */
export async function* rebuildLedger(deployment: Rebuilt, settings: RebuildSettings): AsyncGenerator<ExaminedRoom> {
  await requireLedger(deployment, settings.signal);
  if (settings.writes) await stopAllReleases(deployment, settings);
  const denied: Region[] = [];
  for (const region of REGIONS) {
    const rooms = await ownRooms(region, deployment, settings);
    if (rooms === 'denied') denied.push(region);
    else yield* examineRooms(rooms, deployment, settings);
  }
  if (denied.length > 0) throw new UserError(deniedText(denied));
}

/** A stage without a ledger has no rooms. Without this check, a wrong stage or region would look like a complete ledger. */
async function requireLedger({ dynamodb, ledgerTable: tableName }: Rebuilt, signal: AbortSignal): Promise<void> {
  await readLedgerItem({ dynamodb, tableName, signal }, 'no such item');
}

async function stopAllReleases(deployment: Rebuilt, settings: RebuildSettings): Promise<void> {
  const changed = await changeReleasesIn(deployment, REGIONS, 'stop', settings);
  const problems = changed.flatMap((each) => ('problem' in each ? [`${each.region}: ${each.problem}`] : []));
  if (problems.length > 0)
    throw new UserError(`Nothing was rebuilt, because releases could not be stopped: ${problems.join('; ')}`);
}

/** The deployment's rooms that have been created or updated since the backup, the oldest first. */
async function ownRooms(
  region: Region,
  deployment: Rebuilt,
  { backupMs, clock, signal }: RebuildSettings,
): Promise<OwnRoom[] | 'denied'> {
  try {
    const listed = await listNewRooms(deployment.ivsChat(region), backupMs - MARGIN_MS, { clock, signal });
    const rooms = listed.flatMap((each) => toSuspect(each, region, deployment) ?? []);
    return rooms.toSorted((a, b) => (a.createdAtMs ?? 0) - (b.createdAtMs ?? 0));
  } catch (error) {
    if (error instanceof Error && error.name === 'AccessDeniedException') return 'denied';
    throw error;
  }
}

/** A room of this deployment, or one that may belong to it: it has greenroom's tags, but its stage tag was removed. */
function toSuspect(
  room: RoomSummary,
  region: Region,
  { stage, region: deploymentRegion }: Rebuilt,
): OwnRoom | undefined {
  const { arn, tags = {}, createTime } = room;
  const hasLostStage = tags[STAGE_TAG] === undefined && (tags[KEY_TAG] !== undefined || tags[CLAIM_TAG] !== undefined);
  if (arn === undefined || !hasLostStage) return toOwnRoom(room, region, { stage, deploymentRegion });
  return { arn, tags: {}, region, ledgerKey: undefined, createdAtMs: createTime?.getTime() };
}

/** @param rooms sorted by age, the oldest first. If several rooms have the same claim, the item is rebuilt from the oldest one */
async function* examineRooms(
  rooms: readonly OwnRoom[],
  deployment: Rebuilt,
  settings: RebuildSettings,
): AsyncGenerator<ExaminedRoom> {
  const sinceMs = settings.backupMs - MARGIN_MS;
  const claims = new Set<string>();
  for (const room of rooms) {
    const claim = `${room.ledgerKey} ${room.tags[CLAIM_TAG]}`;
    const standing = { isNew: (room.createdAtMs ?? 0) >= sinceMs, isTwin: claims.has(claim) };
    claims.add(claim);
    const examined = await examineRoom(room, standing, deployment, settings);
    if (examined) yield examined;
  }
}

function deniedText(regions: readonly Region[]): string {
  return `The rooms in ${regions.join(', ')} cannot be listed, because access is denied; all other regions are complete. If a policy denies these regions to greenroom's functions, too, they contain no rooms, and nothing is missing. Otherwise, run the command again with the permissions in infrastructure/policies/restorer.json`;
}
