import type { Context } from 'aws-lambda';
import type { Clock } from './clock.ts';

/** The invocation is about to end; the next one does what is not done. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
}

/** The deadline of one invocation. Times are epoch milliseconds. */
export interface Deadline {
  /** When Lambda ends the invocation. */
  endMs: number;
  /** When the signal is aborted. */
  stopMs: number;
  /** Aborted in time for everything that was begun to be brought to an end and awaited. */
  signal: AbortSignal;
  /** To be called when the work is done. */
  clear(): void;
}

/** How much of an invocation is kept for giving messages back to their queue and answering. */
const WINDING_UP_MS = 2_000;

/**
 * Starts the deadline of one invocation. Nothing races it, because whatever is left running goes on in the next invocation.
 * @param options.windingUpMs how long before the end the signal is aborted
 * @param options.reason what the signal is aborted with
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

/** Runs `work` with a signal that is aborted two seconds before the function's time-out. */
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
