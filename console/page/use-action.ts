import { useCallback, useState } from 'preact/hooks';

/** A change that the user has requested. */
export interface Action {
  isRunning: boolean;
  /** Why it failed. */
  problem?: string;
  run(work: () => Promise<void>): Promise<void>;
}

/** Runs one change at a time, and keeps the reason if it fails. */
export function useAction(): Action {
  const [state, setState] = useState<Omit<Action, 'run'>>({ isRunning: false });
  const run = useCallback(async (work: () => Promise<void>) => {
    setState({ isRunning: true });
    try {
      await work();
      setState({ isRunning: false });
    } catch (error) {
      setState({ isRunning: false, problem: error instanceof Error ? error.message : String(error) });
    }
  }, []);
  return { ...state, run };
}
