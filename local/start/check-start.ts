import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { explainError } from '../../client/explain-error.ts';
import { findRunningStack } from '../../client/stack-file.ts';
import { claimDataDirectory, LOCK_FILE } from '../../emulator/gateway/data-directory.ts';
import { LOOPBACK } from '../../emulator/gateway/gateway.ts';
import { whyNotUsable } from './data-format.ts';
import { requirePackage } from './make-package.ts';
import type { StartOptions } from './options.ts';
import { readRequestSource } from './request-source.ts';
import type { RequestSource } from './run-record.ts';
import { codeOf, whyNotWritable } from './writable.ts';

/** The directory for everything that a stack writes: its package, its logs and the file with which other processes find it. */
export const WORK_DIRECTORY = '.greenroom';

export type Checked =
  | { kind: 'ready'; source: RequestSource | undefined }
  /** Each problem is one line that names the remedy. */
  | { kind: 'problems'; problems: string[] };

/**
 * Checks everything that could prevent the start, before the slow build begins: another stack, the package, the port, the
 * directories and the file with the requests.
 *
 * The file is read only here, because it may be a pipe (`--file <(…)`).
 * @param root the repository
 */
export async function checkStart(root: string, options: StartOptions): Promise<Checked> {
  const { port, dataDir, build } = options;
  const folders = new Set([
    resolve(WORK_DIRECTORY),
    ...(build ? [join(root, WORK_DIRECTORY), join(root, 'dist')] : []),
  ]);
  const data = dataDir === undefined ? undefined : dataProblem(dataDir);
  const requests = await readRequests(root, data === undefined ? options : { ...options, dataDir: undefined });
  const problems = [
    await secondStackProblem(),
    build ? undefined : packageProblem(root),
    port === undefined ? undefined : await portProblem(port),
    data,
    ...[...folders].map(folderProblem),
    requests.problem,
  ].filter((problem) => problem !== undefined);
  return problems.length > 0 ? { kind: 'problems', problems } : { kind: 'ready', source: requests.source };
}

/** A directory can have only one stack, because other processes find the stack through one file. */
async function secondStackProblem(): Promise<string | undefined> {
  const running = await findRunningStack();
  return (
    running &&
    `A stack is already running in this directory (process ${running.pid}, ${running.endpoint}): stop it first`
  );
}

function packageProblem(root: string): string | undefined {
  try {
    requirePackage(root);
    return undefined;
  } catch (error) {
    return explainError(error);
  }
}

async function portProblem(port: number): Promise<string | undefined> {
  const server = createServer();
  try {
    server.listen(port, LOOPBACK);
    await once(server, 'listening');
    return undefined;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EADDRINUSE') return `Port ${port} is in use: name another with --port`;
    if (code === 'EACCES') return `You have no permission to use port ${port}: name one of at least 1024 with --port`;
    return `Port ${port} cannot be used (${explainError(error)}): name another with --port`;
  } finally {
    server.close();
  }
}

function dataProblem(dataDir: string): string | undefined {
  const reason = whyNotWritable(dataDir);
  if (reason !== undefined) return `Cannot keep data in ${reason}. Name another directory with --data`;
  return whyNotUsable(dataDir) ?? lockProblem(dataDir);
}

function lockProblem(dataDir: string): string | undefined {
  if (!existsSync(join(dataDir, LOCK_FILE))) return undefined;
  try {
    claimDataDirectory(dataDir).release();
    return undefined;
  } catch (error) {
    return `${explainError(error)}: stop it first, or name another directory with --data`;
  }
}

function folderProblem(folder: string): string | undefined {
  const reason = whyNotWritable(folder);
  return reason && `Cannot write to ${reason}. Use a copy of the repository that you can write to`;
}

async function readRequests(
  root: string,
  { file, dataDir }: Pick<StartOptions, 'file'> & { dataDir?: string | undefined },
): Promise<{ source?: RequestSource | undefined; problem?: string }> {
  try {
    const from = { ...(file !== undefined && { file }), ...(dataDir !== undefined && { dataDir }) };
    return { source: await readRequestSource(root, from) };
  } catch (error) {
    return { problem: explainError(error) };
  }
}
