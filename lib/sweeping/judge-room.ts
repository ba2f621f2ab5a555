import { isExtraRoom, type TaggedRoom } from '../ledger/is-extra-room.ts';
import type { LedgerItem, RoomItem } from '../ledger/ledger-item.ts';
import { CLAIM_TAG, claimTag } from '../ledger/room-tags.ts';
import { openWish } from '../ledger/wish.ts';

/**
 * The state of a room according to the ledger.
 *
 * - `owned`: the ledger names the room.
 * - `overdue`: the ledger names the room, and it should have been released more than an hour ago.
 * - `survivor`: the room was announced as released, but is still listed.
 * - `undecided`: the generation that created the room has no outcome yet, and may still adopt it.
 * - `extra`: the claim that created the room has a different outcome. Only such rooms may be deleted.
 * - `unknown`: the ledger has no readable item for the key, or the item has a different claim. A person must decide what to do with the
 *   room.
 */
export type RoomVerdict = 'owned' | 'overdue' | 'survivor' | 'undecided' | 'extra' | 'unknown';

const OVERDUE_AFTER_MS = 60 * 60_000;

/**
 * @param item the item of the room's key, from a consistent read; undefined if there is no readable item
 * @param times.safeAgeMs how long after its release a room may still be listed
 */
export function judgeRoom(
  room: TaggedRoom,
  item: LedgerItem | undefined,
  times: { nowMs: number; safeAgeMs: number },
): RoomVerdict {
  if (item === undefined) return 'unknown';
  // This comes first, because people can change tags, and a published room must not be deleted because of a changed tag.
  if (item.decision === 'room' && item.room_arn === room.arn) return judgeOwned(room, item, times);
  if (isExtraRoom(room, item)) return 'extra';
  return room.tags[CLAIM_TAG] === claimTag(item) ? 'undecided' : 'unknown';
}

/**
 * Only the releaser deletes rooms that the ledger names. The sweep finds them without the due index, so it can report those that the
 * releaser has missed.
 */
function judgeOwned(
  room: TaggedRoom,
  item: RoomItem,
  { nowMs, safeAgeMs }: { nowMs: number; safeAgeMs: number },
): 'owned' | 'overdue' | 'survivor' {
  if (item.released_at !== undefined) return nowMs - item.released_at > safeAgeMs ? 'survivor' : 'owned';
  const dueSinceMs = item.release_marked_at ?? dueAtMs(room, item);
  return nowMs - dueSinceMs > OVERDUE_AFTER_MS ? 'overdue' : 'owned';
}

/** @returns infinity if the room is kept, or if its tag was changed, so that it is not released */
function dueAtMs(room: TaggedRoom, item: RoomItem): number {
  const wish = room.tags[CLAIM_TAG] === claimTag(item) ? openWish(item) : undefined;
  return wish === undefined ? Number.POSITIVE_INFINITY : Math.max(wish.dueAtMs, item.decided_at);
}
