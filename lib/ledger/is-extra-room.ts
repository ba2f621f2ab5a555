import type { LedgerItem } from './ledger-item.ts';
import { CLAIM_TAG } from './room-tags.ts';

/** The facts about a room that decide whether it may be deleted. */
export interface TaggedRoom {
  arn: string;
  tags: Record<string, string>;
}

/**
 * The only predicate by which greenroom deletes a room (rule TAG): the ledger knows the claim that created the room, and that claim has
 * another outcome. A decision is final for its generation, so the verdict stays true.
 *
 * While the item is undecided, the owner may still adopt the room. If there is no item, or its claim id differs, nothing is known about the
 * room, and it is not deleted.
 */
export function isExtraRoom(room: TaggedRoom, item: LedgerItem | undefined): boolean {
  const claim = parseClaimTag(room.tags[CLAIM_TAG]);
  if (item === undefined || claim.claimId !== item.claim_id) return false;
  // Every earlier generation ended in a failure.
  if (claim.generation < item.generation) return true;
  if (claim.generation > item.generation) return false;
  return item.decision === 'failed' || (item.decision === 'room' && item.room_arn !== room.arn);
}

/** The claim id is undefined if greenroom did not write the tag. */
function parseClaimTag(tag: string | undefined): { claimId: string | undefined; generation: number } {
  const [, claimId, generation] = tag?.match(/^(.+)\.(\d+)$/) ?? [];
  return { claimId, generation: Number(generation) };
}
