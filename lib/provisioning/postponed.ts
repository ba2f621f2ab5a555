import type { Cause } from '../ledger/causes.ts';
import type { ReceivesLeft } from '../platform/waits.ts';
import type { Outcome } from './outcome.ts';
import type { Postponement } from './postponement.ts';
import type { Services } from './services.ts';
import { returnsAtMs } from './wait-times.ts';

/** The facts about a postponed message. */
export interface Waiting {
  /** The ledger's note of the reason; undefined if it was not written. */
  noted?: Cause | undefined;
  firstReceivedMs: number;
  receivesLeft: ReceivesLeft | undefined;
  neededByMs: number | undefined;
  /** Whether a call may have created a room that the ledger does not know. True if the ledger cannot be read. */
  mayHaveRoom: boolean;
}

/** The outcome of a message that is postponed, with the time at which it returns. */
export function postponed(
  postponement: Postponement,
  { noted, firstReceivedMs, receivesLeft, neededByMs, mayHaveRoom }: Waiting,
  { clock, random }: Pick<Services, 'clock' | 'random'>,
): Extract<Outcome, { kind: 'postponed' }> {
  const untilMs = returnsAtMs(postponement, {
    nowMs: clock.nowMs(),
    sinceMs: noted?.first ?? firstReceivedMs,
    count: noted?.count ?? 1,
    neededByMs,
    receivesLeft,
    random,
  });
  const { reason, cause } = postponement;
  return { kind: 'postponed', reason, untilMs, mayHaveRoom, ...(cause !== undefined && { cause }) };
}
