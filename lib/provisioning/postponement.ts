/** Why a request returned to its queue. */
export const POSTPONE_REASONS = [
  'busy',
  'no-slot',
  'breaker-open',
  'paused',
  'throttled',
  'quota',
  'blocked',
  'denied',
  'conflict',
  'never-sent',
  'unsettled',
  'listing',
  'reconcile-failed',
  'lease-lost',
  'ledger-unavailable',
  'release-grace',
  'publish-failed',
  'park-failed',
  'deadline',
] as const;

export type PostponeReason = (typeof POSTPONE_REASONS)[number];

export interface PostponementOptions extends ErrorOptions {
  /** When the reason ends, in epoch milliseconds; absent if unknown. For `no-slot`, this is when the next slot is free. */
  endsAtMs?: number;
}

/**
 * Ends the work on a message without an outcome. It is thrown, not returned, because Powertools completes the record when the function
 * returns. wait-times.ts computes the length of the wait.
 */
export class Postponement extends Error {
  override readonly name = 'Postponement';
  readonly reason: PostponeReason;
  readonly endsAtMs: number | undefined;

  constructor(reason: PostponeReason, options?: PostponementOptions) {
    super(`postponed: ${reason}`, options);
    this.reason = reason;
    this.endsAtMs = options?.endsAtMs;
  }
}
