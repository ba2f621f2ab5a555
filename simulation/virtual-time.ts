import { AsyncLocalStorage } from 'node:async_hooks';
import { createVirtualClock, type Timer, type VirtualClock } from './virtual-clock.ts';

/** One execution environment of the simulation. Its code reads the worker's own clock, and never continues after the worker has died. */
export interface Worker {
  name: string;
  /** How far its clock is ahead of the virtual time. */
  skewMs: number;
  alive: boolean;
  /** Until this time, no response and no timer reaches the worker. Its clock continues to run. */
  frozenUntilMs: number;
}

/** A clock for workers. While it runs, it replaces `Date`, timers and `Math.random`. */
export interface VirtualTime extends VirtualClock {
  /**
   * Like `after`, but runs the action as this worker: the action is dropped if the worker is dead, and delayed while the worker is frozen.
   */
  afterFor(worker: Worker, delayMs: number, action: () => void): Timer;
  /** Decides what happens to a worker when one of its timers is due. */
  onTimer(worker: Worker): void;
}

const RealDate = Date;
const realTimers = { setTimeout, clearTimeout };

/** The worker whose code is running. */
export const currentWorker = new AsyncLocalStorage<Worker>();

let current: VirtualTime | undefined;

/** @param random orders timers that are due at the same time, and replaces `Math.random` */
export function createVirtualTime(startMs: number, random: () => number): VirtualTime {
  const clock = createVirtualClock(startMs, { tieBreak: random });
  const time: VirtualTime = {
    ...clock,
    onTimer: () => undefined,
    afterFor: (worker, delayMs, action) =>
      clock.after(delayMs, () => {
        if (!worker.alive) return;
        currentWorker.run(worker, () => {
          if (worker.frozenUntilMs > clock.nowMs()) time.afterFor(worker, worker.frozenUntilMs - clock.nowMs(), action);
          else action();
        });
      }),
    async run(untilMs, done) {
      current = time;
      const realRandom = Math.random;
      Math.random = random;
      try {
        await clock.run(untilMs, done);
      } finally {
        current = undefined;
        Math.random = realRandom;
      }
    },
  };
  return time;
}

function now(): number {
  if (!current) return RealDate.now();
  return Math.floor(current.nowMs() + (currentWorker.getStore()?.skewMs ?? 0));
}

/** A `Date` that reads the clock of the calling worker. */
class WorkerDate extends RealDate {
  constructor(...values: ConstructorParameters<typeof Date> | []) {
    if (values.length === 0) super(now());
    else super(...values);
  }

  static override now(): number {
    return now();
  }
}

function workerSetTimeout(callback: () => void, delayMs = 0): unknown {
  const worker = currentWorker.getStore();
  const time = current;
  if (!time || !worker) return realTimers.setTimeout(callback, delayMs);
  return time.afterFor(worker, delayMs, () => {
    time.onTimer(worker);
    if (worker.alive) callback();
  });
}

function workerClearTimeout(timer: Timer | NodeJS.Timeout | number | undefined): void {
  if (typeof timer === 'object' && 'cancelled' in timer) timer.cancelled = true;
  else realTimers.clearTimeout(timer);
}

/** Replaces the global clock and timers, once per process. Outside a simulation they work like the real ones. */
export function installVirtualTime(): void {
  Object.assign(globalThis, { Date: WorkerDate, setTimeout: workerSetTimeout, clearTimeout: workerClearTimeout });
}
