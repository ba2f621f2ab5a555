import type { Clock } from '../../lib/platform/clock.ts';

interface Sleeper {
  atMs: number;
  wake(): void;
}

export interface SteppingClock extends Clock {
  /** Lets time pass: from one sleeper's moment to the next, up to `untilMs`; in between, all code runs until it waits again. */
  runTo(untilMs: number): Promise<void>;
}

/** A clock that stands still until it is told to run, and then skips what nobody waits for. `lateMs`: how late sleepers wake. */
export function createSteppingClock(startMs: number, { lateMs = () => 0 }: { lateMs?(): number } = {}): SteppingClock {
  let nowMs = startMs;
  let sleepers: Sleeper[] = [];

  async function runTo(untilMs: number): Promise<void> {
    await settled();
    for (;;) {
      const next = sleepers.toSorted((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined || next.atMs > untilMs) break;
      nowMs = Math.max(nowMs, next.atMs);
      sleepers = sleepers.filter((each) => each !== next);
      next.wake();
      await settled();
    }
    nowMs = untilMs;
  }

  return {
    runTo,
    nowMs: () => nowMs,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const sleeper = { atMs: nowMs + ms + lateMs(), wake: resolve };
        sleepers.push(sleeper);
        signal.addEventListener('abort', () => {
          sleepers = sleepers.filter((each) => each !== sleeper);
          reject(signal.reason);
        });
      }),
  };
}

/** Everything that needs nothing from outside has run. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
