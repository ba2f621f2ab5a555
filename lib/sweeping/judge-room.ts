import { isExtraRoom, type TaggedRoom } from '../ledger/is-extra-room.ts';
import type { LedgerItem } from '../ledger/ledger-item.ts';
import { CLAIM_TAG, claimTag } from '../ledger/room-tags.ts';

/**
 * The state of a room according to the ledger.
 *
 * - `owned`: the ledger names the room.
 * - `undecided`: the generation that created the room has no outcome yet, and may still adopt it.
 * - `extra`: the claim that created the room has another outcome. Only such rooms may be deleted.
 * - `unknown`: the ledger has no readable item for the key, or the item has another claim. A person must decide what to do with it.
 */
export type RoomVerdict = 'owned' | 'undecided' | 'extra' | 'unknown';

/** @param item the item of the room's key, from a consistent read; undefined if there is no readable item */
export function judgeRoom(room: TaggedRoom, item: LedgerItem | undefined): RoomVerdict {
  if (item === undefined) return 'unknown';
  // This comes first, because people can change tags, and a published room must not be deleted because of a changed tag.
  if (item.decision === 'room' && item.room_arn === room.arn) return 'owned';
  if (isExtraRoom(room, item)) return 'extra';
  return room.tags[CLAIM_TAG] === claimTag(item) ? 'undecided' : 'unknown';
}
