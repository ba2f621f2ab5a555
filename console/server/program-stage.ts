import type { ProgramStage } from '../../client/api/stage.ts';
import type { Deployment } from '../../client/deployment.ts';
import type { Clock } from '../../lib/platform/clock.ts';
import { createSharedTime } from '../../lib/platform/shared-time.ts';

/** The stage of the console, for the operations of the client library. */
export function programStage(deployment: Deployment, clock: Clock): ProgramStage {
  return { deployment, region: deployment.defaultRegion, tenant: undefined, clock, time: createSharedTime(clock) };
}
