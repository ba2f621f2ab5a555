import type { Argument, Command, Option } from 'commander';

/** The possible values of an option or an argument: one of several words, a file, or anything else. */
export type Values = { kind: 'words'; words: readonly string[] } | { kind: 'file' } | { kind: 'other' };

export interface CompletableOption {
  /** Its spellings, such as `-q` and `--quiet`. */
  flags: readonly string[];
  description: string;
  /** Undefined if the option takes no value. */
  values: Values | undefined;
}

/** The words that can be completed after the name of a command. */
export interface CompletableCommand {
  /** The names of its parents and its own, each after a slash: `/pace/show`. Empty for the program itself. */
  path: string;
  subcommands: readonly { name: string; description: string }[];
  options: readonly CompletableOption[];
  argument: Values;
}

/** The program and all of its commands, parents first. All commands must be loaded. */
export function completableCommands(program: Command): CompletableCommand[] {
  return walk(program, '', program);
}

function walk(command: Command, path: string, program: Command): CompletableCommand[] {
  // Without a subcommand, the arguments and options of the default subcommand are accepted too.
  const fallback = defaultOf(command);
  const options = [...command.options, ...(fallback?.options ?? [])];
  const general = command === program ? [] : program.options.filter(({ long }) => long !== '--version');
  const [argument] = [...command.registeredArguments, ...(fallback?.registeredArguments ?? [])];
  return [
    {
      path,
      subcommands: command.commands.map((each) => ({ name: each.name(), description: each.description() })),
      options: [...options, ...general].map(completable).concat(HELP),
      argument: argument === undefined ? { kind: 'other' } : valuesOf(argument),
    },
    ...command.commands.flatMap((each) => walk(each, `${path}/${each.name()}`, program)),
  ];
}

const HELP: CompletableOption = { flags: ['--help'], description: 'display help for command', values: undefined };

function completable(option: Option): CompletableOption {
  const { short, long, description } = option;
  const takesValue = option.required || option.optional;
  const flags = [short, long].filter((flag) => flag !== undefined);
  return { flags, description, values: takesValue ? valuesOf(option) : undefined };
}

function valuesOf(taker: Option | Argument): Values {
  if (taker.argChoices !== undefined) return { kind: 'words', words: taker.argChoices };
  const name = 'flags' in taker ? taker.flags : taker.name();
  return { kind: /\bfile\b/.test(name) ? 'file' : 'other' };
}

/** commander has no public access to the default subcommand. */
function defaultOf(command: Command): Command | undefined {
  const name = '_defaultCommandName' in command ? command._defaultCommandName : undefined;
  return command.commands.find((each) => each.name() === name);
}
