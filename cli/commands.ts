import type { Command } from 'commander';
import type { CliContext } from './cli-context.ts';
import { nameOwnHelp } from './usage.ts';

/** A command whose options and code are loaded only when it is needed. */
export interface LazyCommand {
  name: string;
  description: string;
  load(): Promise<{ defineCommand(command: Command, context: CliContext): void }>;
}

/**
 * The commands, in the order in which the help lists them. Their modules load the SDKs and zod, which takes ten times as long as the start
 * of the command line itself.
 */
export const COMMANDS: readonly LazyCommand[] = [
  { name: 'send', description: 'send room requests', load: () => import('./send.ts') },
  {
    name: 'bulk',
    description: 'create a room for each row of a file; stop such a job, or show its report',
    load: () => import('./bulk.ts'),
  },
  {
    name: 'jobs',
    description: 'list bulk jobs with their state and the number of their rows',
    load: () => import('./jobs.ts'),
  },
  {
    name: 'watch',
    description: 'print completions as they are published, one line each; or follow one bulk job',
    load: () => import('./watch.ts'),
  },
  { name: 'status', description: 'show the state of a request', load: () => import('./status.ts') },
  { name: 'schedule', description: 'schedule, move or cancel live events', load: () => import('./schedule.ts') },
  {
    name: 'events',
    description: 'list live events with their state and problems; show one event with its rooms',
    load: () => import('./events.ts'),
  },
  { name: 'cancel', description: 'cancel a live event permanently', load: () => import('./cancel.ts') },
  {
    name: 'release',
    description: 'release rooms, now or at a time; keep rooms; stop or resume all releases',
    load: () => import('./release.ts'),
  },
  {
    name: 'parked',
    description: 'show the messages that wait in the parked queue for a person',
    load: () => import('./parked.ts'),
  },
  {
    name: 'pace',
    description: 'show the pace of every region; pause, resume or limit a region or lane immediately',
    load: () => import('./pace.ts'),
  },
  {
    name: 'top',
    description: 'show the queues and regions, and when the bulk lane will be empty',
    load: () => import('./top.ts'),
  },
  {
    name: 'console',
    description: 'open a web page with the same data and actions, for people who prefer a browser',
    load: () => import('./console.ts'),
  },
  { name: 'redrive', description: 'send parked messages back to be handled again', load: () => import('./redrive.ts') },
  {
    name: 'rebuild-ledger',
    description:
      'after the ledger has been restored from a backup: rebuild the claims made after the backup from the tags of the rooms',
    load: () => import('./rebuild-ledger.ts'),
  },
  {
    name: 'env',
    description: 'print the variables with which the AWS CLI and the SDKs find a stage',
    load: () => import('./env.ts'),
  },
  {
    name: 'doctor',
    description: 'examine a stage: show what is wrong with it, and what to do about it',
    load: () => import('./doctor.ts'),
  },
  {
    name: 'dev',
    description: 'run the embedded stack here, for the tests of another project',
    load: () => import('./dev.ts'),
  },
  {
    name: 'completion',
    description: 'print a script with which a shell completes commands and options',
    load: () => import('./completion.ts'),
  },
];

/** Adds each command with its name and description. Its options are added by `defineCommand` when the command is used. */
export function addLazyCommands(program: Command, context: CliContext): void {
  for (const { name, description } of COMMANDS) program.command(name).description(description);
  program.hook('preSubcommand', async (_program, command) => {
    const { load } = COMMANDS.find(({ name }) => name === command.name()) ?? {};
    (await load?.())?.defineCommand(command, context);
    nameOwnHelp(command);
  });
}

/** Loads every command that has not been loaded yet. */
export async function defineAll(program: Command, context: CliContext): Promise<void> {
  for (const { name, load } of COMMANDS) {
    const command = program.commands.find((each) => each.name() === name);
    if (command === undefined || isDefined(command)) continue;
    (await load()).defineCommand(command, context);
    nameOwnHelp(command);
  }
}

function isDefined({ options, commands, registeredArguments }: Command): boolean {
  return options.length + commands.length + registeredArguments.length > 0;
}

/** Replaces `help COMMAND` with `COMMAND --help`, because commander would show the help of a command that is not loaded. */
export function spellOutHelp(args: readonly string[]): readonly string[] {
  const at = args.findIndex((arg) => !arg.startsWith('-'));
  const isCommand = COMMANDS.some(({ name }) => name === args[at + 1]);
  return args[at] === 'help' && isCommand ? [...args.slice(0, at), ...args.slice(at + 1), '--help'] : args;
}
