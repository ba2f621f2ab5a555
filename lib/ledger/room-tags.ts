/** The tags that greenroom adds to every room. A room may have 50 tags, so 47 are left for the request. */
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
 * The value of the claim tag (rule TAG). The key alone is not enough. After the item has expired, the next request with the key creates a
 * new item. A room of the old item may still be in use, and would look like an extra room.
 */
export function claimTag({ claim_id, generation }: ClaimIdentity): string {
  return `${claim_id}.${generation}`;
}

/** The claim id is undefined if greenroom did not write the tag. */
export function parseClaimTag(tag: string | undefined): { claimId: string | undefined; generation: number } {
  const [, claimId, generation] = tag?.match(/^(.+)\.(\d+)$/) ?? [];
  return { claimId, generation: Number(generation) };
}

/** One deployment of greenroom. A stage may be deployed in several regions of an account. Each deployment has its own ledger. */
export interface DeployedStage {
  stage: string;
  deploymentRegion: string;
}

/**
 * The value of the stage tag: the stage and the region of the deployment. Every deployment creates rooms in all regions. If the tag named
 * only the stage, the sweep of one deployment would check another deployment's rooms against the wrong ledger. The conditions in
 * infrastructure/roles.yml contain the same value. The name of a stage has no dots, so two deployments never have the same value.
 */
export function stageTag({ stage, deploymentRegion }: DeployedStage): string {
  return `${stage}.${deploymentRegion}`;
}

/** Whether a stage tag is this deployment's. Rooms of version 0.1.0 and earlier are tagged with the stage alone. */
export function isOwnStage(tag: string | undefined, deployed: DeployedStage): boolean {
  return tag === stageTag(deployed) || tag === deployed.stage;
}

export function ownTags(claim: ClaimIdentity, deployed: DeployedStage): Record<string, string> {
  return { [KEY_TAG]: claim.id, [CLAIM_TAG]: claimTag(claim), [STAGE_TAG]: stageTag(deployed) };
}
