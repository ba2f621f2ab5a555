import type { Context } from 'aws-lambda';
import type { SlotLines } from '../pace/slot-lines.ts';
import type { Clock } from '../platform/clock.ts';
import type { Config } from '../platform/config.ts';
import { startDeadline } from '../platform/deadline.ts';
import { Postponement } from './postponement.ts';
import { createRoomListings, type RoomListings } from './room-listings.ts';

/** The time limits of an invocation, and the signal that ends its waits. */
export interface Invocation {
  lambdaContext: Context;
  /** When a lease that is taken now ends: after this invocation is certainly over. */
  leaseEndMs: number;
  /** No call to IVS Chat is sent after this moment, because there would be no time to wait for its answer. */
  lastSendMs: number;
  /** Where its calls to IVS Chat wait for their slots. */
  slotLines: SlotLines;
  /** The pages of room lists that it has read. */
  listings: RoomListings;
  /** The messages are dead letters: greenroom makes no new room for them, and a person looks at them afterwards. */
  deadLetters: boolean;
  /** Aborted shortly before the time-out. It ends every wait and every call. */
  signal: AbortSignal;
}

// The time for the steps after the abort: a release, a postponement, an answer.
const WINDING_UP_MS = 3_000;

/** Sets up one invocation without its slot lines, which need it. Call `end` when the work is done. */
export function beginInvocation(
  lambdaContext: Context,
  { clock, config, deadLetters }: { clock: Clock; config: Config; deadLetters: boolean },
): Omit<Invocation, 'slotLines'> & { end(): void } {
  const reason = () => new Postponement('deadline');
  const { endMs, stopMs, signal, clear } = startDeadline(lambdaContext, { clock, windingUpMs: WINDING_UP_MS, reason });
  return {
    lambdaContext,
    deadLetters,
    listings: createRoomListings(clock),
    leaseEndMs: endMs + config.timing.clockErrorMs,
    lastSendMs: stopMs - config.callTimeoutMs,
    signal,
    end: clear,
  };
}
