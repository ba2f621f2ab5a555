import { KEEP_MS, outranks } from '../contract/release-wish.ts';
import type { Change } from './ledger.ts';
import { isClaimed, type LedgerItem, type StoredItem, WISH_SCHEMA_VERSION } from './ledger-item.ts';
import { releaseShard, type StoredWish, wishOf } from './wish.ts';

/** The settings on which the times of releases depend. */
export interface ReleaseTimes {
  nowMs: number;
  clockErrorMs: number;
  keyRetentionSeconds: number;
}

/** The key of a wish. */
export interface WishKey {
  idempotencyKey: string;
  /** The hashes of the payload, if the wish is a request's own: the wish is written only for a room with this payload (rule MINE). */
  payloadHashes?: readonly string[] | undefined;
}

// Rules RANK and TIE: the wish that was made last wins. Of two wishes that were made at the same time, the later release wins.
const RANK =
  '(attribute_not_exists(#release_wished_at) OR #release_wished_at < :wished_at ' +
  'OR (#release_wished_at = :wished_at AND #release_at < :at))';
const AS_SEEN = '(#release_wished_at = :wished_at AND #release_at = :at)';
// Rule BOUND
const HOLDS = '(attribute_not_exists(#begun_after) OR #begun_after < :wished_at)';

/**
 * The write of a wish, in the form for the state in which the item was last seen. If the item is in a different state, the condition fails, and
 * the response contains the item. No form changes the lease or the version (rule APART). If a wish increased the version, the owner of the lease
 * would mistake the wish for its own write.
 * @param seen undefined if no item was seen
 */
export function wishChange(seen: StoredItem | undefined, wish: StoredWish, key: WishKey, times: ReleaseTimes): Change {
  if (!isClaimed(seen)) return unclaimedChange(wish, key, times);
  const condition = `${RANK} AND ${HOLDS}`;
  return ofPayload(key, withCondition(claimedChange(seen, wish, times), { condition, values: {} }));
}

/**
 * Rule LIFT: no failure applies to the request, although another request has begun the generation since. The request is answered with the
 * room of the generation, so its wish applies to the generation. The write moves the generation's boundary back, and does not change the
 * time of the wish. If the item has a wish with a higher rank, only the boundary moves, and that wish may then apply.
 * @param seen an item whose `begun_after` is not before the wish
 */
export function liftChange(seen: LedgerItem, wish: StoredWish, key: WishKey, times: ReleaseTimes): Change {
  const standing = wishOf(seen);
  const isWinner = !outranks(standing ?? wish, wish);
  const winner = isWinner ? wish : (standing ?? wish);
  const change = claimedChange(seen, winner, times);
  return ofPayload(
    key,
    withCondition(
      { ...change, set: { ...change.set, begun_after: ':begun_after' } },
      {
        condition: `#generation = :generation AND #begun_after >= :moment AND ${isWinner ? `(${RANK} OR ${AS_SEEN})` : AS_SEEN}`,
        values: { generation: seen.generation, moment: wish.wishedAtMs, begun_after: wish.wishedAtMs - 1 },
      },
    ),
  );
}

function withCondition(change: Change, { condition, values }: Pick<Change, 'condition' | 'values'>): Change {
  return { ...change, condition: `${change.condition} AND ${condition}`, values: { ...change.values, ...values } };
}

/** Rule MINE: a request's own wish is written only for a room with its payload. */
function ofPayload(key: WishKey, change: Change): Change {
  if (key.payloadHashes === undefined) return change;
  const hashes = Object.fromEntries(key.payloadHashes.map((hash, index) => [`hash_${index}`, hash]));
  const names = Object.keys(hashes).map((name) => `:${name}`);
  return withCondition(change, { condition: `#payload_hash IN (${names})`, values: hashes });
}

function claimedChange(seen: LedgerItem, wish: StoredWish, times: ReleaseTimes): Change {
  const isMade = seen.decision === 'room' && seen.status === 'COMPLETED';
  return isMade ? madeChange(seen, wish, times) : unmadeChange(wish);
}

/** Rule HOLD: the wish of a key that was not requested is stored too, because the request may still arrive. */
function unclaimedChange(wish: StoredWish, { idempotencyKey }: WishKey, times: ReleaseTimes): Change {
  const neededUntilMs = wish.releaseAtMs === KEEP_MS ? times.nowMs : Math.max(times.nowMs, wish.releaseAtMs);
  return {
    condition: `attribute_not_exists(#claim_id) AND ${RANK}`,
    set: { ...SET_WISH, idempotency_key: ':idempotency_key', expires_at: ':expires_at' },
    values: {
      ...valuesOf(wish),
      idempotency_key: idempotencyKey,
      expires_at: expiresAt(neededUntilMs, times),
    },
  };
}

/** Rule HOLD: the key is undecided, its room is not completed, or it failed and may be claimed again. */
function unmadeChange(wish: StoredWish): Change {
  return {
    condition: 'attribute_exists(#claim_id) AND (#status = :in_progress OR #decision = :failed)',
    set: SET_WISH,
    values: { ...valuesOf(wish), in_progress: 'INPROGRESS', failed: 'failed' },
  };
}

/** Rule LATE: the mark is final, so no wish is stored after it. An item with an open wish has no time to live (rule KEEP). */
function madeChange(item: LedgerItem, wish: StoredWish, times: ReleaseTimes): Change {
  const isKept = wish.releaseAtMs === KEEP_MS;
  const index = isKept
    ? {
        set: { expires_at: ':expires_at' },
        remove: [...DUE_INDEX],
        values: { expires_at: expiresAt(times.nowMs, times) },
      }
    : { ...indexParts(item, wish.dueAtMs + times.clockErrorMs), remove: ['expires_at'] };
  return {
    condition: '#status = :completed AND #decision = :room AND attribute_not_exists(#release_marked_at)',
    set: { ...SET_WISH, ...index.set },
    remove: index.remove,
    values: { ...valuesOf(wish), ...index.values, completed: 'COMPLETED', room: 'room' },
  };
}

/** The condition that the item still has the wish that was seen, and that the wish applies as it did (rules SEEN and DUE). */
export function wishAsSeen(item: LedgerItem): Pick<Change, 'condition' | 'values'> {
  const { release_at, release_wished_at, begun_after } = item;
  const seen = Object.entries({ release_at, release_wished_at, begun_after });
  const conditions = seen.map(([name, value]) =>
    value === undefined ? `attribute_not_exists(#${name})` : `#${name} = :${name}_seen`,
  );
  return {
    condition: conditions.join(' AND '),
    values: Object.fromEntries(seen.map(([name, value]) => [`${name}_seen`, value])),
  };
}

/** The attributes with which an item is in the due index. */
export const DUE_INDEX = ['release_shard', 'release_look_at'] as const;

/** The parts of a write that add the item to the due index. */
export function indexParts(item: Pick<LedgerItem, 'id' | 'region'>, lookAtMs: number) {
  return {
    set: { release_shard: ':release_shard', release_look_at: ':release_look_at' },
    values: { release_shard: releaseShard(item), release_look_at: lookAtMs },
  };
}

/** When an item expires, in epoch seconds. */
export function expiresAt(fromMs: number, { keyRetentionSeconds }: Pick<ReleaseTimes, 'keyRetentionSeconds'>): number {
  return Math.floor(fromMs / 1000) + keyRetentionSeconds;
}

const SET_WISH = {
  schema_version: ':schema_version',
  release_at: ':at',
  release_wished_at: ':wished_at',
  release_due_at: ':due_at',
};

function valuesOf({ releaseAtMs, wishedAtMs, dueAtMs }: StoredWish): Change['values'] {
  return { schema_version: WISH_SCHEMA_VERSION, at: releaseAtMs, wished_at: wishedAtMs, due_at: dueAtMs };
}
