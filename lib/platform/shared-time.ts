import type { Clock } from './clock.ts';

/** The date in a response of DynamoDB. `sentMs` and `receivedMs` are times of the worker's own clock. */
export interface DatedResponse {
  /** The `Date` header, which has whole seconds. */
  dateMs: number;
  sentMs: number;
  receivedMs: number;
}

/**
 * The time that all workers share: the worker's own clock, corrected by the dates of DynamoDB's responses. Without the correction, a worker
 * whose clock is wrong would send its calls outside their slots.
 */
export interface SharedTime {
  nowMs(): number;
  /** Convert a time from the shared time to the worker's own clock, and back. */
  toOwnMs(sharedMs: number): number;
  toSharedMs(ownMs: number): number;
  learn(response: DatedResponse): void;
}

const DATE_RESOLUTION_MS = 1_000;

/**
 * The date in a response has whole seconds. It limits the error of the worker's clock to a range of one second plus the duration of the
 * call. The intersection of the ranges of several responses is much smaller. It always contains 0 if the clock is correct, so a correct
 * clock is never adjusted. The error of a wrong clock is soon known to within a few milliseconds.
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
      // If a response contradicts the earlier ones, the worker's clock was changed in between. From then on, only this response and later
      // ones count.
      atLeastMs = agree ? Math.max(atLeastMs, low) : low;
      atMostMs = agree ? Math.min(atMostMs, high) : high;
      correctionMs = Math.min(Math.max(0, atLeastMs), atMostMs);
    },
  };
}
