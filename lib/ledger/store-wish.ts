import { KEEP_MS, outranks, type Wish } from '../contract/release-wish.ts';
import type { Ledger } from './ledger.ts';
import { isClaimed, type LedgerItem, type StoredItem } from './ledger-item.ts';
import { holds, isSameWish, type StoredWish, wishOf } from './wish.ts';
import { type ReleaseTimes, wishChange } from './wish-changes.ts';

/** A wish for the room of a key. */
export interface WishForKey {
  ledgerKey: string;
  idempotencyKey: string;
  wish: Wish;
  /** The grace period of a command, in which it can be withdrawn. A request's own wish has none. */
  graceMs: number;
  /** Present for a command that names a tenant: it must be the tenant of the room. */
  tenant?: string | undefined;
  /** Present for a request's own wish. */
  request?: { payloadHashes: readonly string[]; sentAtMs: number } | undefined;
}

/**
 * What became of a wish.
 *
 * - `stored`: the item has the wish, or had it before.
 * - `superseded`: the item has a wish with a greater rank.
 * - `too-late`: the release of the room was decided before the wish arrived (rule LATE).
 * - `outdated`: the wish was made before the failure of an earlier generation (rule BOUND).
 * - `other-tenant`: the room belongs to another tenant than the command names.
 * - `not-mine`: the key has another payload than the request (rule MINE), or failed.
 *
 * `item`: the item after the write, or the item that decided the answer.
 */
export type WishResult =
  | { kind: 'stored' | 'superseded'; item: StoredItem }
  | { kind: 'too-late' | 'outdated' | 'other-tenant'; item: LedgerItem }
  | { kind: 'not-mine' };

const MAX_ROUNDS = 5;

/**
 * Stores a wish on the item of its key, unless the item has a wish with a greater rank. The wish takes no lease, and does not affect a claim.
 * @param seen the item as it was last seen, if it was
 * @returns undefined if the item changed its state before each of the five writes. The caller tries again later
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
    // The item of a request that is answered may have expired. The request's wish then needs no item.
    if (forKey.request && !isClaimed(item)) return { kind: 'not-mine' };
    const wanted = isClaimed(item) ? lifted(wish, item, forKey) : wish;
    const verdict = item && judgeWish(wanted, item, forKey);
    if (verdict) return verdict;
    const now = times();
    const hasGrace = graceMs > 0 && wanted.releaseAtMs !== KEEP_MS;
    const dueAtMs = hasGrace ? Math.max(wanted.releaseAtMs, now.nowMs + graceMs) : wanted.releaseAtMs;
    const stored: StoredWish = { ...wanted, dueAtMs };
    const key = { idempotencyKey: forKey.idempotencyKey, payloadHashes: forKey.request?.payloadHashes };
    const result = await ledger.writeItem(forKey.ledgerKey, wishChange(item, stored, key, now));
    if (result.written) return { kind: 'stored', item: result.item };
    item = result.item;
  }
  return undefined;
}

/** Why a wish need not or must not be written; undefined if the write decides. */
function judgeWish(
  wish: Wish,
  item: StoredItem,
  { tenant, request }: Pick<WishForKey, 'tenant' | 'request'>,
): WishResult | undefined {
  const standing = wishOf(item);
  if (isClaimed(item)) {
    const isOfRequest = request?.payloadHashes.some((hash) => hash === item.payload_hash);
    if (request && (!isOfRequest || item.decision === 'failed')) return { kind: 'not-mine' };
    if (tenant !== undefined && item.decision === 'room' && item.tenant !== undefined && item.tenant !== tenant)
      return { kind: 'other-tenant', item };
    if (!holds(wish.wishedAtMs, item)) return { kind: 'outdated', item };
    const isMarked = item.decision === 'room' && item.release_marked_at !== undefined;
    if (isMarked && outranks(wish, standing)) return { kind: 'too-late', item };
  }
  if (isSameWish(wish, standing)) return { kind: 'stored', item };
  return outranks(wish, standing) ? undefined : { kind: 'superseded', item };
}

/**
 * Rule LIFT: if another request has begun the generation, the wish of a redriven request may be older than the generation. Unless the failure
 * has answered the request, it is answered with this generation's room, so its wish applies too.
 */
function lifted(wish: Wish, item: LedgerItem, { request }: Pick<WishForKey, 'request'>): Wish {
  const { begun_after: begunAfterMs, answered_until: answeredUntilMs = Number.NEGATIVE_INFINITY } = item;
  if (request === undefined || begunAfterMs === undefined || holds(wish.wishedAtMs, item)) return wish;
  return request.sentAtMs > answeredUntilMs ? { ...wish, wishedAtMs: begunAfterMs + 1 } : wish;
}
