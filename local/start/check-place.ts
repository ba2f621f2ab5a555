import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { explainError } from '../../client/explain-error.ts';
import { findRunningStack } from '../../client/stack-file.ts';
import { claimDataDirectory, LOCK_FILE } from '../../emulator/gateway/data-directory.ts';
import { LOOPBACK } from '../../emulator/gateway/gateway.ts';
import { whyNotUsable } from './data-format.ts';
import { codeOf, whyNotWritable } from './writable.ts';

/** The directory for everything that a stack writes: its package, its logs and the file with which other processes find it. */
export const WORK_DIRECTORY = '.greenroom';

export interface Place {
  /** Each problem is one line, and names its remedy. */
  problems: string[];
  isDataUsable: boolean;
}

/** Checks everything about the current directory and the machine that could prevent a stack from starting. */
export async function checkPlace({ port, dataDir }: { port?: number; dataDir?: string }): Promise<Place> {
  const data = dataDir === undefined ? undefined : dataProblem(dataDir);
  const problems = [
    await secondStackProblem(),
    port === undefined ? undefined : await portProblem(port),
    data,
    folderProblem(resolve(WORK_DIRECTORY), 'Start the stack in a directory that you can write to'),
  ];
  return { problems: problems.filter((problem) => problem !== undefined), isDataUsable: data === undefined };
}

/** Why the stack cannot write to a directory. @param remedy a sentence without its period */
export function folderProblem(folder: string, remedy: string): string | undefined {
  const reason = whyNotWritable(folder);
  return reason && `Cannot write to ${reason}. ${remedy}`;
}

/** A directory can have only one stack, because other processes find the stack through one file. */
async function secondStackProblem(): Promise<string | undefined> {
  const running = await findRunningStack();
  return (
    running &&
    `A stack is already running in this directory (process ${running.pid}, ${running.endpoint}): stop it first`
  );
}

async function portProblem(port: number): Promise<string | undefined> {
  const server = createServer();
  try {
    server.listen(port, LOOPBACK);
    await once(server, 'listening');
    return undefined;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EADDRINUSE') return `Port ${port} is in use: choose another one with --port`;
    if (code === 'EACCES') return `You have no permission to use port ${port}: choose one of at least 1024 with --port`;
    return `Port ${port} cannot be used (${explainError(error)}): choose another one with --port`;
  } finally {
    server.close();
  }
}

function dataProblem(dataDir: string): string | undefined {
  const reason = whyNotWritable(dataDir);
  if (reason !== undefined) return `Cannot keep data in ${reason}. Choose another directory with --data`;
  return whyNotUsable(dataDir) ?? lockProblem(dataDir);
}

function lockProblem(dataDir: string): string | undefined {
  if (!existsSync(join(dataDir, LOCK_FILE))) return undefined;
  try {
    claimDataDirectory(dataDir).release();
    return undefined;
  } catch (error) {
    return `${explainError(error)}: stop it first, or choose another directory with --data`;
  }
}
