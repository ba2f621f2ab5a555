import { type Region, regionNamed } from '../../../lib/contract/regions.ts';
import type { Wish } from '../../../lib/contract/release-wish.ts';
import { isClaimed, type LedgerItem, type StoredItem } from '../../../lib/ledger/ledger-item.ts';
import { holds, wishOf } from '../../../lib/ledger/wish.ts';

/** A key, and what its source (a manifest or a live event) contains about its room. */
export interface NamedKey {
  key: string;
  region?: Region | undefined;
  roomName?: string | undefined;
}

/**
 * The state of a key's room. `unknown`: no request has been handled yet. `being-made`: its request is in progress. `failed`: its
 * request failed. `marked`: its release is final, and the room is being deleted. `damaged`: its ledger item cannot be read.
 */
export const ROOM_STATES = ['made', 'being-made', 'unknown', 'failed', 'marked', 'released', 'damaged'] as const;

export type RoomState = (typeof ROOM_STATES)[number];

/** The wish that applies to a room. */
export interface StandingWish extends Wish {
  /** The room is not released before this time. */
  notBeforeMs: number;
}

/** A key with its room, and the wish that applies to it. Times are epoch milliseconds. */
export interface RoomRelease extends NamedKey {
  state: RoomState;
  tenant?: string;
  arn?: string;
  wish?: StandingWish;
  /** When the release became final. */
  markedAtMs?: number;
  /** When the release was finished: the room is deleted, and this was announced. */
  releasedAtMs?: number;
}

/** @param item undefined if the ledger has no item of the key */
export function roomReleaseOf(named: NamedKey, item: StoredItem | undefined): RoomRelease {
  if (item === undefined) return { ...named, state: 'unknown' };
  const wish = standingWish(item);
  const known = { ...named, ...(wish && { wish }) };
  if (!isClaimed(item)) return { ...known, state: 'unknown' };
  const { tenant } = item;
  return {
    ...known,
    region: regionNamed(item.region) ?? named.region,
    ...(tenant !== undefined && { tenant }),
    state: stateOf(item),
    ...(item.decision === 'room' && roomFacts(item)),
  };
}

/** The wish that an item stores, if it applies to the item's generation. */
export function standingWish(item: StoredItem): StandingWish | undefined {
  const wish = wishOf(item);
  if (wish === undefined || (isClaimed(item) && !holds(wish.wishedAtMs, item))) return undefined;
  return { releaseAtMs: wish.releaseAtMs, wishedAtMs: wish.wishedAtMs, notBeforeMs: wish.dueAtMs };
}

function stateOf(item: LedgerItem): RoomState {
  if (item.decision === 'failed') return 'failed';
  if (item.decision === undefined || item.status === 'INPROGRESS') return 'being-made';
  if (item.released_at !== undefined) return 'released';
  return item.release_marked_at === undefined ? 'made' : 'marked';
}

function roomFacts({
  room_arn: arn,
  completion: { data },
  release_marked_at: markedAtMs,
  released_at: releasedAtMs,
}: Extract<LedgerItem, { decision: 'room' }>): Partial<RoomRelease> {
  const roomName = data.outcome === 'failed' ? undefined : data.room.name;
  return {
    arn,
    ...(roomName !== undefined && { roomName }),
    ...(markedAtMs !== undefined && { markedAtMs }),
    ...(releasedAtMs !== undefined && { releasedAtMs }),
  };
}
