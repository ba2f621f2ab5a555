import type { Context } from 'aws-lambda';
import type { Clock } from './clock.ts';

/** The invocation is about to end. The next one continues the work. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
}

/** The deadline of one invocation. Times are epoch milliseconds. */
export interface Deadline {
  /** When Lambda ends the invocation. */
  endMs: number;
  /** When the signal is aborted. */
  stopMs: number;
  /** Aborted early enough that all work in progress can end and be awaited. */
  signal: AbortSignal;
  /** Call it when the work is done. */
  clear(): void;
}

/** The time at the end of an invocation that is reserved for returning messages to their queue and for the response. */
const WINDING_UP_MS = 2_000;

/**
 * Starts the deadline of one invocation. Do not use it in `Promise.race`: work that is still running would continue in the next invocation.
 * @param options.windingUpMs how long before the end the signal is aborted
 * @param options.reason the reason with which the signal is aborted
 */
export function startDeadline(
  context: Pick<Context, 'getRemainingTimeInMillis'>,
  { clock, windingUpMs, reason }: { clock: Clock; windingUpMs: number; reason: () => Error },
): Deadline {
  const nowMs = clock.nowMs();
  const endMs = nowMs + context.getRemainingTimeInMillis();
  const stopMs = endMs - windingUpMs;
  const stop = new AbortController();
  const done = new AbortController();
  clock.sleep(stopMs - nowMs, done.signal).then(
    () => stop.abort(reason()),
    () => undefined,
  );
  return { endMs, stopMs, signal: stop.signal, clear: () => done.abort() };
}

/** Runs `work` with a signal that is aborted two seconds before the function's timeout. */
export async function withDeadline<T>(
  context: Context,
  { clock }: { clock: Clock },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const reason = () => new DeadlineError('The time of this invocation is over');
  const deadline = startDeadline(context, { clock, windingUpMs: WINDING_UP_MS, reason });
  try {
    return await work(deadline.signal);
  } finally {
    deadline.clear();
  }
}
