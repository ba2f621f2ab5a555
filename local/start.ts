/** `npm start`: the whole service on this machine. `--help` describes it. */
import { join } from 'node:path';
import { styleText } from 'node:util';
import * as z from 'zod';
import { printable } from '../client/completion-line.ts';
import { connectLocally } from '../client/deployment.ts';
import { explainError } from '../client/explain-error.ts';
import { printLines, printNotes } from '../client/fit-line.ts';
import { EXIT_INTERRUPTED, watchForInterruption } from '../client/interruption.ts';
import { removeStackFile, writeStackFile } from '../client/stack-file.ts';
import { UserError } from '../client/user-error.ts';
import { REGIONS } from '../lib/contract/regions.ts';
import { type Stack, startStack } from './stack.ts';
import { checkStart, WORK_DIRECTORY } from './start/check-start.ts';
import { remedyFor, whatIsKept, writeDataFormat } from './start/data-format.ts';
import { type FunctionLogs, openFunctionLogs } from './start/function-logs.ts';
import { makePackage, templateFile } from './start/make-package.ts';
import { HELP, parseOptions, type StartOptions } from './start/options.ts';
import { rehearse } from './start/rehearse.ts';
import type { RequestSource } from './start/run-record.ts';
import { swallowedOptionsProblem } from './start/swallowed-options.ts';

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
  const { seed, calm, dataDir } = options;
  if (options.build) await makePackage(ROOT, signal);
  const logs = openFunctionLogs(join(dataDir ?? WORK_DIRECTORY, 'logs'));
  if (dataDir !== undefined) writeDataFormat(dataDir);
  const stack = await openStack(options, logs);
  const { endpoint, outputs, skipped } = stack;
  const region = z.enum(REGIONS).parse(stack.region);
  const deployment = connectLocally({ endpoint, region });
  try {
    writeStackFile({ endpoint, region, pid: process.pid, outputs });
    const modes = `${calm ? ', calm' : ''}${options.enforcePolicies ? ', policies enforced' : ''}`;
    const notEmulated = Object.entries(skipped).map(([type, count]) => `${count} ${type}`);
    printLines([
      `The stack is at ${endpoint} (${region}, seed ${seed}${modes}); logs in ${logs.directory}`,
      styleText('dim', `Declared but not emulated: ${notEmulated.join(', ')}`),
    ]);
    return await rehearse({ ...options, source, root: ROOT, deployment, chat: stack.ivsChat, logs, signal });
  } finally {
    removeStackFile();
    deployment.close();
    await stack.stop();
    if (!options.once || dataDir !== undefined) printLines(['', ...whatIsKept(dataDir, logs.directory).split('\n')]);
  }
}

/** @throws UserError if the stack cannot start with the data in the directory */
async function openStack(
  { seed, calm, isolate, port, dataDir, enforcePolicies, schedules }: StartOptions,
  logs: FunctionLogs,
): Promise<Stack> {
  try {
    return await startStack({
      templateFile: templateFile(ROOT),
      seed,
      calm,
      isolation: isolate,
      ...(port !== undefined && { port }),
      ...(dataDir !== undefined && { dataDir }),
      enforcePolicies,
      schedules,
      onDenied: ({ caller, action, resource }) => logs.writeError(`${caller} may not call ${action} on ${resource}`),
      onLog: logs.write,
      onError: logs.writeError,
    });
  } catch (error) {
    if (dataDir === undefined) throw error;
    const reason = explainError(error);
    throw new UserError(`The stack cannot start with the data in ${dataDir} (${reason}). ${remedyFor(dataDir)}`, {
      cause: error,
    });
  }
}

process.exitCode = await main();
