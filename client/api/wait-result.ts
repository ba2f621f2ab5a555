import type { CallOptions } from './call-options.ts';
import type { KeyState } from './key-state.ts';

export interface WaitOptions extends CallOptions {
  /** The maximum time to wait. A read that is in progress at the end of this time is still completed. Default: 60 */
  timeoutSeconds?: number | undefined;
  /**
   * The `requestedAt` of the request. If it is set, an earlier failure of the key does not count as the outcome, because the new request
   * may succeed.
   */
  requestedAt?: string | undefined;
}

/** The outcome of a key, or the last state at the time limit. The request continues after a `timeout`. */
export type WaitResult =
  | Exclude<KeyState, { kind: 'pending' | 'not-requested' }>
  | { kind: 'timeout'; idempotencyKey: string; last: KeyState };
