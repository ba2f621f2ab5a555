import { join } from 'node:path';
import * as z from 'zod';
import { connectLocally, type Deployment } from '../../client/deployment.ts';
import { explainError } from '../../client/explain-error.ts';
import { removeStackFile, writeStackFile } from '../../client/stack-file.ts';
import { UserError } from '../../client/user-error.ts';
import { REGIONS } from '../../lib/contract/regions.ts';
import { type Stack, type StackOptions, startStack } from '../stack.ts';
import { WORK_DIRECTORY } from './check-place.ts';
import { remedyFor, writeDataFormat } from './data-format.ts';
import { type FunctionLogs, openFunctionLogs } from './function-logs.ts';

export interface UserStackOptions
  extends Pick<
    StackOptions,
    'templateFile' | 'seed' | 'calm' | 'isolation' | 'port' | 'dataDir' | 'enforcePolicies' | 'schedules'
  > {
  /** Called when a stack that had started has stopped. */
  onStopped?(): void;
}

/** A stack that a user has started, and that other processes find through the file in its directory. */
export interface UserStack {
  stack: Stack;
  deployment: Deployment;
  logs: FunctionLogs;
}

/** The directory for the logs of a stack. */
export function logDirectory(dataDir: string | undefined): string {
  return join(dataDir ?? WORK_DIRECTORY, 'logs');
}

/**
 * Starts the stack in the current directory, and stops it when `use` has ended.
 * @throws UserError if the stack cannot start with the data in the directory
 */
export async function withStack<Result>(
  options: UserStackOptions,
  use: (started: UserStack) => Promise<Result>,
): Promise<Result> {
  const { dataDir } = options;
  const logs = openFunctionLogs(logDirectory(dataDir));
  if (dataDir !== undefined) writeDataFormat(dataDir);
  const stack = await openStack(options, logs);
  const { endpoint, outputs } = stack;
  const region = z.enum(REGIONS).parse(stack.region);
  const deployment = connectLocally({ endpoint, region });
  try {
    writeStackFile({ endpoint, region, pid: process.pid, outputs });
    return await use({ stack, deployment, logs });
  } finally {
    removeStackFile();
    deployment.close();
    await stack.stop();
    options.onStopped?.();
  }
}

async function openStack(options: UserStackOptions, logs: FunctionLogs): Promise<Stack> {
  const { dataDir } = options;
  try {
    return await startStack({
      ...options,
      onDenied: ({ caller, action, resource }) => logs.writeError(`${caller} may not call ${action} on ${resource}`),
      onLog: logs.write,
      onError: logs.writeError,
    });
  } catch (error) {
    if (dataDir === undefined) throw error;
    const reason = explainError(error);
    throw new UserError(`The stack cannot start with the data in ${dataDir} (${reason}). ${remedyFor(dataDir)}`, {
      cause: error,
    });
  }
}
