import { randomUUID } from 'node:crypto';
import type { TaggedRoom } from './is-extra-room.ts';
import type { Change } from './ledger.ts';
import { LEDGER_SCHEMA_VERSION, type LedgerItem } from './ledger-item.ts';
import { CLAIM_TAG, parseClaimTag } from './room-tags.ts';
import { DUE_INDEX } from './wish-changes.ts';

/** A room whose tags prove that its key was claimed. */
export interface RoomAsProof extends TaggedRoom {
  region: string;
  createdAtMs: number;
  /** Whether it was created after the backup. The item of an older room may have expired. */
  isNew: boolean;
}

/**
 * The state of the item of a room's key in a ledger that was restored from a backup, as the tags of the room show it.
 *
 * - `known`: the item contains the room, or later facts about the key.
 * - `missing`: there is no item, because the key was first claimed after the backup.
 * - `behind`: the item is out of date, because the key was claimed again after the backup (after a failure, or after its item had expired).
 * - `undecided`: the item contains the claim that created the room, but was backed up before the room was stored.
 * - `expired`: the room is older than the backup, and the item of its claim has expired.
 * - `untagged`: the room has no valid claim tag.
 */
export type Lag = RebuiltLag | 'known' | 'expired' | 'untagged';
/** The states that `rebuildChange` corrects. */
export type RebuiltLag = 'missing' | 'behind' | 'undecided';

/**
 * The age of a room counts only if the item has a different claim, or if there is no item. An item of the backup may have been undecided for a
 * long time before it adopted its room.
 */
export function lagBehind(room: RoomAsProof, item: LedgerItem | undefined): Lag {
  const { claimId, generation } = parseClaimTag(room.tags[CLAIM_TAG]);
  if (claimId === undefined) return room.isNew ? 'untagged' : 'expired';
  if (claimId !== item?.claim_id && !room.isNew) return 'expired';
  if (item === undefined) return 'missing';
  if (claimId !== item.claim_id) return room.createdAtMs > lastRecordedMs(item) ? 'behind' : 'known';
  // Only a failed generation is followed by another. A generation that has a room is the last one of its claim.
  if (generation > item.generation) return item.decision === 'room' ? 'known' : 'behind';
  if (generation < item.generation || item.decision !== undefined) return 'known';
  return item.rebuilt_from === room.arn ? 'known' : 'undecided';
}

/** The latest time at which the item records an intent or a decision. */
function lastRecordedMs(item: LedgerItem): number {
  return Math.max(item.create_started_at ?? 0, item.decision === undefined ? 0 : item.decided_at);
}

// These attributes belong to an earlier generation or claim of the key, so they are removed.
const EARLIER_FACTS = [
  'payload_hash',
  'needed_by',
  'tenant',
  'decision',
  'decided_at',
  'completion',
  'room_arn',
  'denied_at',
  'expires_at',
  'waits',
];

// Nothing shows which generation these belong to. A wish for an earlier one must not release the room.
const RELEASE_FACTS = [
  'release_at',
  'release_wished_at',
  'release_due_at',
  'begun_after',
  'release_marked_at',
  'released_event',
  'released_at',
  ...DUE_INDEX,
];

/**
 * Rule REBUILD: writes an intent for the room. The first request for the key then adopts the room. The lease token is new, so that a worker
 * that began before the restore can no longer write the item. The condition fails if the item has changed since it was read.
 * @param lag why the item is rebuilt. In an `undecided` item, only the intent changes, because the rest of the item is valid
 */
export function rebuildChange(room: RoomAsProof, item: LedgerItem | undefined, lag: RebuiltLag): Change {
  const { claimId, generation } = parseClaimTag(room.tags[CLAIM_TAG]);
  return {
    condition:
      item === undefined ? 'attribute_not_exists(#claim_id)' : '#version = :seen AND #lease_token = :seen_token',
    set: {
      schema_version: 'if_not_exists(#schema_version, :schema_version)',
      status: ':in_progress',
      lease_token: ':token',
      lease_end: ':over',
      version: ':version',
      claim_id: ':claim_id',
      generation: ':generation',
      region: ':region',
      create_started_at: ':created_at',
      rebuilt_from: ':arn',
    },
    remove: [
      'listing',
      ...(lag === 'undecided' ? [] : EARLIER_FACTS),
      ...(lag === 'undecided' || item === undefined ? [] : RELEASE_FACTS),
    ],
    values: {
      schema_version: LEDGER_SCHEMA_VERSION,
      in_progress: 'INPROGRESS',
      token: randomUUID(),
      over: 0,
      version: (item?.version ?? 0) + 1,
      claim_id: claimId,
      generation,
      region: room.region,
      created_at: room.createdAtMs,
      arn: room.arn,
      ...(item && { seen: item.version, seen_token: item.lease_token }),
    },
  };
}
