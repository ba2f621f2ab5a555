import type { Completion } from '../contract/completion.ts';
import { type DecidedItem, type LedgerItem, mayHaveRoom, type RoomItem } from './ledger-item.ts';

/** The facts about a request that determine the verdict on its key. */
export interface LedgerRequest {
  payloadHash: string;
  /** The hashes of the other notations of the same payload. */
  otherHashes?: readonly string[];
  /** When the request was sent. Only a request that was sent after a failure may claim the failed key again. */
  sentAtMs: number;
  /** The short id of the bulk job to which the request belongs. */
  bulkJob?: string | undefined;
}

/** The verdict on a request that could not acquire the item with the ordinary write. */
export type Verdict =
  | { kind: 'busy'; leaseEndMs: number; mayHaveRoom: boolean }
  | { kind: 'key-reused'; claimId: string }
  | { kind: 'key-released'; item: RoomItem }
  | { kind: 'replay'; item: DecidedItem }
  | { kind: 'retake'; item: DecidedItem };

/**
 * Implements the table "item found" of the ledger protocol, except for the rows in which the ordinary acquire succeeds.
 *
 * The verdict `key-reused` is final. A request with a different payload never claims an item that is undecided or names a room
 * (rule OWNER). It claims a failed item only if it was sent after the failure (rule FREE).
 */
export function judgeItem(item: LedgerItem, request: LedgerRequest): Verdict {
  const samePayload = isSamePayload(item, request);
  const keyReused = { kind: 'key-reused', claimId: item.claim_id } as const;
  if (item.status === 'INPROGRESS') return samePayload || item.decision === 'failed' ? busyAs(item) : keyReused;
  if (item.decision === 'room' && samePayload && isSpentFor(item, request)) return { kind: 'key-released', item };
  if (isAnswerTo(item, request)) return { kind: 'replay', item };
  return mayRetake(item, request) ? { kind: 'retake', item } : keyReused;
}

/**
 * Judges an item that may be absent. A rebuilt item without a payload counts as absent for a message that may not begin a generation,
 * because the first request for such an item sets its payload (rule FIRST). A message that needs a stored wish gets no outcome from an item
 * without a wish. Otherwise, its completion would announce a room whose release greenroom would forget.
 */
export function judgeBegun(
  item: LedgerItem | undefined,
  request: LedgerRequest & { answerIfNew?: unknown; needsStoredWish?: boolean },
  nowMs: number,
): Verdict | undefined {
  if (item === undefined || (item.payload_hash === undefined && request.answerIfNew)) return undefined;
  const verdict = judgeItem(item, request);
  if (!request.needsStoredWish || item.release_wished_at !== undefined) return verdict;
  // Another worker may be about to store the wish, so the message waits until the lease of that worker ends.
  if (verdict.kind === 'busy') return verdict.leaseEndMs < nowMs ? undefined : verdict;
  return verdict.kind === 'replay' && item.decision === 'room' ? undefined : verdict;
}

/**
 * Whether the completion of a decided item answers a request, and so may be published with the request's roster and correlationId. It does
 * not if the payloads differ, or if the request may claim the failed key again. In the second case, the worker publishes and completes the
 * failure, and then claims the key for the request (rule FINISH).
 */
export function isAnswerTo(item: DecidedItem, request: LedgerRequest): boolean {
  return isSamePayload(item, request) && !mayRetake(item, request);
}

/**
 * Rule SPENT: a key whose room was released is never claimed again. A request that was sent before the mark gets the completion of the room. A
 * later one could repeat an old request, and would create the room again.
 */
function isSpentFor({ release_marked_at: markedAtMs }: RoomItem, { sentAtMs }: LedgerRequest): boolean {
  return markedAtMs !== undefined && sentAtMs > markedAtMs;
}

function isSamePayload(
  { payload_hash: stored }: LedgerItem,
  { payloadHash, otherHashes = [] }: LedgerRequest,
): boolean {
  return stored !== undefined && [payloadHash, ...otherHashes].includes(stored);
}

/** Rule FREE: a request that was sent after a failure may claim the failed key again, with any payload. */
function mayRetake(item: LedgerItem, request: LedgerRequest): boolean {
  if (isBoundByStop(item, request)) return false;
  if (isStopOfAnother(item, request)) return (item.answered_until ?? Number.NEGATIVE_INFINITY) < request.sentAtMs;
  return item.decision === 'failed' && item.decided_at < request.sentAtMs;
}

/**
 * Whether no failure applies to a request now, and none can apply to it later. Such a request waits or is redriven, and gets the outcome of
 * the key's current generation (rules UNTIL and ROW of the release protocol).
 */
export function isUnanswered(item: LedgerItem, request: LedgerRequest): boolean {
  const { answered_until: answeredUntilMs = Number.NEGATIVE_INFINITY } = item;
  return answeredUntilMs < request.sentAtMs && !isBoundByStop(item, request);
}

/** Rule STOP: whether the job of a request was stopped, and the stop has ended a generation of the key. */
function isBoundByStop(
  { stopped_jobs: jobs = new Set(), stopped_until: untilMs = Number.POSITIVE_INFINITY }: LedgerItem,
  { bulkJob, sentAtMs }: LedgerRequest,
): boolean {
  return bulkJob !== undefined && jobs.has(bulkJob) && sentAtMs <= untilMs;
}

/**
 * Rule STOP: a failure because a job was stopped applies only to the messages of that job. Another request for the same room may claim the key
 * even if it was sent before the failure, unless an earlier failure applies to it. For another payload, the failure is like any other:
 * such a request may have been rejected while the key was in progress.
 */
export function isStopOfAnother(item: LedgerItem, request: LedgerRequest): boolean {
  return item.decision === 'failed' && isSamePayload(item, request) && isStopFailure(item.completion);
}

/** Whether a request failed because its bulk job was stopped. */
export function isStopFailure({ data }: Completion): boolean {
  return data.outcome === 'failed' && data.reason === 'stopped';
}

/** The verdict that another worker holds the item. The item is undefined if it was deleted in the meantime. */
export function busyAs(item: LedgerItem | undefined): Extract<Verdict, { kind: 'busy' }> {
  return { kind: 'busy', leaseEndMs: item?.lease_end ?? 0, mayHaveRoom: mayHaveRoom(item) };
}
