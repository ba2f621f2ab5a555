/** The settings of one operation. */
export interface CallOptions {
  /** Ends the operation. The promise then rejects with the signal's reason, or with the SDK's AbortError. */
  signal?: AbortSignal | undefined;
}

/** The signal of an operation; one that is never aborted if the program has given none. */
export function signalOf({ signal }: CallOptions): AbortSignal {
  return signal ?? new AbortController().signal;
}
