import { backoffMs, type Waiting } from '../../lib/platform/backoff.ts';
import type { KeyState } from './key-state.ts';
import type { WaitOptions, WaitResult } from './wait-result.ts';

const DEFAULT_TIMEOUT_SECONDS = 60;
/**
 * The minimum pause between two reads, because a room usually exists within a second. Later pauses are longer: each read costs money, and
 * the request is probably waiting for the quota.
 */
const SHORTEST_PAUSE_MS = 200;
const PAUSE = { baseMs: 400, capMs: 4_000 };

/**
 * Reads the state of a key until its request has an outcome. It needs no queue.
 * @throws RangeError if the time limit is not a duration, or `requestedAt` is not a time; the signal's reason; errors from `read`
 */
export async function waitForRoom(
  read: () => Promise<KeyState>,
  { timeoutSeconds = DEFAULT_TIMEOUT_SECONDS, requestedAt }: WaitOptions,
  { clock, random, signal }: Waiting,
): Promise<WaitResult> {
  if (!(timeoutSeconds >= 0)) throw new RangeError(`timeoutSeconds must be a number of at least 0: ${timeoutSeconds}`);
  const requestedAtMs = requestedAt === undefined ? Number.NEGATIVE_INFINITY : Date.parse(requestedAt);
  if (Number.isNaN(requestedAtMs)) throw new RangeError(`requestedAt must be a time: ${requestedAt}`);
  const endMs = clock.nowMs() + timeoutSeconds * 1000;
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted();
    const state = await read().catch((error) => {
      // The SDK's error about an aborted call does not contain the signal's reason, so the reason is thrown instead.
      signal.throwIfAborted();
      throw error;
    });
    if (isOutcome(state, requestedAtMs)) return state;
    const leftMs = endMs - clock.nowMs();
    if (leftMs <= 0) return { kind: 'timeout', idempotencyKey: state.idempotencyKey, last: state };
    await clock.sleep(Math.min(leftMs, SHORTEST_PAUSE_MS + backoffMs(attempt, PAUSE, random)), signal);
  }
}

function isOutcome(state: KeyState, requestedAtMs: number): state is Exclude<WaitResult, { kind: 'timeout' }> {
  if (state.kind === 'pending' || state.kind === 'not-requested') return false;
  return state.kind !== 'failed' || Date.parse(state.decidedAt) >= requestedAtMs;
}
