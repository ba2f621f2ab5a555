import { randomUUID } from 'node:crypto';
import type { TaggedRoom } from './is-extra-room.ts';
import type { Change } from './ledger.ts';
import { LEDGER_SCHEMA_VERSION, type LedgerItem } from './ledger-item.ts';
import { CLAIM_TAG, parseClaimTag } from './room-tags.ts';

/** A room that proves that its key was claimed. */
export interface RoomAsProof extends TaggedRoom {
  region: string;
  createdAtMs: number;
}

/**
 * What a room says about the item of its key in a ledger that was restored from a backup.
 *
 * - `known`: the item knows the room, or more than the room says.
 * - `missing`: the key was first claimed after the backup.
 * - `behind`: the key was claimed again after the backup: after a failure, or after its item had expired.
 * - `undecided`: the item has the claim that created the room, but does not know that there is a room.
 * - `untagged`: greenroom did not write the room's claim tag.
 */
export type Lag = 'known' | 'missing' | 'behind' | 'undecided' | 'untagged';

/** @param room a room that was created after the backup. Older rooms whose items have expired would count as new */
export function lagBehind(room: RoomAsProof, item: LedgerItem | undefined): Lag {
  const { claimId, generation } = parseClaimTag(room.tags[CLAIM_TAG]);
  if (claimId === undefined) return 'untagged';
  if (item === undefined) return 'missing';
  if (claimId !== item.claim_id) return room.createdAtMs > lastMomentOf(item) ? 'behind' : 'known';
  // A room is the last outcome of a claim. Only a failed generation is followed by another one.
  if (generation > item.generation) return item.decision === 'room' ? 'known' : 'behind';
  if (generation < item.generation || item.decision !== undefined) return 'known';
  return item.rebuilt_from === undefined || room.createdAtMs < (item.create_started_at ?? 0) ? 'undecided' : 'known';
}

/** When the item last knew about a room or a decision. */
function lastMomentOf(item: LedgerItem): number {
  return Math.max(item.create_started_at ?? 0, item.decision === undefined ? 0 : item.decided_at);
}

// Facts of another generation or of another claim. The key stays the same.
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

/**
 * Rule REBUILD: writes an intent for the room. Its first request adopts the room. The lease token is new, so that no write of a worker from
 * before the restore succeeds. The condition fails if the item has changed since it was read.
 * @param lag why the item is rebuilt. Only the intent of an `undecided` item changes, because its payload is known
 */
export function rebuildChange(
  room: RoomAsProof,
  item: LedgerItem | undefined,
  lag: Exclude<Lag, 'known' | 'untagged'>,
): Change {
  const { claimId, generation } = parseClaimTag(room.tags[CLAIM_TAG]);
  return {
    condition: item === undefined ? 'attribute_not_exists(#id)' : '#version = :seen AND #lease_token = :seen_token',
    set: {
      schema_version: ':schema_version',
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
    remove: ['listing', ...(lag === 'undecided' ? [] : EARLIER_FACTS)],
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
