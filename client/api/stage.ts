import type { Region } from '../../lib/contract/regions.ts';
import type { Clock } from '../../lib/platform/clock.ts';
import type { SharedTime } from '../../lib/platform/shared-time.ts';
import type { Deployment } from '../deployment.ts';

/** A stage that a program has opened. Its addresses are looked up once. */
export interface ProgramStage {
  deployment: Deployment;
  /** The region of rooms whose request names none. @throws Error if none was given and the stage's region has no IVS Chat */
  region(): Region;
  /** The tenant of messages that name none; undefined: the contract's default. */
  tenant: string | undefined;
  clock: Clock;
  /** The time by AWS's clocks, as far as the calls to SQS have shown it. */
  time: SharedTime;
}
