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

/** One deployment of greenroom. A stage may be deployed in several regions of an account, each time with a ledger of its own. */
export interface DeployedStage {
  stage: string;
  deploymentRegion: string;
}

/**
 * The value of the stage tag. It names the region too, because a deployment creates rooms in all regions: without it, the sweep of one
 * deployment would judge the rooms of the other by a ledger that does not know them. The roles' conditions name the same value
 * (infrastructure/roles.yml). A stage has no dot, so no two deployments have the same value.
 */
export function stageTag({ stage, deploymentRegion }: DeployedStage): string {
  return `${stage}.${deploymentRegion}`;
}

/** Whether a room's stage tag is this deployment's. The releases up to 0.1.0 tagged rooms with the stage alone, and such rooms live on. */
export function isOwnStage(tag: string | undefined, deployed: DeployedStage): boolean {
  return tag === stageTag(deployed) || tag === deployed.stage;
}

export function ownTags(claim: ClaimIdentity, deployed: DeployedStage): Record<string, string> {
  return { [KEY_TAG]: claim.id, [CLAIM_TAG]: claimTag(claim), [STAGE_TAG]: stageTag(deployed) };
}
