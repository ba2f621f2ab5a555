import type { Context } from 'aws-lambda';
import type { Clock } from '../platform/clock.ts';
import type { Config } from '../platform/config.ts';
import { Postponement } from './postponement.ts';
import { createRoomListings } from './room-listings.ts';
import type { Invocation } from './services.ts';

// What remains after the abort: a release, a postponement, an answer.
const WINDING_UP_MS = 3_000;

/**
 * Sets up the deadline of one invocation: the signal is aborted in time for everything that was begun to be brought to an
 * end and awaited. Nothing races the deadline, because what is left running goes on in the next invocation.
 * Call `end` when the work is done.
 */
export function beginInvocation(
  lambdaContext: Context,
  { clock, config, deadLetters }: { clock: Clock; config: Config; deadLetters: boolean },
): Omit<Invocation, 'slotLines'> & { end(): void } {
  const nowMs = clock.nowMs();
  const deadlineMs = nowMs + lambdaContext.getRemainingTimeInMillis();
  const stopMs = deadlineMs - WINDING_UP_MS;
  const stop = new AbortController();
  const done = new AbortController();
  clock.sleep(stopMs - nowMs, done.signal).then(
    () => stop.abort(new Postponement('deadline')),
    () => undefined,
  );
  return {
    lambdaContext,
    deadLetters,
    listings: createRoomListings(clock),
    leaseEndMs: deadlineMs + config.timing.clockErrorMs,
    lastSendMs: stopMs - config.callTimeoutMs,
    signal: stop.signal,
    end: () => done.abort(),
  };
}
