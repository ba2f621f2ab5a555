import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { CallError } from './call.ts';

/** The latest answer to a repeated call. After a failed call, the last answer stays, and `problem` says what is wrong. */
export interface Polled<Answer> {
  answer?: Answer;
  problem?: string;
  isSignedOut: boolean;
  /** Repeats the call now. */
  refresh(): void;
}

/**
 * Repeats a call while the page is visible.
 * @param read the call. If another function is passed, it is called at once, and answers to the former one are ignored
 */
export function usePolled<Answer>(read: (signal: AbortSignal) => Promise<Answer>, everyMs: number): Polled<Answer> {
  const [state, setState] = useState<Omit<Polled<Answer>, 'refresh'>>({ isSignedOut: false });
  const again = useRef<() => void>(() => undefined);
  const interval = useRef(everyMs);
  interval.current = everyMs;

  useEffect(() => {
    const ended = new AbortController();
    const { signal } = ended;
    let timer = 0;
    let isReading = false;

    async function poll(): Promise<void> {
      window.clearTimeout(timer);
      if (isReading || document.hidden) return;
      isReading = true;
      try {
        const answer = await read(signal);
        if (!signal.aborted) setState({ answer, isSignedOut: false });
      } catch (error) {
        if (signal.aborted) return;
        const problem = error instanceof Error ? error.message : String(error);
        const isSignedOut = error instanceof CallError && error.isSignedOut;
        setState(({ answer }) => ({ ...(answer !== undefined && { answer }), problem, isSignedOut }));
      } finally {
        isReading = false;
      }
      timer = window.setTimeout(poll, interval.current);
    }

    again.current = () => void poll();
    document.addEventListener('visibilitychange', poll, { signal });
    setState(({ isSignedOut }) => ({ isSignedOut }));
    void poll();
    return () => {
      ended.abort();
      window.clearTimeout(timer);
    };
  }, [read]);
  // The last answer stays while the interval changes.
  useEffect(() => again.current(), [everyMs]);

  return { ...state, refresh: useCallback(() => again.current(), []) };
}
