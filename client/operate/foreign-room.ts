import { isOwnStage } from '../../lib/ledger/room-tags.ts';
import type { Deployment } from '../deployment.ts';
import type { TaggedRoom } from './find-rooms.ts';

/** Why the ledger of this deployment contains nothing about a room; undefined if the deployment created the room. */
export function foreignProblem(
  { ledgerKey: key, stage: tag }: TaggedRoom,
  { stage: own, region: deploymentRegion }: Pick<Deployment, 'stage' | 'region'>,
): string | undefined {
  if (key === undefined) return 'the room has no greenroom tag: another program created it';
  if (isOwnStage(tag, { stage: own, deploymentRegion })) return undefined;
  // The tags of version 0.1.0 and earlier name no region.
  const [stage, region] = (tag ?? '').split('.');
  const options = `--stage ${stage}${region === undefined ? '' : ` --region ${region}`}`;
  return stage ? `another deployment created the room: use ${options}` : 'the room has no stage in its tags';
}
