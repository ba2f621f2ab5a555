import type { Command } from 'commander';
import { createProgram } from '../../cli/run-cli.ts';
import { contextWithoutDeployment } from './run-in-process.ts';

/** The names of all commands that do something: `send`, `parked list`. */
export async function commandPaths(): Promise<string[]> {
  const program = await createProgram(contextWithoutDeployment()).loadProgram();
  const pathsOf = (command: Command, path: string[]): string[] =>
    command.commands.length === 0
      ? [path.join(' ')]
      : command.commands.flatMap((each) => pathsOf(each, [...path, each.name()]));
  return pathsOf(program, []);
}
