import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { REGIONS } from '../contract/regions.ts';

const runningStackSchema = z.object({
  /** Of all emulated services. */
  endpoint: z.url(),
  region: z.enum(REGIONS),
  /** Of the process that runs it. */
  pid: z.int(),
  /** The outputs of the template: queue URLs, the topic's ARN, table names. */
  outputs: z.record(z.string(), z.string()),
});

/** An embedded stack as others find it. */
export type RunningStack = z.infer<typeof runningStackSchema>;

/** Where `npm start` says in its working directory how it is reached. */
export const STACK_FILE = join('.greenroom', 'stack.json');

export function writeStackFile(stack: RunningStack): void {
  mkdirSync(dirname(STACK_FILE), { recursive: true });
  // Whoever reads meanwhile finds the whole of it or nothing.
  const unfinished = `${STACK_FILE}.${process.pid}`;
  writeFileSync(unfinished, `${JSON.stringify(stack, null, 2)}\n`);
  renameSync(unfinished, STACK_FILE);
}

export function removeStackFile(): void {
  rmSync(STACK_FILE, { force: true });
}

/** The embedded stack that was started in this working directory, if its process lives. What can't be read is no stack's. */
export function readStackFile(): RunningStack | undefined {
  try {
    const stack = runningStackSchema.parse(JSON.parse(readFileSync(STACK_FILE, 'utf8')));
    return isAlive(stack.pid) ? stack : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // It lives, and belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
