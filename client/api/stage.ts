import type { Region } from '../../lib/contract/regions.ts';
import type { Clock } from '../../lib/platform/clock.ts';
import type { SharedTime } from '../../lib/platform/shared-time.ts';
import type { Deployment } from '../deployment.ts';

/** A stage that a program has opened. Its addresses are looked up once. */
export interface ProgramStage {
  deployment: Deployment;
  /**
   * The region of rooms whose request does not specify one.
   * @throws Error if no default region is set and the stage's region has no IVS Chat
   */
  region(): Region;
  /** The tenant of messages that do not specify one. Undefined: the default of the contract. */
  tenant: string | undefined;
  clock: Clock;
  /** AWS's time, as the responses of SQS have shown it so far. */
  time: SharedTime;
}
