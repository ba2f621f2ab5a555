import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { closed, type RunningChild, watchOutput } from './run-child.ts';
import type { Run } from './run-commands.ts';

const RUNNER = join('tests', 'support', 'run-commands.ts');

/** Runs one program many times, without loading its packages each time. */
export interface CommandRunner {
  /** Like `startChild([PROGRAM, ...args])`, but a run ends when the program's main function ends. A run does not prove that the process would end. */
  start(args: string[], options: { cwd: string; env?: Record<string, string> }): RunningChild;
  close(): Promise<void>;
}

interface Runner {
  child: ChildProcess;
  closed: RunningChild['ended'];
  stdout: Readable;
  stderr: Readable;
}

/** Each process of the runner runs one command at a time. There are as many processes as commands that run at the same time. */
export function createCommandRunner(program: string): CommandRunner {
  const idle: Runner[] = [];
  const all = new Set<Runner>();

  function startRunner(): Runner {
    const child = fork(RUNNER, [program], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], execArgv: [] });
    const runner = { child, closed: closed(child), stdout: child.stdout ?? absent(), stderr: child.stderr ?? absent() };
    all.add(runner);
    child.once('exit', () => all.delete(runner));
    return runner;
  }

  return {
    start(args, { cwd, env = {} }) {
      const runner = idle.pop() ?? startRunner();
      const { child } = runner;
      const mark = `\0${randomUUID()}\0`;
      const stdout = untilMark(runner.stdout, mark);
      const stderr = untilMark(runner.stderr, mark);
      const finished = Promise.all([once(child, 'message'), once(stdout, 'end'), once(stderr, 'end')]).then(
        ([[code]]) => {
          idle.push(runner);
          return code as number;
        },
      );
      const run: Run = { args, cwd, env: { ...process.env, NODE_OPTIONS: '', ...env }, mark };
      child.send(run);
      return watchOutput(child, { ended: Promise.race([finished, runner.closed]), stdout, stderr });
    },
    async close() {
      for (const { child } of all) child.kill('SIGKILL');
      await Promise.all([...all].map((runner) => runner.closed));
    },
  };
}

function absent(): never {
  throw new Error('The process has no pipe');
}

/** The text of a stream until a mark. The mark comes last, so that the next run reads the rest of the stream. */
function untilMark(source: Readable, mark: string): Readable {
  const text = new PassThrough();
  let held = Buffer.alloc(0);
  function onData(chunk: Buffer): void {
    held = Buffer.concat([held, chunk]);
    const end = held.indexOf(mark);
    if (end === -1) {
      // The end of what has arrived may be the beginning of the mark.
      const safe = Math.max(0, held.length - mark.length);
      const from = held.indexOf(0, safe);
      const cut = from === -1 ? held.length : from;
      text.write(held.subarray(0, cut));
      held = held.subarray(cut);
      return;
    }
    source.off('data', onData).off('end', onEnd);
    text.end(held.subarray(0, end));
  }
  function onEnd(): void {
    text.end(held);
  }
  source.on('data', onData).on('end', onEnd);
  return text;
}
