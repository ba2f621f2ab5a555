import type { Command } from 'commander';
import type { Deployment, SearchSettings, StageSelection } from '../client/deployment.ts';
import type { Clock } from '../lib/platform/clock.ts';

/** How a search and the calls to a deployment are shown to the user. */
export interface Observers extends Required<Pick<SearchSettings, 'note'>> {
  /** Called with a line about each call that has ended. With `--verbose`, it prints the line. */
  trace(line: string): void;
}

/** The dependencies of the command line, so that a test can run it on simulated services in virtual time. */
export interface CliDependencies {
  /** Aborted when the user interrupts. */
  signal: AbortSignal;
  clock: Clock;
  /** @throws UserError if the stage cannot be found */
  findDeployment(wanted: StageSelection, observers: Observers): Promise<Deployment>;
}

/** The dependencies of the commands. */
export interface CliContext extends Omit<CliDependencies, 'findDeployment'> {
  /** @throws UserError if the stage cannot be found */
  findDeployment(wanted: StageSelection): Promise<Deployment>;
  /** Tells the user something that is neither a result nor an error, on standard error. With `--quiet`, it prints nothing. */
  note(text: string): void;
  /** Whether notes are suppressed. */
  isQuiet(): boolean;
  /** Declares that the command is meant to run until the user ends it, so that Ctrl-C and SIGTERM are a success. */
  endsByInterruption(): void;
  /** Loads all commands. @returns the program with their arguments and options */
  loadProgram(): Promise<Command>;
}
