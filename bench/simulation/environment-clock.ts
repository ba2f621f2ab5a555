import type { Clock } from '../../lib/platform/clock.ts';
import type { VirtualClock } from '../../simulation/virtual-clock.ts';

/** The clock of one modelled execution environment, whose one thread does one thing after the other. */
export interface EnvironmentClock extends Clock {
  /** Uses the thread for so long; what is due meanwhile happens afterwards. */
  compute(ms: number): Promise<void>;
}

export function createEnvironmentClock(clock: VirtualClock): EnvironmentClock {
  let threadFreeAtMs = clock.nowMs();

  const at = (momentMs: number) =>
    new Promise<void>((resolve) => clock.after(momentMs - clock.nowMs(), () => resolve()));

  return {
    nowMs: clock.nowMs,
    async sleep(ms, signal) {
      await clock.sleep(ms, signal);
      while (threadFreeAtMs > clock.nowMs()) await at(threadFreeAtMs);
    },
    async compute(ms) {
      threadFreeAtMs = Math.max(clock.nowMs(), threadFreeAtMs) + ms;
      await at(threadFreeAtMs);
    },
  };
}
