import { type DecidedItem, type LedgerItem, mayHaveRoom } from './ledger-item.ts';

/** The facts about a request on which the verdict about its key depends. */
export interface LedgerRequest {
  payloadHash: string;
  /** When the request was sent. Only a request that was sent after a failure may claim the failed key again. */
  sentAtMs: number;
}

/** What an item means for a request that could not acquire it with the ordinary write. */
export type Verdict =
  | { kind: 'busy'; leaseEndMs: number; mayHaveRoom: boolean }
  | { kind: 'key-reused'; claimId: string }
  | { kind: 'replay'; item: DecidedItem }
  | { kind: 'retake'; version: number };

/**
 * Implements the table "item found" of the ledger protocol, without the rows in which the ordinary acquire succeeds.
 *
 * The verdict `key-reused` is final. A request with a different payload never claims an item that is undecided or names a room
 * (rule OWNER). It claims a failed item only if it was sent after the failure (rule FREE).
 */
export function judgeItem(item: LedgerItem, request: LedgerRequest): Verdict {
  const samePayload = item.payload_hash === request.payloadHash;
  const keyReused = { kind: 'key-reused', claimId: item.claim_id } as const;
  if (item.status === 'INPROGRESS') return samePayload || item.decision === 'failed' ? busyAs(item) : keyReused;
  if (isAnswerTo(item, request)) return { kind: 'replay', item };
  return mayRetake(item, request) ? { kind: 'retake', version: item.version } : keyReused;
}

/**
 * Whether the completion of a decided item answers a request. Only an answer may be published with the request's roster and correlationId.
 * The outcome of another payload is not an answer. A failure after which the request may claim the key again is not an answer either, even
 * with the same payload. The worker publishes and completes such a failure, and then claims the key for the request (rule FINISH).
 */
export function isAnswerTo(item: DecidedItem, request: LedgerRequest): boolean {
  return item.payload_hash === request.payloadHash && !mayRetake(item, request);
}

/** Rule FREE: a request that was sent after a failure may claim the failed key again, with any payload. */
function mayRetake(item: LedgerItem, request: LedgerRequest): boolean {
  return item.decision === 'failed' && item.decided_at < request.sentAtMs;
}

/** Another worker holds the item. `undefined`: the item was deleted in the meantime. */
export function busyAs(item: LedgerItem | undefined): Extract<Verdict, { kind: 'busy' }> {
  return { kind: 'busy', leaseEndMs: item?.lease_end ?? 0, mayHaveRoom: mayHaveRoom(item) };
}
