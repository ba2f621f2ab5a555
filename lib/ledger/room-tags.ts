/** The tags of every room that greenroom creates. They are three of the 50 tags that a room may have, so 47 are left for requesters. */
export const KEY_TAG = 'greenroom:key';
export const CLAIM_TAG = 'greenroom:claim';
export const STAGE_TAG = 'greenroom:stage';

/** The part of a ledger item that is in the room's tags. */
export interface ClaimIdentity {
  id: string;
  claim_id: string;
  generation: number;
}

/**
 * The value of the claim tag (rule TAG). The key alone is not enough: after the item's time to live, the key begins a new item, and a room
 * of the earlier item that is still in use would look like an extra room.
 */
export function claimTag({ claim_id, generation }: ClaimIdentity): string {
  return `${claim_id}.${generation}`;
}

export function ownTags(claim: ClaimIdentity, stage: string): Record<string, string> {
  return { [KEY_TAG]: claim.id, [CLAIM_TAG]: claimTag(claim), [STAGE_TAG]: stage };
}
