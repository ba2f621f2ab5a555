import { KEEP_MS, outranks, type Wish } from '../contract/release-wish.ts';
import type { LedgerItem, StoredItem } from './ledger-item.ts';

/** A wish as an item stores it. Times are epoch milliseconds. */
export interface StoredWish extends Wish {
  /** The earliest time of the release: the release time, or the end of a command's grace period. */
  dueAtMs: number;
}

/** The wish that an item stores; undefined if it has none. It may not apply to the item's generation. */
export function wishOf(item: StoredItem | undefined): StoredWish | undefined {
  if (item?.release_at === undefined || item.release_wished_at === undefined || item.release_due_at === undefined)
    return undefined;
  return { releaseAtMs: item.release_at, wishedAtMs: item.release_wished_at, dueAtMs: item.release_due_at };
}

/** Rule BOUND: whether a wish that was made at this time applies to the item's generation. It may have been made for an earlier one. */
export function holds(wishedAtMs: number, { begun_after: begunAfterMs }: LedgerItem): boolean {
  return begunAfterMs === undefined || wishedAtMs > begunAfterMs;
}

/** The wish by which the room of an item will be released; undefined if the room is kept or has been released already. */
export function openWish(item: LedgerItem): StoredWish | undefined {
  const wish = wishOf(item);
  if (wish === undefined || wish.releaseAtMs === KEEP_MS || !holds(wish.wishedAtMs, item)) return undefined;
  return item.decision === 'room' && item.released_at !== undefined ? undefined : wish;
}

export function isSameWish(a: Wish, b: Wish | undefined): boolean {
  return b !== undefined && !outranks(a, b) && !outranks(b, a);
}

const SHARDS = 8;

/** The partition of the due index in which an item waits for its release. */
export function releaseShard({ id, region }: Pick<LedgerItem, 'id' | 'region'>): string {
  return shardName(region, Math.floor((Number.parseInt(id.charAt(0), 16) * SHARDS) / 16));
}

/** All partitions of a region in the due index. */
export function releaseShards(region: string): string[] {
  return Array.from({ length: SHARDS }, (_, index) => shardName(region, index));
}

function shardName(region: string, index: number): string {
  return `${region}#${index}`;
}
