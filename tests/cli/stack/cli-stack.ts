import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { connectLocally, type Deployment } from '../../../client/deployment.ts';
import { type Stack, startStack } from '../../../local/stack.ts';
import { templateFile } from '../../../local/start/make-package.ts';
import { createCommandRunner } from '../../support/command-runner.ts';
import { type RunningChild, startChild } from '../../support/run-child.ts';

const PROGRAM = resolve('dist/cli/greenroom.js');
const TEMPLATE = templateFile(resolve());

/** A calm embedded stack, and the command line in a working directory in which it finds the stack. */
export interface CliStack {
  stack: Stack;
  deployment: Deployment;
  cwd: string;
  /** Runs the command line as it is shipped: in a process of its own if it gets an input, otherwise in a process that runs many commands. */
  greenroom(args: string[], options?: { input?: string; cwd?: string; env?: Record<string, string> }): RunningChild;
  /** A working directory with the stack's file, as `npm start` writes it. */
  directoryWithStack(options?: { endpoint?: string }): string;
  emptyDirectory(): string;
  close(): Promise<void>;
}

/** @param options.templateFile a changed copy of the package */
export async function openCliStack({ templateFile = TEMPLATE } = {}): Promise<CliStack> {
  const stack = await startStack({ templateFile, seed: 1, calm: true, isolation: 'thread' });
  const { endpoint, outputs } = stack;
  const deployment = connectLocally({ endpoint, region: 'eu-west-1' });
  const directories: string[] = [];

  function emptyDirectory(): string {
    const directory = mkdtempSync(join(tmpdir(), 'greenroom-cli-'));
    directories.push(directory);
    return directory;
  }

  function directoryWithStack(changes: { endpoint?: string } = {}): string {
    const directory = emptyDirectory();
    mkdirSync(join(directory, '.greenroom'));
    const running = { endpoint, region: 'eu-west-1', pid: process.pid, outputs, ...changes };
    writeFileSync(join(directory, '.greenroom/stack.json'), JSON.stringify(running));
    return directory;
  }

  const cwd = directoryWithStack();
  const runner = createCommandRunner(PROGRAM);
  return {
    stack,
    deployment,
    cwd,
    greenroom: (args, options = {}) =>
      options.input === undefined
        ? runner.start(args, { cwd, ...options })
        : startChild([PROGRAM, ...args], { cwd, ...options }),
    directoryWithStack,
    emptyDirectory,
    async close() {
      deployment.close();
      await runner.close();
      await stack.stop();
      for (const directory of directories) rmSync(directory, { recursive: true });
    },
  };
}
