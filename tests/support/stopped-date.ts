const RealDate = Date;

/** Replaces the clock that `Date` reads. Timers keep running. */
export interface StoppedDate {
  set(nowMs: number): void;
  restore(): void;
}

export function stopDate(startMs: number): StoppedDate {
  let nowMs = startMs;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [nowMs] : args, newTarget),
    get: (target, name) => (name === 'now' ? () => nowMs : Reflect.get(target, name)),
  });
  return {
    set(ms) {
      nowMs = ms;
    },
    restore() {
      globalThis.Date = RealDate;
    },
  };
}
