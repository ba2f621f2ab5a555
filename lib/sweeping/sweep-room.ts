import { DeleteRoomCommand, type RoomSummary } from '@aws-sdk/client-ivschat';
import type { Region } from '../contract/regions.ts';
import type { TaggedRoom } from '../ledger/is-extra-room.ts';
import type { LedgerItem } from '../ledger/ledger-item.ts';
import { type LedgerReading, readLedgerItem } from '../ledger/read-ledger-item.ts';
import { type DeployedStage, isOwnStage, KEY_TAG, STAGE_TAG } from '../ledger/room-tags.ts';
import { judgeRoom, type RoomVerdict } from './judge-room.ts';
import type { AwaitCall } from './sweep-pace.ts';
import type { SweepServices } from './sweep-services.ts';

/** One run of the sweeper. */
export interface Sweep {
  services: SweepServices;
  awaitCall: AwaitCall;
  signal: AbortSignal;
}

/** A room with the tags of this deployment. */
export interface OwnRoom extends TaggedRoom {
  region: Region;
  /** The tag `greenroom:key`. Undefined if the tag was removed or its value no longer has the form of a ledger key. */
  ledgerKey: string | undefined;
  createdAtMs: number | undefined;
}

/** `gone`: the room was already deleted, and the list was outdated. `failed`: the next run tries again. */
export type Deletion = 'deleted' | 'gone' | 'tooYoung' | 'failed';

/** A listed room of this deployment; undefined if it does not have the deployment's tag. */
export function toOwnRoom(
  { arn, tags, createTime }: RoomSummary,
  region: Region,
  deployed: DeployedStage,
): OwnRoom | undefined {
  if (arn === undefined || tags === undefined || !isOwnStage(tags[STAGE_TAG], deployed)) return undefined;
  const [ledgerKey] = tags[KEY_TAG]?.match(/^[0-9a-f]{64}$/) ?? [];
  return { arn, tags, region, ledgerKey, createdAtMs: createTime?.getTime() };
}

/** Whether the room is older than the safe age. By then the attempt that created it has settled. */
export function isOfSafeAge({ createdAtMs }: Pick<OwnRoom, 'createdAtMs'>, nowMs: number, safeAgeMs: number): boolean {
  return createdAtMs !== undefined && nowMs - createdAtMs > safeAgeMs;
}

/**
 * Compares one room with the ledger, and logs it unless it is owned or undecided.
 * @throws the SDK's error if GetItem fails.
 */
export async function inspectRoom(room: OwnRoom, sweep: Sweep): Promise<RoomVerdict> {
  const { clock, config, log } = sweep.services;
  const reading = await readItemOf(room, sweep);
  const item = reading.kind === 'known' ? reading.item : undefined;
  const nowMs = clock.nowMs();
  const verdict = judgeRoom(room, item, { nowMs, safeAgeMs: config.sweep.safeAgeMs });
  const { arn, region, ledgerKey, createdAtMs } = room;
  const ageSeconds = createdAtMs === undefined ? undefined : Math.round((nowMs - createdAtMs) / 1000);
  const damage = reading.kind === 'damaged' ? reading.problem : undefined;
  const line = { arn, region, verdict, ageSeconds, ledgerKey, damage };
  if (verdict === 'unknown') log.info('Found a room that the ledger does not know', line);
  if (verdict === 'extra') log.warn('Found an extra room', line);
  if (verdict === 'overdue') log.warn('Found a room whose release is overdue', { ...line, ...releaseTexts(item) });
  if (verdict === 'survivor') log.warn('Found a room that was released', { ...line, ...releaseTexts(item) });
  return verdict;
}

/** The times of a release, as people read them. */
function releaseTexts(item: LedgerItem | undefined): Record<string, string> {
  if (item?.decision !== 'room') return {};
  const { release_due_at: dueAt, release_marked_at: markedAt, released_at: releasedAt } = item;
  const times = Object.entries({ dueAt, markedAt, releasedAt });
  return Object.fromEntries(times.flatMap(([name, ms]) => (ms === undefined ? [] : [[name, isoTime(ms)]])));
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

/**
 * Deletes a room that was judged to be extra, if it is old enough. The verdict `extra` never changes.
 * @throws NoCallError if there is no time for the call.
 */
export async function deleteExtraRoom(room: OwnRoom, { services, awaitCall, signal }: Sweep): Promise<Deletion> {
  const { arn, region, ledgerKey } = room;
  const { clients, clock, config, log } = services;
  if (!isOfSafeAge(room, clock.nowMs(), config.sweep.safeAgeMs)) return 'tooYoung';
  await awaitCall({ region, api: 'DeleteRoom' });
  try {
    await clients.ivsChat(region).send(new DeleteRoomCommand({ identifier: arn }), { abortSignal: signal });
    log.info('Deleted an extra room', { arn, region, ledgerKey });
    return 'deleted';
  } catch (error) {
    const name = error instanceof Error ? error.name : 'unknown';
    if (name === 'ResourceNotFoundException') {
      log.info('An extra room was already deleted', { arn, region, ledgerKey });
      return 'gone';
    }
    log.warn('Could not delete an extra room; the next sweep tries again', {
      arn,
      region,
      ledgerKey,
      error: name,
    });
    return 'failed';
  }
}

async function readItemOf({ ledgerKey }: OwnRoom, { services, signal }: Sweep): Promise<LedgerReading> {
  if (ledgerKey === undefined) return { kind: 'unknown' };
  const { clients, config } = services;
  return readLedgerItem({ dynamodb: clients.dynamodb, tableName: config.ledgerTable, signal }, ledgerKey);
}
