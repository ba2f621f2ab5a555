/** `npm start`: the whole service on this machine. `--help` tells what it does. */
import { join } from 'node:path';
import { styleText } from 'node:util';
import { explainError } from '../lib/client/explain-error.ts';
import { watchForInterruption } from '../lib/client/interruption.ts';
import { readStackFile, removeStackFile, writeStackFile } from '../lib/client/stack-file.ts';
import { UserError } from '../lib/client/user-error.ts';
import { makePackage, requirePackage } from './start/make-package.ts';
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
  try {
    return (await start(options, watchForInterruption())) ? 0 : EXIT_FAILED;
  } catch (error) {
    console.error(`${styleText('red', 'error:', { stream: process.stderr })} ${explainError(error)}`);
    if (!(error instanceof UserError)) console.error(error);
    return EXIT_FAILED;
  }
}

function readOptions(): StartOptions | 'help' | undefined {
  try {
    return parseOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n(npm start -- --help tells more)`);
    return undefined;
  }
}
