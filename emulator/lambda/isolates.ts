import { fork } from 'node:child_process';
import { extname } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

/** A thread or process in which a function's code runs, separate from the runner, with its own memory and environment. */
export interface Isolate {
  post(message: object): void;
  /** Ends the isolate immediately, even if its code is still running. */
  terminate(): Promise<void>;
  /** The process id, if the isolate is a process. */
  pid?: number;
}

export interface IsolateSetting {
  environment: Record<string, string>;
  /** The limit of the JavaScript heap. Lambda's own limit also covers buffers and code. */
  memoryMb: number;
  onMessage(message: unknown): void;
  onLine(line: string): void;
  /** Called once, when the isolate has ended or was terminated. */
  onExit(reason: string): void;
}

export type Isolation = 'thread' | 'process';

// The files of the emulator and of the runtime have the same extension, even in a bundle.
const RUNTIME = new URL(`./runtime${extname(import.meta.filename)}`, import.meta.url);

export const startIsolate: Record<Isolation, (setting: IsolateSetting) => Isolate> = {
  /** A worker thread: cheap, and `terminate` can end it at any instruction. */
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

  /** A process: it can be killed by a signal, and its memory and processor time can be measured. */
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
      // A process that could not start emits this event instead of an exit event.
      child.once('error', (error) => end(String(error)));
    });
    child.on('message', onMessage);
    readLines([child.stdout, child.stderr], onLine);
    return {
      // Posting to a process that has just ended fails. Its exit event reports the end, so the failure is ignored.
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
