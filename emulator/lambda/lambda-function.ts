import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { devNull } from 'node:os';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import type { LambdaDefinition } from './definitions.ts';
import {
  type ExecutionEnvironment,
  type InvocationResult,
  startExecutionEnvironment,
} from './execution-environment.ts';
import type { Isolation } from './isolates.ts';
import { createTaskRoot } from './task-roots.ts';

export interface LambdaFunction {
  readonly definition: LambdaDefinition;
  /** Runs one event in a warm execution environment, or in a new one if all are busy. */
  invoke(event: unknown): Promise<InvocationResult>;
  /** The ids of its running processes; empty with thread isolation. */
  pids(): number[];
  /** Ends every execution environment, even if its code is still running. No new one starts after that. */
  stop(): Promise<void>;
  /** Removes the unpacked package at once, for a process that exits without `stop`. */
  removeFiles(): void;
}

export interface RunnerOptions {
  isolation: Isolation;
  region: string;
  /** The access key with which the function signs its requests. It identifies the function. */
  accessKeyId: string;
  /** Further variables, such as the endpoints. The function sees only these variables, its own and Lambda's. */
  extraEnvironment: Record<string, string>;
  onLog(functionName: string, line: string): void;
  /** Called after each invocation, with the time from the event to the result, including a cold start. */
  onInvocation?(functionName: string, durationMs: number): void;
  /** Whether the function's role may write to its log. If not, the lines are lost, as on AWS. Default: allowed */
  mayLog?(functionName: string): boolean;
}

/** Unpacks a function's package and runs it as Lambda does: cold starts on demand, warm reuse, one event at a time in each environment. */
export async function createLambdaFunction(
  definition: LambdaDefinition,
  options: RunnerOptions,
): Promise<LambdaFunction> {
  const taskRoot = await unpack(definition.artifact);
  const environment = environmentOf(definition, taskRoot, options);
  const { onLog: write, onInvocation, mayLog = () => true } = options;
  const onLog = (line: string) => {
    if (mayLog(definition.name)) write(definition.name, line);
  };
  const pool = createPool(() =>
    startExecutionEnvironment(definition, { isolation: options.isolation, environment, onLog }),
  );
  const removeFiles = () => rmSync(taskRoot, { recursive: true, force: true });
  let isStopped = false;

  return {
    definition,
    async invoke(event) {
      if (isStopped) return { kind: 'crashed', reason: 'stopped' };
      // Lambda itself writes lines at the start and the end of every invocation.
      mayLog(definition.name);
      // The event passes through JSON, as on AWS.
      const received: unknown = JSON.parse(JSON.stringify(event ?? null));
      const used = pool.take();
      const startedMs = performance.now();
      const result = await used.invoke(received);
      onInvocation?.(definition.name, performance.now() - startedMs);
      pool.giveBack(used);
      const problem = isStopped ? undefined : problemOf(result, definition);
      if (problem) onLog(JSON.stringify({ level: 'ERROR', ...problem }));
      return result;
    },
    pids: pool.pids,
    async stop() {
      isStopped = true;
      await pool.terminate();
      removeFiles();
    },
    removeFiles,
  };
}

/** The idle and busy execution environments. */
function createPool(start: () => ExecutionEnvironment) {
  const all = new Set<ExecutionEnvironment>();
  const idle: ExecutionEnvironment[] = [];

  return {
    /** A warm environment that is still alive, or a new one. */
    take(): ExecutionEnvironment {
      for (let warm = idle.pop(); warm; warm = idle.pop()) {
        if (warm.alive) return warm;
        all.delete(warm);
      }
      const started = start();
      all.add(started);
      return started;
    },
    giveBack(used: ExecutionEnvironment): void {
      if (used.alive) idle.push(used);
      else all.delete(used);
    },
    pids: () => [...all].flatMap(({ alive, pid }) => (alive && pid !== undefined ? pid : [])),
    async terminate(): Promise<void> {
      await Promise.all([...all].map((each) => each.terminate()));
      all.clear();
    },
  };
}

/** The line that Lambda itself writes to a function's log. */
function problemOf(result: InvocationResult, { timeoutSeconds }: LambdaDefinition): object | undefined {
  switch (result.kind) {
    case 'ok':
      return undefined;
    case 'function-error':
      return { message: 'The function failed', error: result.error };
    case 'timeout':
      return { message: `Task timed out after ${timeoutSeconds} seconds` };
    case 'crashed':
      return { message: `The function ended: ${result.reason}` };
  }
}

async function unpack(artifact: string): Promise<string> {
  const files = Object.entries(unzipSync(await readFile(artifact)));
  const taskRoot = createTaskRoot();
  for (const [name, content] of files.filter(([name]) => !name.endsWith('/'))) {
    mkdirSync(dirname(join(taskRoot, name)), { recursive: true });
    writeFileSync(join(taskRoot, name), content);
  }
  return taskRoot;
}

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html */
function environmentOf(
  { name, handler, memoryMb, environment }: LambdaDefinition,
  taskRoot: string,
  { region, accessKeyId, extraEnvironment }: RunnerOptions,
): Record<string, string> {
  return {
    ...environment,
    _HANDLER: handler,
    LAMBDA_TASK_ROOT: taskRoot,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: 'local',
    // The developer's own profile could change retries and endpoints.
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    TZ: ':UTC',
    ...extraEnvironment,
  };
}
