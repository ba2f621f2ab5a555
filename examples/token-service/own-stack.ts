import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { findNearestStack, findRunningStack, type RunningStack } from '../../client/stack-file.ts';

const START = join(import.meta.dirname, '../../local/start.ts');
const LOOK_EVERY_MS = 250;

/** A local stack for one command. */
export interface StackInUse {
  stack: RunningStack;
  /** Whether the stack was started for this command, so that it may still be creating the rooms of the sample programme. */
  isNew: boolean;
  /** Stops the stack if it was started for this command. */
  release(): Promise<void>;
}

/** The stack that runs here or in a parent directory, or else a new one, with the sample programme. @throws Error if it does not start */
export async function useStack(): Promise<StackInUse> {
  const found = await findNearestStack(process.cwd());
  if (found) return { stack: found.stack, isNew: false, release: async () => undefined };
  console.error('No local stack is running here, so `npm start` runs in the background until there is a token…');
  const child = spawn(process.execPath, [START, '--calm'], { stdio: ['ignore', 'ignore', 'inherit'] });
  const stack = await startedBy(child);
  return { stack, isNew: true, release: () => interrupt(child) };
}

async function startedBy(child: ChildProcess): Promise<RunningStack> {
  while (child.exitCode === null && child.signalCode === null) {
    const stack = await findRunningStack();
    if (stack) return stack;
    await pause(LOOK_EVERY_MS);
  }
  throw new Error('`npm start` has ended, so there is no stack');
}

async function interrupt(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGINT');
  await ended;
}
