import type { RoomItem } from '../ledger/ledger-item.ts';
import { readLedgerItem } from '../ledger/read-ledger-item.ts';
import {
  finishChange,
  leaveIndexChange,
  markChange,
  pushBackChange,
  releaseDeniedSinceMs,
  releaseDueAtMs,
} from '../ledger/release-changes.ts';
import { openWish, type StoredWish } from '../ledger/wish.ts';
import { PREPARATION_MS } from '../pace/pacer.ts';
import { awaitSlot } from '../pace/release-slots.ts';
import { checkOwner } from './check-owner.ts';
import { deleteRoom } from './delete-room.ts';
import type { DueKey } from './due-index.ts';
import { type Delay, isDenial, lookAgainAtMs } from './look-again.ts';
import { publishNotOurs, publishReleased, releasedEventOf } from './release-events.ts';
import type { ReleaseRun } from './release-run.ts';

/** A room that the due index lists. */
export interface DueRoom {
  item: RoomItem;
  /** The item's place in the due index. */
  lookAtMs: number;
}

/**
 * The result for a key that the due index listed.
 *
 * - `released`: the room is deleted, and the event was published.
 * - `nothing`: there is nothing to do. The index is behind, another worker is releasing the room, or the wish has just changed.
 * - `not-due`: the room must be released later.
 * - `not-ours`: a person has taken over the room by changing its tag. It is not released.
 * - `delayed`: the room must be released, but this was not possible now.
 */
export type ReleaseResult =
  | { kind: 'released' | 'nothing' | 'not-due' | 'not-ours' }
  | { kind: 'delayed'; delay: Delay; overdueMs: number };

// For a minute after the mark, the releasers of overlapping invocations leave the room to the one that wrote the mark. A release takes less
// than a minute.
const RELEASE_TAKES_AT_MOST_MS = 60_000;
// How many slots a release uses before it waits in the index.
const MAX_SLOTS = 3;

/**
 * Releases the room of one key: look, check the owner, take a slot, mark, delete, publish, finish.
 *
 * While releases are switched off, only rooms that were marked before are released: their mark is final, and greenroom has refused all commands
 * that have arrived since.
 *
 * This file shows the steps in order. docs/protocol/release.md gives the reasons for the order. ARNs are never reused, the mark is final,
 * and the event is stored. The order is therefore safe even if two workers release the same room, or a worker is paused between two steps.
 * @throws NoSlotError; TableUnavailableError; the signal's reason; the SDK's error if the item cannot be read or SNS does not accept the event
 */
export async function releaseRoom(key: DueKey, run: ReleaseRun): Promise<ReleaseResult> {
  const room = await findDueRoom(key, run);
  if (room === undefined) return { kind: 'nothing' };
  if (room.item.release_marked_at !== undefined) return markAndDelete(room, undefined, run);
  const wish = openWish(room.item);
  const dueAtMs = wish && releaseDueAtMs(room.item, wish, timesOf(run));
  if (wish === undefined || dueAtMs === undefined) return leaveIndex(room, run, 'nothing');
  if (dueAtMs > run.services.clock.nowMs()) return lookAgain(room, dueAtMs, run);
  if (!run.services.config.releases) return delay(room, 'switched-off', run);
  const owner = await checkOwner(room.item, run);
  if (owner === 'changed') {
    await publishNotOurs(room.item, wish, run);
    return leaveIndex(room, run, 'not-ours');
  }
  return owner === 'ours' || owner === 'gone' ? markAndDelete(room, wish, run) : delay(room, owner, run);
}

/** The room of a key; undefined if there is nothing to do now. */
async function findDueRoom({ id }: DueKey, { services, signal }: ReleaseRun): Promise<DueRoom | undefined> {
  const { clients, clock, config, log } = services;
  const reading = await readLedgerItem({ dynamodb: clients.dynamodb, tableName: config.ledgerTable, signal }, id);
  if (reading.kind === 'damaged') log.error('An item in the due index cannot be read', { ledgerKey: id });
  if (reading.kind !== 'known' || reading.item.decision !== 'room') return undefined;
  const { item } = reading;
  const { release_look_at: lookAtMs } = item;
  return lookAtMs !== undefined && lookAtMs <= clock.nowMs() ? { item, lookAtMs } : undefined;
}

/**
 * Each DeleteRoom call needs its own slot. The worker takes the slot before it writes the mark, so that no release is final while the
 * worker waits.
 */
async function markAndDelete(room: DueRoom, wish: StoredWish | undefined, run: ReleaseRun): Promise<ReleaseResult> {
  const { region } = room.item;
  let marked = wish === undefined ? room : undefined;
  let last: Delay = 'no-time';
  for (let slots = 0; slots < MAX_SLOTS; slots++) {
    const slot = await run.takeSlot({ region, api: 'DeleteRoom', leadMs: PREPARATION_MS });
    marked ??= wish && (await mark(room, wish, run));
    if (marked === undefined) return { kind: 'nothing' };
    if (!(await awaitSlot(slot, { ...run.services, signal: run.signal }))) continue;
    const answer = await deleteRoom(marked.item, slot, run);
    if (answer === 'deleted' || (await isDeletionDeniedBecauseGone(answer, marked, run))) return finish(marked, run);
    last = answer;
    if (answer !== 'throttled' && answer !== 'never-sent') break;
  }
  return delay(marked ?? room, last, run);
}

/**
 * The permission to delete a room depends on its tag. A room that does not exist has no tags, so AWS may answer AccessDenied instead of
 * ResourceNotFound. The permission to read a room has no such condition.
 */
async function isDeletionDeniedBecauseGone(answer: Delay, { item }: DueRoom, run: ReleaseRun): Promise<boolean> {
  return answer === 'denied' && (await checkOwner(item, run)) === 'gone';
}

/** @returns the marked room; undefined if the wish has changed, or another worker has marked the room in the meantime */
async function mark({ item, lookAtMs }: DueRoom, wish: StoredWish, run: ReleaseRun): Promise<DueRoom | undefined> {
  const { services } = run;
  const times = timesOf(run);
  const event = releasedEventOf(item, wish, { nowMs: times.nowMs, stage: services.config.stage });
  const change = markChange(item, wish, { event, lookAtMs: times.nowMs + RELEASE_TAKES_AT_MOST_MS }, times);
  const result = await services.ledger.write(item.id, change);
  if (!result.written || result.item.decision !== 'room') return undefined;
  return { item: result.item, lookAtMs: result.item.release_look_at ?? lookAtMs };
}

/** Rule STAY: the item leaves the due index only after the event was published, so that the next worker publishes it after a crash. */
async function finish({ item }: DueRoom, run: ReleaseRun): Promise<ReleaseResult> {
  await publishReleased(item, run);
  const { clock, config, ledger } = run.services;
  const { keyRetentionSeconds } = config;
  await ledger.write(item.id, finishChange(item.room_arn, { nowMs: clock.nowMs(), keyRetentionSeconds }));
  return { kind: 'released' };
}

/** Postpones the release of a room that cannot be released now. The room's item stays in the index. */
async function delay(room: DueRoom, reason: Delay, run: ReleaseRun): Promise<ReleaseResult> {
  const { clock } = run.services;
  const nowMs = clock.nowMs();
  const overdueMs = Math.max(0, nowMs - (room.item.release_due_at ?? room.item.release_marked_at ?? room.lookAtMs));
  const deniedSinceMs = isDenial(reason) ? (releaseDeniedSinceMs(room.item) ?? nowMs) : undefined;
  await pushBack(room, lookAgainAtMs(reason, { nowMs, deniedSinceMs }), run, deniedSinceMs);
  return { kind: 'delayed', delay: reason, overdueMs };
}

async function lookAgain(room: DueRoom, atMs: number, run: ReleaseRun): Promise<ReleaseResult> {
  await pushBack(room, atMs, run);
  return { kind: 'not-due' };
}

async function pushBack(
  { item, lookAtMs }: DueRoom,
  atMs: number,
  { services }: ReleaseRun,
  deniedSinceMs?: number,
): Promise<void> {
  await services.ledger.write(item.id, pushBackChange(lookAtMs, atMs, deniedSinceMs));
}

async function leaveIndex<Kind extends 'nothing' | 'not-ours'>(
  { item, lookAtMs }: DueRoom,
  { services }: ReleaseRun,
  kind: Kind,
): Promise<{ kind: Kind }> {
  const { clock, config, ledger } = services;
  const { keyRetentionSeconds } = config;
  await ledger.write(item.id, leaveIndexChange(item, lookAtMs, { nowMs: clock.nowMs(), keyRetentionSeconds }));
  return { kind };
}

function timesOf({ services: { clock, config } }: ReleaseRun) {
  return { nowMs: clock.nowMs(), ...config.timing };
}
