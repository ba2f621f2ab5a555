import { type DecidedItem, type LedgerItem, mayHaveRoom } from './ledger-item.ts';

/** What the message that asks brings to the ledger. */
export interface LedgerRequest {
  payloadHash: string;
  /** When its request was sent: only a request sent after a failure may take the failed key again. */
  sentAtMs: number;
}

/** What an item that could not be acquired by the ordinary write means for the message that asks. */
export type Verdict =
  | { kind: 'busy'; leaseEndMs: number; mayHaveRoom: boolean }
  | { kind: 'key-reused'; claimId: string }
  | { kind: 'replay'; item: DecidedItem }
  | { kind: 'retake'; version: number };

/**
 * The table "item found" of the ledger protocol, for the rows that the ordinary acquire does not take.
 *
 * A message that is told `key-reused` is told so for ever: a different payload never takes an item that is undecided or
 * names a room (rule OWNER), and a failed one only if it was sent after the failure (rule FREE).
 */
export function judgeItem(item: LedgerItem, request: LedgerRequest): Verdict {
  const samePayload = item.payload_hash === request.payloadHash;
  const keyReused = { kind: 'key-reused', claimId: item.claim_id } as const;
  if (item.status === 'INPROGRESS') return samePayload || item.decision === 'failed' ? busyAs(item) : keyReused;
  if (isAnswerTo(item, request)) return { kind: 'replay', item };
  return mayRetake(item, request) ? { kind: 'retake', version: item.version } : keyReused;
}

/**
 * Whether a decided item's completion answers a message. It alone decides what goes out with the message's roster and
 * correlationId: another payload's outcome is no answer, and neither is a failure that the message may take the key after,
 * even with the same payload. Such an outcome is only finished on the way to the message's own turn (rule FINISH).
 */
export function isAnswerTo(item: DecidedItem, request: LedgerRequest): boolean {
  return item.payload_hash === request.payloadHash && !mayRetake(item, request);
}

/** Rule FREE: a failed key may be taken again by a request sent after the failure, with whatever payload. */
function mayRetake(item: LedgerItem, request: LedgerRequest): boolean {
  return item.decision === 'failed' && item.decided_at < request.sentAtMs;
}

/** Somebody else has the item; `undefined`: nobody knows who. */
export function busyAs(item: LedgerItem | undefined): Extract<Verdict, { kind: 'busy' }> {
  return { kind: 'busy', leaseEndMs: item?.lease_end ?? 0, mayHaveRoom: mayHaveRoom(item) };
}
