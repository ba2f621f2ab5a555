import type { Clock } from './clock.ts';

/** An answer that told its server's time. `sentMs` and `receivedMs` are the worker's own time. */
export interface DatedAnswer {
  /** The `Date` header, which has whole seconds. */
  dateMs: number;
  sentMs: number;
  receivedMs: number;
}

/**
 * The time that all workers share, because slots mean nothing to one whose clock is off: the own clock, corrected by what
 * DynamoDB's answers say.
 */
export interface SharedTime {
  nowMs(): number;
  /** A moment of the shared time by the worker's own clock, and the other way round. */
  toOwnMs(sharedMs: number): number;
  toSharedMs(ownMs: number): number;
  learn(answer: DatedAnswer): void;
}

const DATE_RESOLUTION_MS = 1_000;

/**
 * An answer dated to a whole second bounds the error of the own clock to one second and the time it took. The bounds of
 * several answers are intersected, so a clock that is right is never moved, and a wrong one is soon known to some milliseconds.
 */
export function createSharedTime(clock: Clock): SharedTime {
  let atLeastMs = Number.NEGATIVE_INFINITY;
  let atMostMs = Number.POSITIVE_INFINITY;
  let correctionMs = 0;

  return {
    nowMs: () => clock.nowMs() + correctionMs,
    toOwnMs: (sharedMs) => sharedMs - correctionMs,
    toSharedMs: (ownMs) => ownMs + correctionMs,

    learn({ dateMs, sentMs, receivedMs }) {
      const low = dateMs - receivedMs;
      const high = dateMs + DATE_RESOLUTION_MS - sentMs;
      const agree = low <= atMostMs && high >= atLeastMs;
      // Answers that contradict the earlier ones: the own clock was set. Only what is known since counts.
      atLeastMs = agree ? Math.max(atLeastMs, low) : low;
      atMostMs = agree ? Math.min(atMostMs, high) : high;
      correctionMs = Math.min(Math.max(0, atLeastMs), atMostMs);
    },
  };
}
