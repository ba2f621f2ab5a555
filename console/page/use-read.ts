import { useEffect, useState } from 'preact/hooks';

/** The answer to a call that is made once. */
export interface Read<Answer> {
  answer?: Answer;
  problem?: string;
}

/**
 * Makes a call once.
 * @param read undefined: no call. If another function is passed, it is called at once, and the answer to the former one is ignored
 */
export function useRead<Answer>(read: ((signal: AbortSignal) => Promise<Answer>) | undefined): Read<Answer> {
  const [state, setState] = useState<Read<Answer>>({});
  useEffect(() => {
    setState({});
    if (read === undefined) return;
    const ended = new AbortController();
    read(ended.signal).then(
      (answer) => !ended.signal.aborted && setState({ answer }),
      (error: unknown) =>
        !ended.signal.aborted && setState({ problem: error instanceof Error ? error.message : String(error) }),
    );
    return () => ended.abort();
  }, [read]);
  return state;
}
