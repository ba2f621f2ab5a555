import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { explainError } from '../../client/explain-error.ts';
import { printLines } from '../../client/fit-line.ts';
import { stageVariables, withVariables } from '../../client/stage-variables.ts';
import { typed } from '../../client/typed-command.ts';
import type { ScheduleRates } from '../scheduled-rules.ts';
import { checkPlace, WORK_DIRECTORY } from '../start/check-place.ts';
import { whatIsKept } from '../start/data-format.ts';
import { templateFile } from '../start/make-package.ts';
import { logDirectory, type UserStack, withStack } from '../start/with-stack.ts';
import { runCommand } from './run-command.ts';

/** The directory of the repository or of the installed package. This file and its bundle are both two levels below it. */
const ROOT = join(import.meta.dirname, '..', '..');
/** The package that stores DynamoDB's data. npm may not have installed it, because it is optional. */
const DATA_PACKAGE = 'classic-level';

export interface DevOptions {
  /** Default: a free port. */
  port?: number;
  dataDir?: string;
  seed: number;
  /** Whether the stack simulates the faults that AWS may have. */
  faults: boolean;
  schedules: ScheduleRates;
  /** The program to run, and its arguments. If there is none, the stack runs until the signal is aborted. */
  command: readonly string[];
}

export interface DevContext {
  signal: AbortSignal;
  /** Prints a text for the user on standard error. */
  note(text: string): void;
}

export type DevResult =
  /** The exit code is that of the command, or 0. */
  | { kind: 'ended'; exitCode: number }
  /** Each problem is one line that names the remedy. `cause` is the error, if there was one. */
  | { kind: 'problems'; problems: string[]; cause?: unknown };

/**
 * Runs the embedded stack in the current directory with the packaged functions, for another project that tests against it.
 *
 * All errors are part of the result. `greenroom dev` could not recognise errors that are thrown, because this code is a bundle with its own
 * error classes.
 */
export async function dev(options: DevOptions, context: DevContext): Promise<DevResult> {
  const problems = await problemsOf(options);
  if (problems.length > 0) return { kind: 'problems', problems };
  try {
    ignoreInGit();
    return { kind: 'ended', exitCode: await run(options, context) };
  } catch (error) {
    return { kind: 'problems', problems: [explainError(error)], cause: error };
  }
}

async function problemsOf(options: DevOptions): Promise<string[]> {
  const { problems } = await checkPlace(options);
  const found = [packageProblem(), options.dataDir === undefined ? undefined : dataPackageProblem(), ...problems];
  return found.filter((problem) => problem !== undefined);
}

function packageProblem(): string | undefined {
  const file = templateFile(ROOT);
  if (existsSync(file)) return undefined;
  return `The functions are not packaged (no ${file}). In a checkout of greenroom, \`npm start\` packages them. In other projects, install the file that \`npm pack\` builds`;
}

function dataPackageProblem(): string | undefined {
  try {
    createRequire(import.meta.url).resolve(DATA_PACKAGE);
    return undefined;
  } catch {
    return `--data needs the package ${DATA_PACKAGE}, which npm did not install: install it, or omit --data`;
  }
}

/** Other projects do not know about the directory, and would commit it. */
function ignoreInGit(): void {
  const file = join(WORK_DIRECTORY, '.gitignore');
  mkdirSync(WORK_DIRECTORY, { recursive: true });
  if (!existsSync(file)) writeFileSync(file, '*\n');
}

async function run(options: DevOptions, { signal, note }: DevContext): Promise<number> {
  const { command, dataDir, faults } = options;
  const isServing = command.length === 0;
  const onStopped = () => {
    if (isServing) printLines(whatIsKept(dataDir, logDirectory(dataDir), typed('dev')).split('\n'));
  };
  const stackOptions = { calm: !faults, isolation: 'thread', enforcePolicies: false, onStopped } as const;
  return withStack({ ...options, ...stackOptions, templateFile: templateFile(ROOT) }, async (started) => {
    const place = placeOf(started, options);
    if (isServing) {
      printLines([
        place,
        `Send a request:  ${typed('send FILE')}`,
        `Console:         ${typed('console')}`,
        'End it:          Ctrl-C',
      ]);
      if (!signal.aborted) await once(signal, 'abort');
      return 0;
    }
    note(place);
    const env = withVariables(process.env, await stageVariables(started.deployment));
    const exitCode = await runCommand(command, { env, signal });
    const { errorCount, directory } = started.logs;
    if (errorCount > 0) note(`${errorCount} errors in the logs: ${directory}`);
    return exitCode;
  });
}

function placeOf({ stack, logs }: UserStack, { seed, faults }: DevOptions): string {
  const modes = faults ? `${stack.region}, faults with seed ${seed}` : stack.region;
  return `The stack is ready at ${stack.endpoint} (${modes}); logs in ${logs.directory}`;
}
