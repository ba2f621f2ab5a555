import { REGIONS, type Region } from '../../../lib/contract/regions.ts';
import type { RoomItem } from '../../../lib/ledger/ledger-item.ts';
import { readLedgerItem } from '../../../lib/ledger/read-ledger-item.ts';
import { releaseDeniedSinceMs } from '../../../lib/ledger/release-changes.ts';
import { openWish } from '../../../lib/ledger/wish.ts';
import { type DueKey, listDue } from '../../../lib/releasing/due-index.ts';
import { typed } from '../../typed-command.ts';
import { readReleaseStops } from '../release/release-stops.ts';
import { attempt, callAws } from './call-aws.ts';
import { type ExaminedStage, stackName } from './examined-stage.ts';
import { counted, finding, type Observation } from './finding.ts';

/** A healthy deployment releases a room about a minute after its time. It takes longer only if many rooms are due at once. */
const OVERDUE_MS = 10 * 60_000;
/**
 * If the release of a room is denied, greenroom tries again within an hour. Until then, the index lists the room under the time of the next
 * attempt.
 */
const TRIED_AGAIN_MS = 60 * 60_000;
/**
 * How many of the rooms that the index lists first are read in each region. Their items say since when they have been due, and the index
 * does not.
 */
const MAX_READ = 20;
/** A time after all times of the index, so that the whole index is read. */
const ANY_TIME_MS = Number.MAX_SAFE_INTEGER;

/** Whether rooms whose release was requested are released, and if not, why. */
export async function checkReleases(stage: ExaminedStage): Promise<Observation[]> {
  const { deployment } = stage;
  const switched = await attempt('whether releases are switched on', async () =>
    (await isSwitchedOff(stage)) ? [switchedOff(deployment.stage)] : [],
  );
  const isOff = switched.some(({ kind }) => kind === 'finding');
  const stops = await callAws('dynamodb:GetItem', () => readReleaseStops(deployment));
  const { listed, unread } = await listWaiting(stage);
  const hasWaiting = listed.some(({ keys }) => keys.length > 0);
  const checked = await Promise.all(
    listed.map(({ region, keys }) => {
      const stop = stops.find((each) => each.region === region);
      if (stop?.stoppedSinceMs !== undefined) return [stopped(region, stop.stoppedSinceMs, keys, stage)];
      return isOff ? [] : checkRegion(region, keys, stage);
    }),
  );
  // If no room waits, releases are probably switched off on purpose.
  return [...(isOff && !hasWaiting ? [] : switched), ...unread, ...checked.flat()];
}

/** Whether the deployment releases no rooms, according to the environment of its function. */
async function isSwitchedOff(stage: ExaminedStage): Promise<boolean> {
  const configuration = await stage.functionConfiguration(`${stackName(stage.deployment.stage)}-release-rooms`);
  return configuration?.Environment?.Variables?.GREENROOM_RELEASES === 'false';
}

function switchedOff(stage: string): Observation {
  return finding(
    'releases-switched-off',
    'Releases are switched off (releases=false), but rooms wait for their release: they are not released, and new release times are refused',
    `Deploy with releases=true (docs/deployment.md, Switch releases on). ${typed(`top --stage ${stage}`)} shows how many rooms wait`,
  );
}

interface WaitingRooms {
  region: Region;
  /** The keys that the due index lists first: at most 100 in each of eight shards. */
  keys: DueKey[];
}

/** @returns `unread`: why the due index could not be read. Stops are still found */
async function listWaiting({
  deployment,
}: ExaminedStage): Promise<{ listed: readonly WaitingRooms[]; unread: Observation[] }> {
  const { dynamodb, ledgerTable: tableName } = deployment;
  const { signal } = new AbortController();
  let listed: readonly WaitingRooms[] = REGIONS.map((region) => ({ region, keys: [] }));
  const unread = await attempt('which rooms wait for their release', async () => {
    const list = (region: Region) => listDue({ dynamodb, tableName, signal }, region, ANY_TIME_MS);
    listed = await callAws('dynamodb:Query', () =>
      Promise.all(REGIONS.map(async (region) => ({ region, keys: await list(region) }))),
    );
    return [];
  });
  return { listed, unread };
}

function stopped(
  region: Region,
  sinceMs: number,
  keys: readonly DueKey[],
  { nowMs, deployment }: ExaminedStage,
): Observation {
  const due = keys.filter(({ lookAtMs }) => lookAtMs <= nowMs).length;
  const minutes = Math.max(1, Math.round((nowMs - sinceMs) / 60_000));
  const duration = minutes < 120 ? counted(minutes, 'minute') : counted(Math.floor(minutes / 60), 'hour');
  return finding(
    'releases-stopped',
    `The releases in ${region} have been stopped by an operator for ${duration}, since ${timeText(sinceMs)}${due === 0 ? '' : `; ${counted(due, 'room')}, or more, ${due === 1 ? 'is' : 'are'} due`}`,
    typed(`release --resume ${region} --stage ${deployment.stage}`),
  );
}

async function checkRegion(region: Region, keys: readonly DueKey[], stage: ExaminedStage): Promise<Observation[]> {
  const { nowMs } = stage;
  const soon = keys.filter(({ lookAtMs }) => lookAtMs <= nowMs + TRIED_AGAIN_MS);
  const items = await Promise.all(soon.slice(0, MAX_READ).map(({ id }) => readRoom(id, stage)));
  const overdue = items.filter((item) => item !== undefined && dueAtMs(item) <= nowMs - OVERDUE_MS);
  const denied = overdue.filter((item) => item !== undefined && releaseDeniedSinceMs(item) !== undefined);
  const more = soon.length > MAX_READ ? ', or more,' : '';
  return [
    ...(denied.length === 0 ? [] : [deniedFinding(region, denied.length, more)]),
    ...(denied.length === overdue.length ? [] : [overdueFinding(region, overdue.length - denied.length, more)]),
  ];
}

/** Undefined if the item cannot be read, or if the index is out of date because the room is released or kept. */
async function readRoom(id: string, { deployment }: ExaminedStage): Promise<RoomItem | undefined> {
  const { dynamodb, ledgerTable: tableName } = deployment;
  const signal = new AbortController().signal;
  const reading = await callAws('dynamodb:GetItem', () => readLedgerItem({ dynamodb, tableName, signal }, id));
  if (reading.kind !== 'known' || reading.item.decision !== 'room') return undefined;
  return openWish(reading.item) === undefined ? undefined : reading.item;
}

function dueAtMs({ release_due_at: dueMs = Number.POSITIVE_INFINITY, decided_at: decidedMs }: RoomItem): number {
  return Math.max(dueMs, decidedMs);
}

function deniedFinding(region: Region, count: number, more: string): Observation {
  return finding(
    'releases-denied',
    `${counted(count, 'room')}${more} of ${region} cannot be released: IVS Chat denies DeleteRoom or GetRoom, or answers with a conflict`,
    'Restore the permission of the role ReleaseRoomsRole, or change the policy of the organization (docs/operations.md, ReleaseDeniedAlarm). greenroom tries again within an hour',
  );
}

function overdueFinding(region: Region, count: number, more: string): Observation {
  return finding(
    'releases-overdue',
    `${counted(count, 'room')}${more} of ${region} should have been released more than ten minutes ago`,
    'If thousands of rooms were due at once, wait: 18,000 rooms an hour are released in a region. Otherwise read the log of release-rooms (docs/operations.md, ReleaseOverdueAlarm)',
  );
}

function timeText(ms: number): string {
  return new Date(ms).toISOString();
}
