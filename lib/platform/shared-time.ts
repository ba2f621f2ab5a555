import type { Clock } from './clock.ts';

/** An answer that contains its server's time. `sentMs` and `receivedMs` are in the worker's own time. */
export interface DatedAnswer {
  /** The `Date` header, which has whole seconds. */
  dateMs: number;
  sentMs: number;
  receivedMs: number;
}

/**
 * The time that all workers share: the worker's own clock, corrected by the dates of DynamoDB's answers. Without it, a worker with a wrong
 * clock would send its calls outside their slots.
 */
export interface SharedTime {
  nowMs(): number;
  /** Converts a moment from the shared time to the worker's own clock, and back. */
  toOwnMs(sharedMs: number): number;
  toSharedMs(ownMs: number): number;
  learn(answer: DatedAnswer): void;
}

const DATE_RESOLUTION_MS = 1_000;

/**
 * An answer with a date in whole seconds limits the error of the worker's clock to a range of one second plus the duration of the call.
 * The ranges of several answers are intersected. A correct clock is therefore never adjusted, and the error of a wrong clock is soon known
 * to within a few milliseconds.
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
      // If an answer contradicts the earlier ones, the worker's clock was set in between. Then only this answer and later ones count.
      atLeastMs = agree ? Math.max(atLeastMs, low) : low;
      atMostMs = agree ? Math.min(atMostMs, high) : high;
      correctionMs = Math.min(Math.max(0, atLeastMs), atMostMs);
    },
  };
}
