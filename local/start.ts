/** `npm start`: the whole service on this machine. `--help` describes it. */
import { join } from 'node:path';
import { styleText } from 'node:util';
import { printable } from '../client/completion-line.ts';
import { explainError } from '../client/explain-error.ts';
import { printLines, printNotes } from '../client/fit-line.ts';
import { EXIT_INTERRUPTED, watchForInterruption } from '../client/interruption.ts';
import { UserError } from '../client/user-error.ts';
import { checkStart } from './start/check-start.ts';
import { whatIsKept } from './start/data-format.ts';
import { makePackage, templateFile } from './start/make-package.ts';
import { HELP, parseOptions, type StartOptions } from './start/options.ts';
import { rehearse } from './start/rehearse.ts';
import type { RequestSource } from './start/run-record.ts';
import { swallowedOptionsProblem } from './start/swallowed-options.ts';
import { withConsole } from './start/with-console.ts';
import { logDirectory, type UserStack, withStack } from './start/with-stack.ts';

const ROOT = join(import.meta.dirname, '..');
const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

async function main(): Promise<number> {
  const options = readOptions();
  if (options === undefined) return EXIT_USAGE;
  if (options === 'help') {
    console.log(HELP);
    return 0;
  }
  const signal = watchForInterruption();
  try {
    const checked = await checkStart(ROOT, options);
    if (checked.kind === 'ready') return exitCodeOf(await start(options, checked.source, signal), options, signal);
    for (const problem of checked.problems) printError(problem);
    return EXIT_FAILED;
  } catch (error) {
    if (signal.aborted && error instanceof Error && error.name === 'AbortError') return EXIT_INTERRUPTED;
    printError(explainError(error));
    if (process.env.DEBUG === 'greenroom') console.error(error);
    return EXIT_FAILED;
  }
}

/** Without `--once`, Ctrl-C is the normal way to end the stack. */
function exitCodeOf(isAsExpected: boolean, { once }: StartOptions, signal: AbortSignal): number {
  if (isAsExpected || !once) return 0;
  return signal.aborted ? EXIT_INTERRUPTED : EXIT_FAILED;
}

function readOptions(): StartOptions | 'help' | undefined {
  const args = process.argv.slice(2);
  try {
    const swallowed = swallowedOptionsProblem(process.env, args);
    if (swallowed !== undefined) throw new UserError(swallowed);
    return parseOptions(args);
  } catch (error) {
    printNotes([
      ...String(error instanceof Error ? error.message : error).split('\n'),
      '(for help: npm start -- --help)',
    ]);
    return undefined;
  }
}

function printError(message: string): void {
  printNotes([`${styleText('red', 'error:', { stream: process.stderr })} ${printable(message)}`]);
}

/** @returns whether every request has its expected outcome, and no key has two rooms */
async function start(options: StartOptions, source: RequestSource | undefined, signal: AbortSignal): Promise<boolean> {
  const { isolate: isolation, dataDir } = options;
  if (options.build) await makePackage(ROOT, signal);
  const isToldWhatIsKept = !options.once || dataDir !== undefined;
  const onStopped = () => {
    if (isToldWhatIsKept) printLines(['', ...whatIsKept(dataDir, logDirectory(dataDir)).split('\n')]);
  };
  return await withStack({ ...options, isolation, templateFile: templateFile(ROOT), onStopped }, (started) => {
    printPlace(started, options);
    const { stack, deployment, logs } = started;
    const run = () => rehearse({ ...options, source, root: ROOT, deployment, chat: stack.ivsChat, logs, signal });
    return options.once ? run() : withConsole(started, run);
  });
}

function printPlace({ stack, logs }: UserStack, { seed, calm, enforcePolicies }: StartOptions): void {
  const modes = `${calm ? ', calm' : ''}${enforcePolicies ? ', policies enforced' : ''}`;
  const notEmulated = Object.entries(stack.skipped).map(([type, count]) => `${count} ${type}`);
  printLines([
    `The stack is at ${stack.endpoint} (${stack.region}, seed ${seed}${modes}); logs in ${logs.directory}`,
    styleText('dim', `Declared but not emulated: ${notEmulated.join(', ')}`),
  ]);
}

process.exitCode = await main();
