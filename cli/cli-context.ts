import type { Deployment, StageSelection } from '../client/deployment.ts';
import type { Clock } from '../lib/platform/clock.ts';

/** The dependencies of the commands, so that a test can run them on simulated services in virtual time. */
export interface CliContext {
  /** Aborted when the user interrupts. */
  signal: AbortSignal;
  clock: Clock;
  /** @throws UserError if the stage cannot be found */
  findDeployment(wanted: StageSelection): Promise<Deployment>;
}
