import type { CallOptions } from './call-options.ts';
import type { KeyState } from './key-state.ts';

export interface WaitOptions extends CallOptions {
  /** How long to wait at most. A read that is in progress at that time is awaited. Default: 60 */
  timeoutSeconds?: number | undefined;
  /** The `requestedAt` of the request. An earlier failure of the key is then not the outcome, because the request may succeed. */
  requestedAt?: string | undefined;
}

/** The outcome of a key, or the last state at the time limit. The request continues after a `timeout`. */
export type WaitResult =
  | Exclude<KeyState, { kind: 'pending' | 'not-requested' }>
  | { kind: 'timeout'; idempotencyKey: string; last: KeyState };
