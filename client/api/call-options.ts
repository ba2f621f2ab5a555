/** The settings of one operation. */
export interface CallOptions {
  /** Ends the operation. The promise then rejects with the signal's reason. A message that is being sent may still arrive. */
  signal?: AbortSignal | undefined;
}

/** Returns the signal of an operation. If the program passed no signal, returns one that is never aborted. */
export function signalOf({ signal }: CallOptions): AbortSignal {
  return signal ?? new AbortController().signal;
}

/**
 * Runs an operation, and rejects as soon as its signal is aborted. The SDK alone does not ensure this: it ignores the signal while it looks
 * for credentials or waits for its next attempt, and lookups that several operations share have no signal.
 * @throws the signal's reason, and the errors of the operation
 */
export async function untilAborted<Result>(
  options: CallOptions | undefined,
  operation: () => Promise<Result>,
): Promise<Result> {
  const signal = options?.signal;
  if (signal === undefined) return await operation();
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const end = () => reject(signal.reason);
  signal.addEventListener('abort', end, { once: true });
  try {
    return await Promise.race([operation(), aborted]);
  } finally {
    // A program may use one signal for all of its operations, so no listener may remain on it.
    signal.removeEventListener('abort', end);
  }
}
