import type { Clock } from '../lib/platform/clock.ts';

/**
 * Measures a time limit with the clock of the command.
 * @returns `ended`: aborted when the time limit is reached, unless `stop` was called before
 */
export function startTimeout(seconds: number, clock: Clock): { ended: AbortSignal; stop(): void } {
  const ending = new AbortController();
  const stopping = new AbortController();
  clock.sleep(seconds * 1_000, stopping.signal).then(
    () => ending.abort(),
    () => undefined,
  );
  return { ended: ending.signal, stop: () => stopping.abort() };
}
