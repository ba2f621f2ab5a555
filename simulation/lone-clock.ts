import type { Clock } from '../lib/platform/clock.ts';
import type { VirtualClock } from './virtual-clock.ts';

export interface LoneClock extends Clock {
  /** How many waits are open; each lasts until it is aborted. */
  openWaits(): number;
}

/**
 * A clock for code whose promise a test or benchmark awaits. The virtual clock does not run during that time, so a wait on it would never
 * end. A wait on this clock ends immediately, unless it is longer than `longestMs`. A longer wait is a deadline, and lasts until it is
 * aborted.
 * @param movesTime whether a wait advances the virtual clock by its length; otherwise waits take no virtual time
 */
export function createLoneClock(
  time: VirtualClock,
  { longestMs, movesTime }: { longestMs: number; movesTime: boolean },
): LoneClock {
  let openWaits = 0;
  return {
    openWaits: () => openWaits,
    nowMs: time.nowMs,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        if (ms > longestMs) {
          openWaits += 1;
          const onAbort = () => {
            openWaits -= 1;
            reject(signal.reason);
          };
          return signal.addEventListener('abort', onAbort, { once: true });
        }
        // Time does not advance here, so code that waits in a loop until a given time must let other code run.
        if (!movesTime) return setImmediate(resolve);
        time.pass(ms);
        return resolve();
      }),
  };
}
