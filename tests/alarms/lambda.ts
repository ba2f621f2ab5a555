import type { Context } from 'aws-lambda';
import * as z from 'zod';
import type { createLambdaMetrics } from '../../simulation/cloudwatch/lambda-metrics.ts';
import type { VirtualClock } from '../../simulation/virtual-clock.ts';
import type { Handler } from './functions.ts';
import type { Logs } from './logs.ts';

/** The faults of the invocations of a function. */
export type Fate = 'works' | 'crashes' | 'hangs' | 'is throttled';

export interface SimulatedFunction {
  name: string;
  timeoutMs: number;
  fate: Fate;
  /** Whether a message with this body crashes the process that handles it. */
  crashesOn(body: string): boolean;
  /** Creates an execution environment. */
  coldStart(): Handler;
  /** Creates an execution environment in which the first call to AWS, except to SQS, is never answered. */
  coldStartToDie(): Handler;
  /** The idle execution environments. */
  warm: Handler[];
}

/** `undefined`: the invocation failed or did not begin. */
export type Result = { payload: unknown } | undefined;

const batchSchema = z.object({ Records: z.array(z.object({ body: z.string() })).default([]) });

const CRASH_MS = 100;
const NEVER = new AbortController().signal;

/** Runs invocations as Lambda does, in virtual time, and measures them. */
export function createInvoker(time: VirtualClock, metrics: ReturnType<typeof createLambdaMetrics>, logs: Logs) {
  async function run(called: SimulatedFunction, event: unknown): Promise<Result> {
    if (called.fate === 'crashes') return time.sleep(CRASH_MS, NEVER).then(() => undefined);
    if (called.fate === 'hangs') return time.sleep(called.timeoutMs, NEVER).then(() => undefined);
    const endMs = time.nowMs() + called.timeoutMs;
    const context = { getRemainingTimeInMillis: () => Math.max(0, endMs - time.nowMs()) } as Context;
    if (bodiesOf(event).some(called.crashesOn)) {
      void called.coldStartToDie()(event, context);
      await time.sleep(CRASH_MS, NEVER);
      logs.write(called.name, 'RequestId: 1 Error: Runtime exited with error: signal: killed Runtime.ExitError');
      return undefined;
    }
    const handler = called.warm.pop() ?? called.coldStart();
    const over = new AbortController();
    const timedOut = time.sleep(called.timeoutMs, over.signal).then(
      () => undefined,
      () => undefined,
    );
    try {
      return await Promise.race([handler(event, context).then((payload) => ({ payload })), timedOut]);
    } catch {
      return undefined;
    } finally {
      over.abort();
      called.warm.push(handler);
    }
  }

  return async (called: SimulatedFunction, event: unknown): Promise<Result> => {
    const startedMs = time.nowMs();
    // "Lambda continues to retry the message until the message's timestamp exceeds your queue's visibility timeout, at which point Lambda
    // drops the message": https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html. AWS does not document how often: at
    // least once.
    if (called.fate === 'is throttled') {
      metrics.throttled(called.name, startedMs);
      return undefined;
    }
    const result = await run(called, event);
    const durationMs = time.nowMs() - startedMs;
    logs.write(called.name, `REPORT RequestId: 1 Duration: ${durationMs} ms Max Memory Used: 100 MB`);
    metrics.invoked({ functionName: called.name, startedMs, durationMs, failed: result === undefined });
    return result;
  };
}

/** The bodies of the messages of a batch. */
function bodiesOf(event: unknown): string[] {
  return batchSchema.parse(event).Records.map(({ body }) => body);
}
