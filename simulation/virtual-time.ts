import { AsyncLocalStorage } from 'node:async_hooks';

/** One execution environment of the simulation. What runs in it sees its clock, and stops for good when it is dead. */
export interface Worker {
  name: string;
  /** How far its clock is from the world's. */
  skewMs: number;
  alive: boolean;
  /** Until then no answer and no timer reaches it; its clock goes on. */
  frozenUntilMs: number;
}

/** Decides what happens to a worker when a timer of its is due. */
export type OnTimer = (worker: Worker) => void;

interface Event {
  atMs: number;
  tieBreak: number;
  run(): void;
  cancelled: boolean;
}

const RealDate = Date;
const realSetImmediate = setImmediate;
const realTimers = { setTimeout, clearTimeout };

/** Which worker's code is running. */
export const currentWorker = new AsyncLocalStorage<Worker>();

let present: VirtualTime | undefined;

/**
 * A clock that only events move, and a scheduler that runs them in order of time and, at the same time, in an order drawn
 * from the seed.
 */
export class VirtualTime {
  nowMs: number;
  readonly #random: () => number;
  readonly #events: Event[] = [];
  onTimer: OnTimer = () => undefined;

  constructor(startMs: number, random: () => number) {
    this.nowMs = startMs;
    this.#random = random;
  }

  /** Runs `action` so much later. */
  after(delayMs: number, action: () => void): Event {
    const event = { atMs: this.nowMs + Math.max(0, delayMs), tieBreak: this.#random(), run: action, cancelled: false };
    const place = this.#events.findIndex((each) => isBefore(event, each));
    this.#events.splice(place === -1 ? this.#events.length : place, 0, event);
    return event;
  }

  /** The same for a worker: dropped if it is dead by then, put off while it is frozen. */
  afterFor(worker: Worker, delayMs: number, action: () => void): Event {
    return this.after(delayMs, () => {
      if (!worker.alive) return;
      if (worker.frozenUntilMs > this.nowMs) this.afterFor(worker, worker.frozenUntilMs - this.nowMs, action);
      else action();
    });
  }

  /** Runs events until there are none up to `untilMs`, or until `done`. After each, all code runs until it waits again. */
  async run(untilMs: number, done: () => boolean): Promise<void> {
    present = this;
    const realRandom = Math.random;
    Math.random = this.#random;
    try {
      await settle();
      for (let next = this.#events[0]; next && next.atMs <= untilMs && !done(); next = this.#events[0]) {
        this.#events.shift();
        if (next.cancelled) continue;
        this.nowMs = next.atMs;
        next.run();
        await settle();
      }
    } finally {
      present = undefined;
      Math.random = realRandom;
    }
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.tieBreak < b.tieBreak);
}

/** Waits until every promise that can go on without the outside has done so. */
function settle(): Promise<void> {
  return new Promise((resolve) => realSetImmediate(resolve));
}

function now(): number {
  if (!present) return RealDate.now();
  return Math.floor(present.nowMs + (currentWorker.getStore()?.skewMs ?? 0));
}

/** `Date` by the clock of the worker that asks. */
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
  const time = present;
  if (!time || !worker) return realTimers.setTimeout(callback, delayMs);
  return time.afterFor(worker, delayMs, () => {
    time.onTimer(worker);
    if (worker.alive) currentWorker.run(worker, callback);
  });
}

function workerClearTimeout(timer: Event | NodeJS.Timeout | number | undefined): void {
  if (typeof timer === 'object' && 'tieBreak' in timer) timer.cancelled = true;
  else realTimers.clearTimeout(timer);
}

/** Replaces the global clock and timers, once per process; outside a simulation they are the real ones. */
export function installVirtualTime(): void {
  Object.assign(globalThis, { Date: WorkerDate, setTimeout: workerSetTimeout, clearTimeout: workerClearTimeout });
}
