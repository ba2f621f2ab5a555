import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { REGIONS } from '../lib/contract/regions.ts';

const runningStackSchema = z.object({
  /** The endpoint of all emulated services. */
  endpoint: z.url(),
  region: z.enum(REGIONS),
  /** The id of the process that runs the stack. */
  pid: z.int(),
  /** The outputs of the template: queue URLs, the topic's ARN, table names. */
  outputs: z.record(z.string(), z.string()),
});

/** The data with which other processes find an embedded stack. */
export type RunningStack = z.infer<typeof runningStackSchema>;

/** The file in which `npm start` and `greenroom dev` store the endpoint of their stack. It is in their working directory. */
export const STACK_FILE = join('.greenroom', 'stack.json');

export function writeStackFile(stack: RunningStack): void {
  mkdirSync(dirname(STACK_FILE), { recursive: true });
  // The file is renamed only when it is complete, so that a process never reads a part of it.
  const unfinished = `${STACK_FILE}.${process.pid}`;
  writeFileSync(unfinished, `${JSON.stringify(stack, null, 2)}\n`);
  renameSync(unfinished, STACK_FILE);
}

export function removeStackFile(): void {
  rmSync(STACK_FILE, { force: true });
}

/** The embedded stack that was started in a directory; undefined if it is not running, or the file cannot be read. */
export async function findRunningStack(directory = '.'): Promise<RunningStack | undefined> {
  try {
    const stack = runningStackSchema.parse(JSON.parse(readFileSync(join(directory, STACK_FILE), 'utf8')));
    return (await isListening(stack.endpoint)) ? stack : undefined;
  } catch {
    return undefined;
  }
}

/** A running stack, and the directory in which it was started. */
export interface FoundStack {
  stack: RunningStack;
  directory: string;
}

/**
 * The embedded stack that was started in a directory or in the nearest of its parents, up to the home directory or the root. In parents, a
 * file that belongs to another user is ignored: it could direct requests to a program of that user.
 */
export async function findNearestStack(start: string, home = homedir()): Promise<FoundStack | undefined> {
  for (const directory of withParents(start, home)) {
    if (directory !== start && !isOwn(join(directory, STACK_FILE))) continue;
    const stack = await findRunningStack(directory);
    if (stack) return { stack, directory };
  }
  return undefined;
}

function withParents(directory: string, home: string): string[] {
  const parent = dirname(directory);
  return directory === home || directory === parent ? [directory] : [directory, ...withParents(parent, home)];
}

function isOwn(path: string): boolean {
  const owner = statSync(path, { throwIfNoEntry: false })?.uid;
  return owner !== undefined && (process.getuid === undefined || owner === process.getuid());
}

/** Whether a process listens at the endpoint. The process id does not show this, because a killed process may keep its id for a while. */
function isListening(endpoint: string): Promise<boolean> {
  const { hostname, port } = new URL(endpoint);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port) });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
