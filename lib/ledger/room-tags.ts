/** Tags that greenroom puts on every room it makes; three of the 50 places (requesters have 47). */
export const KEY_TAG = 'greenroom:key';
export const CLAIM_TAG = 'greenroom:claim';
export const STAGE_TAG = 'greenroom:stage';

/** The part of a ledger item that a room is tagged with. */
export interface ClaimIdentity {
  id: string;
  claim_id: string;
  generation: number;
}

/**
 * The value of the claim tag (rule TAG). The key alone would not do: after the item's time to live the key begins anew, and
 * a room of its former life, still in use, would look like an extra one.
 */
export function claimTag({ claim_id, generation }: ClaimIdentity): string {
  return `${claim_id}.${generation}`;
}

export function ownTags(claim: ClaimIdentity, stage: string): Record<string, string> {
  return { [KEY_TAG]: claim.id, [CLAIM_TAG]: claimTag(claim), [STAGE_TAG]: stage };
}
