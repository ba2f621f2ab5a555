import { fork } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

/** Where a function's code runs: apart from the runner, with memory and environment of its own. */
export interface Isolate {
  post(message: object): void;
  /** Ends it at once, whatever it is doing. */
  terminate(): Promise<void>;
  /** The process, if it is one of its own. */
  pid?: number;
}

export interface IsolateSetting {
  environment: Record<string, string>;
  /** For the JavaScript heap; Lambda counts buffers and code as well. */
  memoryMb: number;
  onMessage(message: unknown): void;
  onLine(line: string): void;
  /** Called once, when it has ended by itself or by `terminate`. */
  onExit(reason: string): void;
}

export type Isolation = 'thread' | 'process';

const RUNTIME = new URL('./runtime.ts', import.meta.url);

export const startIsolate: Record<Isolation, (setting: IsolateSetting) => Isolate> = {
  /** A worker thread: cheap, and ended at any instruction by `terminate`. */
  thread({ environment, memoryMb, onMessage, onLine, onExit }) {
    const worker = new Worker(RUNTIME, {
      env: environment,
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: memoryMb },
      stdout: true,
      stderr: true,
    });
    let reason: string | undefined;
    worker.on('message', onMessage);
    worker.on('error', (error) => {
      reason = String(error);
    });
    worker.on('exit', (code) => onExit(reason ?? `exit code ${code}`));
    readLines([worker.stdout, worker.stderr], onLine);
    return {
      post: (message) => worker.postMessage(message),
      terminate: async () => {
        await worker.terminate();
      },
    };
  },

  /** A process: what is killed is really dead, and what it uses can be measured. */
  process({ environment, memoryMb, onMessage, onLine, onExit }) {
    const child = fork(fileURLToPath(RUNTIME), {
      env: environment,
      execArgv: [`--max-old-space-size=${memoryMb}`],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const exited = new Promise<void>((resolve) => {
      const end = (reason: string) => {
        onExit(reason);
        resolve();
      };
      child.once('exit', (code, signal) => end(signal === null ? `exit code ${code}` : `signal ${signal}`));
      // Only then is there no exit: it never began.
      child.once('error', (error) => end(String(error)));
    });
    child.on('message', onMessage);
    readLines([child.stdout, child.stderr], onLine);
    return {
      // A process that has just died cannot be posted to; its exit tells.
      post: (message) => child.send(message, () => undefined),
      terminate: async () => {
        child.kill('SIGKILL');
        await exited;
      },
      ...(child.pid !== undefined && { pid: child.pid }),
    };
  },
};

function readLines(streams: (Readable | null)[], onLine: (line: string) => void): void {
  for (const input of streams) if (input) createInterface({ input }).on('line', onLine);
}
