import type { Context } from 'aws-lambda';
import type { SlotLines } from '../pace/slot-lines.ts';
import type { Clock } from '../platform/clock.ts';
import type { Config } from '../platform/config.ts';
import { startDeadline } from '../platform/deadline.ts';
import { Postponement } from './postponement.ts';
import { createRoomListings, type RoomListings } from './room-listings.ts';

/** The state that all messages of an invocation share: time limits, slot lines, listings, and the signal that ends all waits. */
export interface Invocation {
  lambdaContext: Context;
  /** When the leases of this invocation end. By then the invocation is certainly over. */
  leaseEndMs: number;
  /** No call to IVS Chat is sent after this time, because its response could arrive too late. */
  lastSendMs: number;
  /** The lines in which the calls to IVS Chat wait for their slots. */
  slotLines: SlotLines;
  /** The pages of room lists that this invocation has read. */
  listings: RoomListings;
  /** Whether the messages are dead letters. greenroom creates no room for them, and parks them once they are answered. */
  deadLetters: boolean;
  /** Aborted shortly before the timeout. The abort ends every wait and every call to IVS Chat. */
  signal: AbortSignal;
}

// Reserved for the steps after the abort: releases, postponements and the response.
const WINDING_UP_MS = 3_000;

/** Sets up one invocation, except for its slot lines, which are built from the result. Call `end` when the work is done. */
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
