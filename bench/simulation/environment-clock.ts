import type { Clock } from '../../lib/platform/clock.ts';
import type { VirtualClock } from '../../simulation/virtual-clock.ts';

/** The clock of one modelled execution environment, which has a single thread. */
export interface EnvironmentClock extends Clock {
  /** Occupies the thread for this time. Waits that end in this time resume afterwards. */
  compute(ms: number): Promise<void>;
}

export function createEnvironmentClock(clock: VirtualClock): EnvironmentClock {
  let threadFreeAtMs = clock.nowMs();

  const until = (timeMs: number) =>
    new Promise<void>((resolve) => clock.after(timeMs - clock.nowMs(), () => resolve()));

  return {
    nowMs: clock.nowMs,
    async sleep(ms, signal) {
      await clock.sleep(ms, signal);
      while (threadFreeAtMs > clock.nowMs()) await until(threadFreeAtMs);
    },
    async compute(ms) {
      threadFreeAtMs = Math.max(clock.nowMs(), threadFreeAtMs) + ms;
      await until(threadFreeAtMs);
    },
  };
}
