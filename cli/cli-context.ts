import type { Command } from 'commander';
import type { Deployment, SearchSettings, StageSelection } from '../client/deployment.ts';
import type { Clock } from '../lib/platform/clock.ts';

/** The dependencies of the command line, so that a test can run it on simulated services in virtual time. */
export interface CliDependencies {
  /** Aborted when the user interrupts. */
  signal: AbortSignal;
  clock: Clock;
  /** @throws UserError if the stage cannot be found */
  findDeployment(wanted: StageSelection, settings: Required<Pick<SearchSettings, 'note'>>): Promise<Deployment>;
}

/** The dependencies of the commands. */
export interface CliContext extends Omit<CliDependencies, 'findDeployment'> {
  /** @throws UserError if the stage cannot be found */
  findDeployment(wanted: StageSelection): Promise<Deployment>;
  /** Tells the user something that is neither a result nor an error, on standard error. With `--quiet`, it prints nothing. */
  note(text: string): void;
  /** Loads all commands. @returns the program with their arguments and options */
  loadProgram(): Promise<Command>;
}
