import { KEEP_MS, outranks, type Wish } from '../contract/release-wish.ts';
import { isUnanswered, type LedgerRequest } from './judge-item.ts';
import type { Ledger } from './ledger.ts';
import { isClaimed, type LedgerItem, type StoredItem } from './ledger-item.ts';
import { holds, isSameWish, wishOf } from './wish.ts';
import { liftChange, type ReleaseTimes, wishChange } from './wish-changes.ts';

/** A wish for the room of a key. */
export interface WishForKey {
  ledgerKey: string;
  idempotencyKey: string;
  wish: Wish;
  /** The grace period, during which a command can be withdrawn. 0 for a request's own wish. */
  graceMs: number;
  /** Present for a command that names a tenant. The room must belong to this tenant. */
  tenant?: string | undefined;
  /** Present for a request's own wish. */
  request?: LedgerRequest | undefined;
}

/**
 * The result of the attempt to store a wish.
 *
 * - `stored`: the item now has the wish, or had it already.
 * - `superseded`: the item has a wish with a higher rank.
 * - `too-late`: the release of the room became final before the wish arrived (rule LATE).
 * - `outdated`: the wish was made before the failure of an earlier generation (rule BOUND).
 * - `other-tenant`: the room belongs to a tenant that the command does not name.
 * - `not-mine`: the payload of the key differs from that of the request (rule MINE), or the key failed.
 *
 * `item`: the item after the write, or the item that the answer is based on.
 */
export type WishResult =
  | { kind: 'stored' | 'superseded'; item: StoredItem }
  | { kind: 'too-late' | 'outdated' | 'other-tenant'; item: LedgerItem }
  | { kind: 'not-mine' };

const MAX_ROUNDS = 5;

/**
 * Stores a wish in the item of its key, unless the item has a wish with a higher rank. The write needs no lease, and does not affect a
 * claim.
 * @param seen the item as it was last seen; undefined if it was not read before
 * @returns undefined if the item changed before each of the five writes. The caller must try again later
 * @throws DamagedItemError; TableUnavailableError
 */
export async function storeWish(
  ledger: Ledger,
  { wish, graceMs, ...forKey }: WishForKey,
  times: () => ReleaseTimes,
  seen?: StoredItem,
): Promise<WishResult | undefined> {
  let item = seen;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    // The request may have been answered so long ago that its item has expired. There is then no room to which its wish could apply.
    if (forKey.request && !isClaimed(item)) return { kind: 'not-mine' };
    const verdict = item && judgeWish(wish, item, forKey);
    if (verdict && verdict !== 'lift') return verdict;
    const now = times();
    const stored = { ...wish, dueAtMs: dueAtMsOf(wish, graceMs, now.nowMs) };
    const key = { idempotencyKey: forKey.idempotencyKey, payloadHashes: forKey.request && hashesOf(forKey.request) };
    const change =
      verdict === 'lift' && isClaimed(item) ? liftChange(item, stored, key, now) : wishChange(item, stored, key, now);
    const result = await ledger.writeItem(forKey.ledgerKey, change);
    if (result.written) return { kind: 'stored', item: result.item };
    item = result.item;
  }
  return undefined;
}

/** A command can be withdrawn until its grace period ends, even if it asks for a release now. */
function dueAtMsOf({ releaseAtMs }: Wish, graceMs: number, nowMs: number): number {
  const hasGrace = graceMs > 0 && releaseAtMs !== KEEP_MS;
  return hasGrace ? Math.max(releaseAtMs, nowMs + graceMs) : releaseAtMs;
}

/** Why a wish need not or must not be written; undefined if it must be written; `lift` if it must be written as rule LIFT requires. */
function judgeWish(
  wish: Wish,
  item: StoredItem,
  forKey: Pick<WishForKey, 'tenant' | 'request'>,
): WishResult | 'lift' | undefined {
  const standing = wishOf(item);
  if (isClaimed(item)) {
    const verdict = judgeForItem(wish, item, forKey);
    if (verdict) return verdict;
  }
  if (isSameWish(wish, standing)) return { kind: 'stored', item };
  return outranks(wish, standing) ? undefined : { kind: 'superseded', item };
}

/** The verdicts that depend on the request, the room or the generation of the item. */
function judgeForItem(
  wish: Wish,
  item: LedgerItem,
  { tenant, request }: Pick<WishForKey, 'tenant' | 'request'>,
): WishResult | 'lift' | undefined {
  if (request && (item.decision === 'failed' || !hashesOf(request).some((hash) => hash === item.payload_hash)))
    return { kind: 'not-mine' };
  if (item.decision === 'room' && tenant !== undefined && tenant !== (item.tenant ?? tenant))
    return { kind: 'other-tenant', item };
  const isMarked = item.decision === 'room' && item.release_marked_at !== undefined;
  if (!holds(wish.wishedAtMs, item))
    return request && !isMarked && isUnanswered(item, request) ? 'lift' : { kind: 'outdated', item };
  return isMarked && outranks(wish, wishOf(item)) ? { kind: 'too-late', item } : undefined;
}

function hashesOf({ payloadHash, otherHashes = [] }: LedgerRequest): string[] {
  return [payloadHash, ...otherHashes];
}
