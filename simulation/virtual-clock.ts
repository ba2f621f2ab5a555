import type { Clock } from '../lib/platform/clock.ts';

/** An action that runs at a given time, unless it is cancelled first. */
export interface Timer {
  readonly atMs: number;
  cancelled: boolean;
}

/** A clock that moves only when it is run. It then skips the time in which no timer is due. */
export interface VirtualClock extends Clock {
  /** Runs `action` after a delay. */
  after(delayMs: number, action: () => void): Timer;
  /** When the next timer is due; infinity if there is none. */
  nextMs(): number;
  /**
   * Runs the timers that are due by `untilMs`, in order of time, until `done` returns true. After each timer, it lets all code run until it
   * waits again. If `done` did not end the run, the time is `untilMs` afterwards.
   */
  run(untilMs: number, done?: () => boolean): Promise<void>;
  /** Moves the clock without running timers, for code that is the only user of the clock. Timers that become due in this time run late. */
  pass(ms: number): void;
}

export interface VirtualClockOptions {
  /** Orders timers that are due at the same time, the lowest value first. By default they run in the order in which they were set. */
  tieBreak?(): number;
  /** Resolves when all code waits. The default does not notice code that is waiting for something outside the process. */
  settle?(): Promise<void>;
}

export function createVirtualClock(
  startMs: number,
  { tieBreak = () => 0, settle = settled }: VirtualClockOptions = {},
): VirtualClock {
  let nowMs = startMs;
  const timers = createTimerLine();
  const after = (delayMs: number, action: () => void): Timer =>
    timers.add({ atMs: nowMs + Math.max(0, delayMs), tieBreak: tieBreak(), run: action, cancelled: false });
  return {
    nowMs: () => nowMs,
    after,
    sleep: (ms, signal) => sleep(after, ms, signal),
    nextMs: () => timers.next()?.atMs ?? Number.POSITIVE_INFINITY,
    pass(ms) {
      nowMs += ms;
    },
    async run(untilMs, done = () => false) {
      await settle();
      for (let timer = timers.next(); timer && timer.atMs <= untilMs && !done(); timer = timers.next()) {
        timers.removeFirst();
        nowMs = Math.max(nowMs, timer.atMs);
        timer.run();
        await settle();
      }
      if (Number.isFinite(untilMs) && !done()) nowMs = Math.max(nowMs, untilMs);
    },
  };
}

interface Due extends Timer {
  tieBreak: number;
  run(): void;
}

/** Timers in the order in which they are due. */
function createTimerLine() {
  const timers: Due[] = [];

  /** Where to insert a timer. A binary search, because there may be thousands of timers. */
  function indexFor(timer: Due): number {
    let [from, to] = [0, timers.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      const other = timers[middle];
      if (other && isBefore(timer, other)) to = middle;
      else from = middle + 1;
    }
    return from;
  }

  return {
    add(timer: Due): Due {
      timers.splice(indexFor(timer), 0, timer);
      return timer;
    },
    /** The first timer that is not cancelled. */
    next(): Due | undefined {
      while (timers[0]?.cancelled) timers.shift();
      return timers[0];
    },
    removeFirst: () => timers.shift(),
  };
}

function isBefore(a: Due, b: Due): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.tieBreak < b.tieBreak);
}

function sleep(after: VirtualClock['after'], ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const onAbort = () => {
      timer.cancelled = true;
      reject(signal.reason);
    };
    const timer = after(ms, () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

/** Resolves when all code waits for a timer or has ended, except code that is waiting for something outside the process. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
