import { main as runMain } from './main.ts';

/**
 * Runs a command line that names no command: the help, the version, or a mistyped command. The build leaves the commands out of this program,
 * so that it is loaded faster than the whole command line.
 */
export function main(args: readonly string[]): Promise<void> {
  return runMain(args);
}
