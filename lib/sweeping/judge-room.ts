import { isExtraRoom, type TaggedRoom } from '../ledger/is-extra-room.ts';
import type { LedgerItem } from '../ledger/ledger-item.ts';
import { CLAIM_TAG, claimTag } from '../ledger/room-tags.ts';

/**
 * What the ledger says of a room.
 *
 * - `owned`: it names the room.
 * - `undecided`: the generation that made the room has no outcome yet, and may still adopt it.
 * - `extra`: it has decided for another outcome; the only rooms that may be deleted.
 * - `unknown`: it has no item for the key, or one that knows nothing of this claim. For a person to judge.
 */
export type RoomVerdict = 'owned' | 'undecided' | 'extra' | 'unknown';

/** @param item of the room's key, from a consistent read; undefined if there is none that can be read */
export function judgeRoom(room: TaggedRoom, item: LedgerItem | undefined): RoomVerdict {
  if (item === undefined) return 'unknown';
  // First, because people can change tags, and a room that was published is not to be deleted for that.
  if (item.decision === 'room' && item.room_arn === room.arn) return 'owned';
  if (isExtraRoom(room, item)) return 'extra';
  return room.tags[CLAIM_TAG] === claimTag(item) ? 'undecided' : 'unknown';
}
