/** `npm start`: the whole service on this machine. `--help` describes it. */
import { join } from 'node:path';
import { styleText } from 'node:util';
import * as z from 'zod';
import { connectLocally } from '../client/deployment.ts';
import { explainError } from '../client/explain-error.ts';
import { watchForInterruption } from '../client/interruption.ts';
import { findRunningStack, removeStackFile, writeStackFile } from '../client/stack-file.ts';
import { UserError } from '../client/user-error.ts';
import { REGIONS } from '../lib/contract/regions.ts';
import { startStack } from './stack.ts';
import { openFunctionLogs } from './start/function-logs.ts';
import { makePackage, requirePackage, templateFile } from './start/make-package.ts';
import { HELP, parseOptions, type StartOptions } from './start/options.ts';
import { rehearse } from './start/rehearse.ts';

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
    return (await start(options, signal)) || !options.once ? 0 : EXIT_FAILED;
  } catch (error) {
    if (signal.aborted && error instanceof Error && error.name === 'AbortError') return 0;
    console.error(`${styleText('red', 'error:', { stream: process.stderr })} ${explainError(error)}`);
    if (process.env.DEBUG === 'greenroom') console.error(error);
    return EXIT_FAILED;
  }
}

function readOptions(): StartOptions | 'help' | undefined {
  try {
    return parseOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n(for help: npm start -- --help)`);
    return undefined;
  }
}

/** @returns whether every request has its expected outcome, and no key has two rooms */
async function start(options: StartOptions, signal: AbortSignal): Promise<boolean> {
  const { seed, calm, isolate, port, dataDir } = options;
  await refuseSecondStack();
  if (options.build) await makePackage(ROOT, signal);
  else requirePackage(ROOT);
  const logs = openFunctionLogs(join(dataDir ?? '.greenroom', 'logs'));
  const stack = await startStack({
    templateFile: templateFile(ROOT),
    seed,
    calm,
    isolation: isolate,
    ...(port !== undefined && { port }),
    ...(dataDir !== undefined && { dataDir }),
    enforcePolicies: options.enforcePolicies,
    onDenied: ({ caller, action, resource }) => logs.writeError(`${caller} may not call ${action} on ${resource}`),
    onLog: logs.write,
    onError: logs.writeError,
  });
  const { endpoint, outputs, skipped } = stack;
  const region = z.enum(REGIONS).parse(stack.region);
  const deployment = connectLocally({ endpoint, region });
  try {
    writeStackFile({ endpoint, region, pid: process.pid, outputs });
    console.log(
      `The stack is at ${endpoint} (${region}, seed ${seed}${calm ? ', calm' : ''}${options.enforcePolicies ? ', policies enforced' : ''}); logs in ${logs.directory}`,
    );
    const notEmulated = Object.entries(skipped).map(([type, count]) => `${count} ${type}`);
    console.log(styleText('dim', `Declared but not emulated: ${notEmulated.join(', ')}`));
    return await rehearse({ ...options, root: ROOT, deployment, chat: stack.ivsChat, logs, signal });
  } finally {
    removeStackFile();
    deployment.close();
    await stack.stop();
  }
}

/** Refuses a second stack in a directory, because other processes find the stack through one file. */
async function refuseSecondStack(): Promise<void> {
  const running = await findRunningStack();
  if (running)
    throw new UserError(
      `A stack already runs in this directory (process ${running.pid}, ${running.endpoint}): stop it first`,
    );
}

process.exitCode = await main();
