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
  /** Aborted early enough for all work in progress to end and to be awaited. */
  signal: AbortSignal;
  /** Call it when the work is done. */
  clear(): void;
}

/** Reserved at the end of an invocation, for returning messages to their queue and for the response. */
const WINDING_UP_MS = 2_000;

/**
 * Starts the deadline of one invocation. Always await the work itself. If the handler returned earlier, for example after a Promise.race
 * with the signal, the rest of the work would run in the next invocation.
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
  const reason = () => new DeadlineError('This invocation has run out of time');
  const deadline = startDeadline(context, { clock, windingUpMs: WINDING_UP_MS, reason });
  try {
    return await work(deadline.signal);
  } finally {
    deadline.clear();
  }
}
