import type { LedgerItem } from './ledger-item.ts';
import { CLAIM_TAG } from './room-tags.ts';

/** A room as far as the question goes whether it may be deleted. */
export interface TaggedRoom {
  arn: string;
  tags: Record<string, string>;
}

/**
 * The one predicate by which greenroom deletes a room (rule TAG): the ledger knows the claim that made it, and has decided
 * for another outcome. A decision never changes, so the verdict can't go stale.
 *
 * Undecided: the owner may still adopt the room. Another claim id, or no item: unknown, and not ours to judge.
 */
export function isExtraRoom(room: TaggedRoom, item: LedgerItem | undefined): boolean {
  const claim = parseClaimTag(room.tags[CLAIM_TAG]);
  if (item === undefined || claim.claimId !== item.claim_id) return false;
  // Every earlier generation ended in a failure.
  if (claim.generation < item.generation) return true;
  if (claim.generation > item.generation) return false;
  return item.decision === 'failed' || (item.decision === 'room' && item.room_arn !== room.arn);
}

/** Without a claim id if the tag is none of ours. */
function parseClaimTag(tag: string | undefined): { claimId: string | undefined; generation: number } {
  const [, claimId, generation] = tag?.match(/^(.+)\.(\d+)$/) ?? [];
  return { claimId, generation: Number(generation) };
}
