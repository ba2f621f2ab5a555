import type { Clock } from '../lib/platform/clock.ts';

/**
 * Starts a time limit, measured by the command's clock.
 * @returns `ended`: aborted when the time limit is reached, unless `stop` is called first
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
