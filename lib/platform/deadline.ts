import type { Context } from 'aws-lambda';
import type { Clock } from './clock.ts';

// What remains after the abort: to give messages back to their queue, and to answer.
const WINDING_UP_MS = 2_000;

/** The invocation comes to its end; what is not done is done by the next one. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
}

/** Runs `work` with a signal that is aborted shortly before the function's time-out. */
export async function withDeadline<T>(
  context: Context,
  { clock }: { clock: Clock },
  work: (signal: AbortSignal, stopMs: number) => Promise<T>,
): Promise<T> {
  const stopMs = clock.nowMs() + context.getRemainingTimeInMillis() - WINDING_UP_MS;
  const stop = new AbortController();
  const done = new AbortController();
  clock.sleep(stopMs - clock.nowMs(), done.signal).then(
    () => stop.abort(new DeadlineError('The time of this invocation is over')),
    () => undefined,
  );
  try {
    return await work(stop.signal, stopMs);
  } finally {
    done.abort();
  }
}
