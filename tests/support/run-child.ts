import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import type { Readable } from 'node:stream';

/** A Node process under test, with its output so far. */
export interface RunningChild {
  process: ChildProcess;
  readonly stdout: string;
  readonly stderr: string;
  /** Resolves when the output on stdout and stderr matches. Rejects if the process ends first. */
  printed(pattern: RegExp): Promise<void>;
  /** Resolves with the exit code or the name of the signal when the process has ended and its output is complete. */
  ended: Promise<number | NodeJS.Signals | null>;
}

/** Starts `node SCRIPT ARGS…`. `input` is its standard input, and `env` is added to its environment. */
export function startChild(
  args: string[],
  { cwd, input, env = {} }: { cwd: string; input?: string; env?: Record<string, string> },
): RunningChild {
  const child = spawn(process.execPath, args, {
    cwd,
    stdio: 'pipe',
    env: { ...process.env, NODE_OPTIONS: '', ...env },
  });
  // The process may end without reading its input.
  child.stdin.on('error', () => undefined).end(input);
  return watchOutput(child, { ended: closed(child), stdout: child.stdout, stderr: child.stderr });
}

/** Resolves with the exit code or the name of the signal when a process has ended and its output is complete. */
export function closed(child: ChildProcess): RunningChild['ended'] {
  return once(child, 'close').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals | null);
}

/** Collects what a process prints on these streams. */
export function watchOutput(
  child: ChildProcess,
  { ended, stdout, stderr }: { ended: RunningChild['ended']; stdout: Readable; stderr: Readable },
): RunningChild {
  const output = { stdout: '', stderr: '' };
  const changes = new EventEmitter();
  stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
    changes.emit('output');
  });
  stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
    changes.emit('output');
  });
  return {
    process: child,
    get stdout() {
      return output.stdout;
    },
    get stderr() {
      return output.stderr;
    },
    async printed(pattern) {
      const isPrinted = () => pattern.test(output.stdout + output.stderr);
      while (!isPrinted()) {
        const event = await Promise.race([once(changes, 'output'), ended.then(() => 'ended')]);
        if (event === 'ended' && !isPrinted())
          throw new Error(`Ended without printing ${pattern}:\n${output.stdout}${output.stderr}`);
      }
    },
    ended,
  };
}
