import { pathToFileURL } from 'node:url';

/**
 * The process of a command runner: `node run-commands.ts PROGRAM`. It runs the program once for each message that it receives, as if it had been
 * started with these arguments, but it loads the packages only once. At the end of a run, it prints a mark on both outputs.
 */

export interface Run {
  args: string[];
  cwd: string;
  env: Record<string, string | undefined>;
  /** Printed on stdout and stderr when the run has ended. */
  mark: string;
}

const [program = ''] = process.argv.slice(2);
const OWN_EVENTS = ['message', 'disconnect', 'internalMessage'];
let runs = 0;

async function run({ args, cwd, env, mark }: Run): Promise<void> {
  process.chdir(cwd);
  process.env = { ...env };
  process.argv = [process.execPath, program, ...args];
  process.exitCode = undefined;
  runs += 1;
  // A new address makes Node evaluate the program again. Its packages stay loaded.
  await import(`${pathToFileURL(program)}?run=${runs}`);
  // The program listens for signals and errors until its process ends.
  for (const event of process.eventNames()) if (!OWN_EVENTS.includes(String(event))) process.removeAllListeners(event);
  const code = process.exitCode ?? 0;
  for (const stream of [process.stdout, process.stderr]) {
    stream.removeAllListeners('error');
    stream.write(mark);
  }
  process.send?.(code);
}

process.on('message', (message: Run) => void run(message));
// The parent has ended.
process.on('disconnect', () => process.exit());
