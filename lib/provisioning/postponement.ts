/** Why a request was given back to its queue. */
export type PostponeReason =
  | 'busy'
  | 'no-slot'
  | 'breaker-open'
  | 'throttled'
  | 'quota'
  | 'blocked'
  | 'denied'
  | 'conflict'
  | 'never-sent'
  | 'unsettled'
  | 'listing'
  | 'reconcile-failed'
  | 'lease-lost'
  | 'ledger-unavailable'
  | 'publish-failed'
  | 'park-failed'
  | 'deadline';

/**
 * Ends the work on a claim without an outcome. An error, and not a value, only because Powertools completes the record of
 * a function that returns; `withClaim` turns it back into a value, and nobody else sees it.
 */
export class Postponement extends Error {
  override readonly name = 'Postponement';
  readonly reason: PostponeReason;
  /** When to try again, in epoch milliseconds. */
  readonly untilMs: number;

  constructor(reason: PostponeReason, untilMs: number, options?: ErrorOptions) {
    super(`postponed: ${reason}`, options);
    this.reason = reason;
    this.untilMs = untilMs;
  }
}
