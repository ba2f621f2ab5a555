import { Command, CommanderError } from 'commander';
import { printable } from '../client/completion-line.ts';
import { explainError, type UsedStage } from '../client/explain-error.ts';
import { printNotes, widthOf, wrapText } from '../client/fit-line.ts';
import packageJson from '../package.json' with { type: 'json' };
import type { CliContext, CliDependencies } from './cli-context.ts';
import { addLazyCommands, defineAll, spellOutHelp } from './commands.ts';
import { printError, reportInterruption } from './end-process.ts';
import { helpHint, nameOwnHelp, UsageError } from './usage.ts';

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

const EXAMPLES = `
Examples:
  $ npm start                                 run the whole service on this
                                              machine, in another terminal
  $ greenroom send events/samples/bare.json --wait   request a room, and wait
                                                     for it
  $ greenroom bulk events/samples/rooms.csv   request a room for each row of a
                                              file
  $ greenroom watch --stage dev               print the completion of every
                                              request of a deployed stage
  $ greenroom status final-2026/main-chat     show the state of a request
  $ greenroom schedule events/samples/live-event.json   schedule a live event,
                                                        so that its rooms exist
                                                        when it starts
  $ greenroom parked                          list the messages that wait for a
                                              person, and the reasons
  $ greenroom doctor --stage prod             show what is wrong with a stage,
                                              and what to do about it

The stage "local" is the embedded stack that \`npm start\` or \`greenroom dev\` runs
in this directory or in a parent directory. All other stages are on AWS. For
them, the commands use the environment of the AWS SDKs: credentials,
AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL.`;

/**
 * Runs one command line, and sets the exit code of the process: 0 for success, 1 for a failure, 2 for a usage error, 130 for Ctrl-C, 143 for
 * SIGTERM, and 141 if the program that reads the output has ended.
 * @param args without the names of the program and of Node
 */
export async function runCli(args: readonly string[], given: CliDependencies): Promise<void> {
  let used: UsedStage | undefined;
  const findDeployment: typeof given.findDeployment = async (wanted, observers) => {
    const deployment = await given.findDeployment(wanted, observers);
    used = deployment;
    return deployment;
  };
  const { program, isEndedByInterruption } = createProgram({ ...given, findDeployment });
  let acting = program;
  program.hook('preAction', (_program, command) => {
    acting = command;
  });
  try {
    await program.parseAsync(spellOutHelp(args), { from: 'user' });
    if (given.signal.aborted && !isEndedByInterruption()) reportInterruption(undefined, given.signal);
  } catch (error) {
    report(error, acting, given.signal, used);
  }
}

interface CreatedProgram extends Pick<CliContext, 'loadProgram'> {
  program: Command;
  /** Whether the command has declared that Ctrl-C is its normal end. */
  isEndedByInterruption(): boolean;
}

/** The program with its commands. They are not loaded before they are used, except by `loadProgram`. */
export function createProgram(given: CliDependencies): CreatedProgram {
  const program = new Command('greenroom')
    .description(packageJson.description)
    .version(packageJson.version)
    .option('-q, --quiet', 'print only results, warnings and errors')
    .option('--verbose', 'print each call to AWS, with its duration and attempts')
    .exitOverride()
    .configureOutput({ outputError: printUsageError })
    // The commands have no arguments and options yet, so the list shows only their names.
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .addHelpText('after', EXAMPLES);
  let isEnded = false;
  const endsByInterruption = () => {
    isEnded = true;
  };
  const context = contextOf(program, { ...given, endsByInterruption });
  addLazyCommands(program, context);
  nameOwnHelp(program);
  return { program, loadProgram: context.loadProgram, isEndedByInterruption: () => isEnded };
}

/** The context of the commands. The options of the program have been parsed when a command uses it. */
function contextOf(
  program: Command,
  { signal, clock, findDeployment, endsByInterruption }: CliDependencies & Pick<CliContext, 'endsByInterruption'>,
): CliContext {
  const isQuiet = () => program.getOptionValue('quiet') === true;
  const note = (text: string) => {
    if (!isQuiet()) for (const line of wrapText(printable(text), widthOf(process.stderr))) console.error(line);
  };
  const trace = (line: string) => {
    if (program.getOptionValue('verbose')) printNotes([printable(line)]);
  };
  const context: CliContext = {
    signal,
    clock,
    findDeployment: (wanted) => findDeployment(wanted, { note, trace }),
    note,
    isQuiet,
    endsByInterruption,
    async loadProgram() {
      await defineAll(program, context);
      return program;
    },
  };
  return context;
}

/** Prints a usage error that commander has found, in the width of the terminal. */
function printUsageError(text: string, write: (text: string) => void): void {
  const lines = text.split('\n').flatMap((line) => wrapText(line, widthOf(process.stderr), '  '));
  write(lines.join('\n'));
}

/** Prints why a command has ended, and sets the exit code. */
function report(error: unknown, acting: Command, signal: AbortSignal, used: UsedStage | undefined): void {
  if (error instanceof CommanderError) {
    // Commander has printed its message. Requested help is not a failure.
    process.exitCode = error.exitCode === 0 ? 0 : EXIT_USAGE;
  } else if (error instanceof UsageError) {
    process.exitCode = EXIT_USAGE;
    printError(error.message, error);
    printNotes([helpHint(acting)]);
  } else if (signal.aborted) {
    reportInterruption(error, signal);
  } else {
    process.exitCode = EXIT_FAILED;
    printError(explainError(error, used), error);
  }
}
