import type { LedgerItem } from './ledger-item.ts';
import { CLAIM_TAG, parseClaimTag } from './room-tags.ts';

/** The facts about a room that determine whether it may be deleted. */
export interface TaggedRoom {
  arn: string;
  tags: Record<string, string>;
}

/**
 * Whether greenroom may delete a room (rule TAG). The ledger must know the claim that created the room, and that claim must have a
 * different outcome. A decision is final for its generation, so the verdict cannot become wrong later. greenroom never deletes a room
 * without this check.
 *
 * A room of the current generation is not extra while the item is undecided, because the owner may still adopt it. If there is no item, or
 * its claim id differs, greenroom knows nothing about the room, and does not delete it.
 */
export function isExtraRoom(room: TaggedRoom, item: LedgerItem | undefined): boolean {
  const claim = parseClaimTag(room.tags[CLAIM_TAG]);
  if (item === undefined || claim.claimId !== item.claim_id) return false;
  // Every earlier generation ended in a failure.
  if (claim.generation < item.generation) return true;
  if (claim.generation > item.generation) return false;
  return item.decision === 'failed' || (item.decision === 'room' && item.room_arn !== room.arn);
}
