import type { Clock } from '../lib/platform/clock.ts';
import type { VirtualClock } from './virtual-clock.ts';

export interface LoneClock extends Clock {
  /** How many waits go on until they are aborted. */
  openWaits(): number;
}

/**
 * The clock of code that a test awaits to its end. Nobody runs the virtual clock meanwhile, so a wait on that would never end;
 * here it is over at once. Only waits beyond `longestMs` go on until they are aborted: they are deadlines.
 * @param movesTime whether a wait moves the virtual clock by its length; otherwise whatever is done takes no time
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
        if (!movesTime) return setImmediate(resolve); // Where time stands still, a loop of waits must let others run.
        time.pass(ms);
        return resolve();
      }),
  };
}
