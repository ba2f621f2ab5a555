import { useEffect, useState } from 'preact/hooks';

/** The answer to a call that is made once. */
export interface Read<Answer> {
  answer?: Answer;
  problem?: string;
}

/** Makes a call once. @param read undefined: no call. A different function is called at once, and the answer of the former one is dropped */
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
