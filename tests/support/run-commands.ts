import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/**
 * The process of a command runner: `node run-commands.ts PROGRAM`. It runs the program once for each message that it receives, as if it had been
 * started with these arguments, but it loads its code and its packages only once. At the end of a run, it prints a mark on both outputs.
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
// The program itself only starts this file, which contains all commands.
const { main }: { main(args: readonly string[]): Promise<void> } = createRequire(import.meta.url)(
  join(dirname(program), 'main.js'),
);

async function run({ args, cwd, env, mark }: Run): Promise<void> {
  process.chdir(cwd);
  process.env = { ...env };
  process.argv = [process.execPath, program, ...args];
  process.exitCode = undefined;
  await main(args);
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
