import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Cost, type HandledTask, handledSchema, loadedSchema, type MeasuredTask } from './measured-task.ts';

const PROGRAM = fileURLToPath(new URL('../programs/measured-function.ts', import.meta.url));

export interface MeasuredProcess {
  loaded: Cost;
  handle(task: MeasuredTask): Promise<HandledTask>;
}

/**
 * Loads a function in a fresh process, and ends the process after `use`.
 * @param environment the whole environment of the process; the bundle is `index.cjs` in LAMBDA_TASK_ROOT
 * @throws Error with the end of the process's output if the process ends by itself
 */
export async function inFreshProcess<T>(
  environment: Record<string, string>,
  use: (process: MeasuredProcess) => Promise<T>,
): Promise<T> {
  const child = fork(PROGRAM, { env: environment, execArgv: [], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  const output: string[] = [];
  child.stderr?.on('data', (chunk) => output.push(String(chunk)));
  const ended = new AbortController();
  const exited = once(child, 'exit').then(() => ended.abort());
  const nextReport = async (): Promise<unknown> => {
    try {
      const [report] = await once(child, 'message', { signal: ended.signal });
      return report;
    } catch {
      throw new Error(`The measured process ended: ${output.join('').slice(-1_000)}`);
    }
  };
  try {
    const loaded = loadedSchema.parse(await nextReport());
    return await use({
      loaded,
      async handle(task) {
        child.send(task);
        return handledSchema.parse(await nextReport());
      },
    });
  } finally {
    if (child.connected) child.disconnect();
    await exited;
  }
}
