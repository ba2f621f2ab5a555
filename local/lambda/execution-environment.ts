import { randomUUID } from 'node:crypto';
import type { LambdaDefinition } from './definitions.ts';
import { type Isolate, type Isolation, startIsolate } from './isolates.ts';
import { type FunctionError, type Report, reportSchema } from './protocol.ts';

export type InvocationResult =
  | { kind: 'ok'; payload: unknown }
  | { kind: 'function-error'; error: FunctionError }
  | { kind: 'timeout' }
  | { kind: 'crashed'; reason: string };

/** One execution environment: runs one invocation at a time, warm after the first. */
export interface ExecutionEnvironment {
  invoke(event: unknown): Promise<InvocationResult>;
  /** False once it has ended; it is not to be used again then. */
  readonly alive: boolean;
  readonly pid: number | undefined;
  terminate(): Promise<void>;
}

// https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html: the init phase is limited to 10 seconds.
const INIT_TIMEOUT_MS = 10_000;

export function startExecutionEnvironment(
  definition: LambdaDefinition,
  {
    isolation,
    environment,
    onLog,
  }: { isolation: Isolation; environment: Record<string, string>; onLog(line: string): void },
): ExecutionEnvironment {
  let alive = true;
  let settle: ((result: InvocationResult | 'ready') => void) | undefined;
  /** What it ends of, if it does not end by itself. */
  let ending: InvocationResult | undefined;

  function finish(result: InvocationResult | 'ready'): void {
    settle?.(result);
    settle = undefined;
  }

  const isolate: Isolate = startIsolate[isolation]({
    environment,
    memoryMb: definition.memoryMb,
    onLine: onLog,
    onMessage(message) {
      // The function's own code can post as well; only a report is for us.
      const report = reportSchema.safeParse(message);
      if (alive && report.success) finish(resultOf(report.data));
    },
    onExit(reason) {
      alive = false;
      finish(ending ?? { kind: 'crashed', reason });
    },
  });

  /** Nothing of it is at work any more when this resolves, and only then is the invocation under way over. */
  async function end(result: InvocationResult): Promise<void> {
    alive = false;
    ending ??= result;
    await isolate.terminate();
  }

  /** Waits for the next report, but no longer than this: then the environment is ended in the middle of whatever it does. */
  async function nextReport(timeoutMs: number): Promise<InvocationResult | 'ready'> {
    const { promise, resolve } = Promise.withResolvers<InvocationResult | 'ready'>();
    settle = resolve;
    if (!alive) finish({ kind: 'crashed', reason: 'it had ended before' });
    const timer = setTimeout(() => void end({ kind: 'timeout' }), timeoutMs);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
    }
  }

  const initialised = nextReport(INIT_TIMEOUT_MS);

  return {
    async invoke(event) {
      const init = await initialised;
      if (init !== 'ready') {
        await end(init);
        return init;
      }
      const report = nextReport(definition.timeoutSeconds * 1000);
      isolate.post({
        requestId: randomUUID(),
        event,
        functionName: definition.name,
        functionArn: definition.arn,
        memoryMb: definition.memoryMb,
        deadlineMs: Date.now() + definition.timeoutSeconds * 1000,
      });
      const result = await report;
      if (result === 'ready') throw new Error('The runtime said twice that it is ready');
      return result;
    },
    get alive() {
      return alive;
    },
    pid: isolate.pid,
    terminate: () => end({ kind: 'crashed', reason: 'stopped' }),
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
