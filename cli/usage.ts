import type { Command } from 'commander';
import { typed } from '../client/typed-command.ts';

/** Wrong usage of a command, such as options that cannot be used together. `runCli` names the command's help, and ends with exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * Makes it a usage error to give an option without another one that it needs. Without this check, the command would silently ignore the
 * option.
 * @param flag the long name of the option, for example `--timeout`
 * @param needed the long names of the options of which one must be given too
 */
export function onlyWith(command: Command, flag: string, ...needed: string[]): void {
  command.hook('preAction', (_hooked, acting) => {
    if (!isGiven(acting, flag) || needed.some((each) => isGiven(acting, each))) return;
    throw new UsageError(`${flag} has no effect without ${needed.join(' or ')}`);
  });
}

/** Whether the user gave the option. A default value does not count. */
export function isGiven(command: Command, flag: string): boolean {
  const option = command.options.find(({ long }) => long === flag);
  if (option === undefined) throw new Error(`${command.name()} has no option ${flag}`);
  return command.getOptionValueSource(option.attributeName()) === 'cli';
}

/** Makes the usage errors of a command and of its subcommands name their own help. */
export function nameOwnHelp(command: Command): void {
  command.showHelpAfterError(helpHint(command));
  for (const each of command.commands) nameOwnHelp(each);
}

/** The line that ends a usage error: how to show the help of the command. */
export function helpHint(command: Command): string {
  return `(for help: ${typed(`${pathOf(command)}--help`)})`;
}

/** The names of a command below the program, each followed by a space. */
function pathOf(command: Command): string {
  return command.parent === null ? '' : `${pathOf(command.parent)}${command.name()} `;
}
