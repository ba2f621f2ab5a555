import type { CliContext, CliDependencies } from '../../cli/cli-context.ts';
import { runCli } from '../../cli/run-cli.ts';
import { createLoneClock } from '../../simulation/lone-clock.ts';
import { createVirtualClock } from '../../simulation/virtual-clock.ts';

export interface CommandRun {
  code: number;
  /** What the command printed on standard output and on standard error. */
  out: string;
  err: string;
}

/** A context in which no command may look for its deployment: the command must end before that. */
export function contextWithoutDeployment(): CliDependencies {
  const time = createVirtualClock(Date.UTC(2026, 5, 1, 12));
  return {
    signal: new AbortController().signal,
    clock: createLoneClock(time, { longestMs: 60_000, movesTime: true }),
    findDeployment: () => Promise.reject(new Error('The command has looked for its deployment')),
  };
}

/** The same for the function `defineCommand` of a command. */
export function commandContext(): CliContext {
  const unused = () => Promise.reject(new Error('The command is only defined'));
  return {
    ...contextWithoutDeployment(),
    findDeployment: unused,
    note: () => undefined,
    isQuiet: () => false,
    endsByInterruption: () => undefined,
    loadProgram: unused,
  };
}

/** Runs one command line in this process. Commands write to the console and to the standard streams of the process. */
export async function runInProcess(
  args: readonly string[],
  context: CliDependencies = contextWithoutDeployment(),
): Promise<CommandRun> {
  const run: CommandRun = { code: 0, out: '', err: '' };
  const { log, error } = console;
  const { write } = process.stdout;
  const { write: writeError } = process.stderr;
  const keep = (stream: 'out' | 'err', text: unknown) => {
    run[stream] += String(text);
    return true;
  };
  console.log = (text: unknown) => void keep('out', `${text}\n`);
  console.error = (text: unknown) => void keep('err', `${text}\n`);
  process.stdout.write = (text: unknown) => keep('out', text);
  process.stderr.write = (text: unknown) => keep('err', text);
  try {
    await runCli(args, context);
  } finally {
    Object.assign(console, { log, error });
    process.stdout.write = write;
    process.stderr.write = writeError;
    run.code = Number(process.exitCode ?? 0);
    process.exitCode = undefined;
  }
  return run;
}
