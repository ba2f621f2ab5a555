import { randomUUID } from 'node:crypto';
import type { LambdaDefinition } from './definitions.ts';
import { type Isolate, type Isolation, startIsolate } from './isolates.ts';
import { type FunctionError, type Report, type Request, reportSchema } from './protocol.ts';

export type InvocationResult =
  | { kind: 'ok'; payload: unknown }
  | { kind: 'function-error'; error: FunctionError }
  | { kind: 'timeout' }
  | { kind: 'crashed'; reason: string };

/** One execution environment: runs one invocation at a time, warm after the first. */
export interface ExecutionEnvironment {
  invoke(event: unknown): Promise<InvocationResult>;
  /** False once the environment has ended. It then accepts no further invocations. */
  readonly alive: boolean;
  readonly pid: number | undefined;
  terminate(): Promise<void>;
}

// https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html: the init phase is limited to 10 seconds.
const INIT_TIMEOUT_MS = 10_000;

interface Setting {
  isolation: Isolation;
  environment: Record<string, string>;
  onLog(line: string): void;
}

export function startExecutionEnvironment(definition: LambdaDefinition, setting: Setting): ExecutionEnvironment {
  const runtime = startRuntime(definition, setting);
  const initialised = runtime.nextReport(INIT_TIMEOUT_MS);
  const timeoutMs = definition.timeoutSeconds * 1000;

  return {
    async invoke(event) {
      const init = await initialised;
      if (init !== 'ready') {
        await runtime.end(init);
        return init;
      }
      const report = runtime.nextReport(timeoutMs);
      runtime.post({
        requestId: randomUUID(),
        event,
        functionName: definition.name,
        functionArn: definition.arn,
        memoryMb: definition.memoryMb,
        deadlineMs: Date.now() + timeoutMs,
      });
      const result = await report;
      if (result === 'ready') throw new Error('The runtime reported twice that it is ready');
      return result;
    },
    get alive() {
      return runtime.alive;
    },
    pid: runtime.pid,
    terminate: () => runtime.end({ kind: 'crashed', reason: 'stopped' }),
  };
}

/** The runtime in its isolate: it accepts requests and returns reports. */
function startRuntime({ memoryMb }: LambdaDefinition, { isolation, environment, onLog }: Setting) {
  let alive = true;
  let settle: ((result: InvocationResult | 'ready') => void) | undefined;
  /** Why the environment ends, if the runner ends it. */
  let ending: InvocationResult | undefined;

  const isolate: Isolate = startIsolate[isolation]({
    environment,
    memoryMb,
    onLine: onLog,
    onMessage(message) {
      // The function's own code can also post messages. Only reports are for the runner.
      const report = reportSchema.safeParse(message);
      if (alive && report.success) settle?.(resultOf(report.data));
    },
    onExit(reason) {
      alive = false;
      settle?.(ending ?? { kind: 'crashed', reason });
    },
  });

  /** Resolves when the code of the environment has stopped. Until then, the current invocation has not ended. */
  async function end(result: InvocationResult): Promise<void> {
    alive = false;
    ending ??= result;
    await isolate.terminate();
  }

  /** Waits for the next report. After `timeoutMs`, it ends the environment, even if its code is still running. */
  async function nextReport(timeoutMs: number): Promise<InvocationResult | 'ready'> {
    const { promise, resolve } = Promise.withResolvers<InvocationResult | 'ready'>();
    settle = resolve;
    if (!alive) resolve({ kind: 'crashed', reason: 'the environment had already ended' });
    const timer = setTimeout(() => void end({ kind: 'timeout' }), timeoutMs);
    return promise.finally(() => clearTimeout(timer));
  }

  return {
    post: (request: Request) => isolate.post(request),
    nextReport,
    end,
    pid: isolate.pid,
    get alive() {
      return alive;
    },
  };
}

function resultOf(report: Report): InvocationResult | 'ready' {
  switch (report.kind) {
    case 'ready':
      return 'ready';
    case 'ok':
      return { kind: 'ok', payload: report.payload };
    case 'error':
    case 'init-error':
      return { kind: 'function-error', error: report.error };
  }
}
