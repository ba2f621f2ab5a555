/** Why a request was given back to its queue. */
export const POSTPONE_REASONS = [
  'busy',
  'no-slot',
  'breaker-open',
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
  'publish-failed',
  'park-failed',
  'deadline',
] as const;

export type PostponeReason = (typeof POSTPONE_REASONS)[number];

export interface PostponementOptions extends ErrorOptions {
  /** When the wait ends, or the turn comes, if that is known, in epoch milliseconds. */
  endsAtMs?: number;
}

/**
 * Ends the work on a message without an outcome. An error, and not a value, only because Powertools completes the record of a
 * function that returns. For how long to wait is not said here: that depends on how long its reason has lasted (wait-times.ts).
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
