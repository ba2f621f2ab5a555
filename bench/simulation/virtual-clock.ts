import type { Clock } from '../../lib/platform/clock.ts';
import type { VirtualTime } from '../../simulation/virtual-time.ts';

/** The clock of one modelled execution environment, whose one thread does one thing after the other. */
export interface EnvironmentClock extends Clock {
  /** Uses the thread for so long; what is due meanwhile happens afterwards. */
  compute(ms: number): Promise<void>;
}

export function createEnvironmentClock(time: VirtualTime): EnvironmentClock {
  let threadFreeAtMs = time.nowMs;

  const at = (moment: number) => new Promise<void>((resolve) => time.after(moment - time.nowMs, () => resolve()));

  async function thread(): Promise<void> {
    while (threadFreeAtMs > time.nowMs) await at(threadFreeAtMs);
  }

  return {
    nowMs: () => time.nowMs,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const onAbort = () => {
          event.cancelled = true;
          reject(signal.reason);
        };
        const event = time.after(ms, () => {
          signal.removeEventListener('abort', onAbort);
          thread().then(resolve, reject);
        });
        signal.addEventListener('abort', onAbort, { once: true });
      }),
    async compute(ms) {
      const beginsMs = Math.max(time.nowMs, threadFreeAtMs);
      threadFreeAtMs = beginsMs + ms;
      await at(threadFreeAtMs);
    },
  };
}
