import { randomUUID } from 'node:crypto';
import type { Completion } from '../contract/completion.ts';
import { isStopFailure, isStopOfAnother, type LedgerRequest } from './judge-item.ts';
import type { Change } from './ledger.ts';
import { type DecidedItem, LEDGER_SCHEMA_VERSION, type LedgerItem, WISH_SCHEMA_VERSION } from './ledger-item.ts';
import { releaseDueAtMs } from './release-changes.ts';
import { openWish } from './wish.ts';
import { expiresAt, indexParts, type ReleaseTimes } from './wish-changes.ts';

/** The message for which a claim is made. */
export interface Claimant extends LedgerRequest {
  ledgerKey: string;
  idempotencyKey: string;
  region: string;
  tenant: string;
  neededByMs: number;
  /** When the request was first sent: no later than `sentAtMs`, which is new if an operator has sent the request back. */
  askedAtMs: number;
  /** Present if the message may not begin a new generation. If it would have to begin one, it gets this completion instead. */
  answerIfNew?: Completion;
  /** Whether the message may continue only an item that has a wish, because it states a wish although releases are switched off. */
  needsStoredWish?: boolean;
}

/** A lease that a worker takes: it has its own token and lasts until `endMs`. */
export interface Lease {
  token: string;
  endMs: number;
  nowMs: number;
}

// Rule FIRST: an item that was rebuilt from its room's tags belongs to the first request that names the room's region.
const MAY_ADOPT =
  '#schema_version IN (:schema_version, :wish_schema_version) AND #status = :in_progress AND #lease_end < :now ' +
  'AND attribute_not_exists(#payload_hash) AND #region = :region';
const IS_FAILED = '#version = :seen AND #status = :completed AND #decision = :failed';
const MAY_RETAKE = `${IS_FAILED} AND #decided_at < :sent_at`;
const MAY_RETAKE_STOPPED = `${IS_FAILED} AND (attribute_not_exists(#answered_until) OR #answered_until < :sent_at)`;

/**
 * The ordinary acquire: the key is new, or its owner's lease has ended. The item keeps everything that earlier attempts wrote, and the wish
 * that was stored before its first request (rule LEAVE). An item in progress has no time to live (rules TTL and CLEAR).
 */
export function acquireChange(claimant: Claimant, lease: Lease): Change {
  const otherHashes = otherHashValues(claimant);
  const mayTakeOver = takeOverCondition(Object.keys(otherHashes));
  return {
    condition: claimant.answerIfNew
      ? `${mayTakeOver}${claimant.needsStoredWish ? ' AND attribute_exists(#release_wished_at)' : ''}`
      : `attribute_not_exists(#claim_id) OR (${mayTakeOver}) OR (${MAY_ADOPT})`,
    set: {
      ...LEASE,
      version: 'if_not_exists(#version, :zero) + :one',
      claim_id: 'if_not_exists(#claim_id, :claim_id)',
      generation: 'if_not_exists(#generation, :zero)',
      schema_version: 'if_not_exists(#schema_version, :schema_version)',
      idempotency_key: 'if_not_exists(#idempotency_key, :idempotency_key)',
      region: 'if_not_exists(#region, :region)',
      tenant: 'if_not_exists(#tenant, :tenant)',
      payload_hash: 'if_not_exists(#payload_hash, :payload_hash)',
      needed_by: 'if_not_exists(#needed_by, :needed_by)',
    },
    remove: ['expires_at'],
    values: {
      ...valuesOf(claimant, lease),
      ...otherHashes,
      now: lease.nowMs,
      zero: 0,
      claim_id: randomUUID(),
      schema_version: LEDGER_SCHEMA_VERSION,
      wish_schema_version: WISH_SCHEMA_VERSION,
      idempotency_key: claimant.idempotencyKey,
    },
  };
}

/**
 * Claims a failed key again: begins the next generation, and removes the outcome and the notes of the previous one. `answered_until` moves
 * to the time of the failure, unless the failure applies only to the messages of a stopped job (rule STOP). The wish does not change (rule
 * LEAVE), but applies to the new generation only if it was made after `begun_after`: after the failure (rule BOUND), or since this request was
 * first sent (rule REACH).
 */
export function retakeChange(claimant: Claimant, lease: Lease, seen: DecidedItem): Change {
  const isStop = isStopOfAnother(seen, claimant);
  return {
    condition: isStop ? MAY_RETAKE_STOPPED : MAY_RETAKE,
    set: {
      ...LEASE,
      version: '#version + :one',
      generation: '#generation + :one',
      region: ':region',
      tenant: ':tenant',
      payload_hash: ':payload_hash',
      needed_by: ':needed_by',
      begun_after: ':begun_after',
      ...(!isStop && { answered_until: ':answered_until' }),
    },
    remove: [
      'decision',
      'decided_at',
      'completion',
      'create_started_at',
      'listing',
      'rebuilt_from',
      'denied_at',
      'expires_at',
      'waits',
    ],
    values: {
      ...valuesOf(claimant, lease),
      seen: seen.version,
      begun_after: Math.min(seen.decided_at, claimant.askedAtMs - 1),
      ...(!isStop && { answered_until: seen.decided_at }),
      completed: 'COMPLETED',
      failed: 'failed',
      sent_at: claimant.sentAtMs,
    },
  };
}

/**
 * Writes an intent. If the item was rebuilt from a room, that room no longer exists. It was published with this claim and generation, so the
 * new room needs a new claim. Otherwise, its completion would have the same id as that of the deleted room, and consumers would drop it
 * (rule ID).
 */
export function intentParts(
  { rebuilt_from }: LedgerItem,
  { nowMs, neededByMs }: { nowMs: number; neededByMs: number },
): Omit<Change, 'condition'> {
  const isRebuilt = rebuilt_from !== undefined;
  return {
    set: { create_started_at: ':now', needed_by: ':needed_by', ...(isRebuilt && { claim_id: ':claim_id' }) },
    remove: ['listing', 'rebuilt_from'],
    values: { now: nowMs, needed_by: neededByMs, ...(isRebuilt && { claim_id: randomUUID() }) },
  };
}

/**
 * Completes an item. If its room has an open wish, the item joins the due index, and gets no time to live (rule KEEP). Any other item gets its
 * time to live only now (rule TTL).
 */
export function completeParts(
  item: DecidedItem,
  times: ReleaseTimes & { listingLagMs: number },
): Omit<Change, 'condition'> {
  const wish = item.decision === 'room' ? openWish(item) : undefined;
  const lookAtMs = wish && releaseDueAtMs(item, wish, times);
  const parts =
    lookAtMs === undefined
      ? { set: { expires_at: ':expires_at' }, values: { expires_at: expiresAt(times.nowMs, times) } }
      : indexParts(item, lookAtMs);
  return {
    set: { status: ':completed', ...parts.set },
    remove: ['waits'],
    values: { completed: 'COMPLETED', ...parts.values },
  };
}

/**
 * How long a stop applies to the messages of its job. A message can spend 28 days in queues if it is parked and sent back. greenroom
 * remembers a job for at least 30 days after its end. After that, the same content under the same object key is a new job with the same
 * id.
 */
const STOP_LASTS_MS = 30 * 24 * 3_600_000;

/** Decides that the generation failed. If the reason is a stopped job, its messages cannot claim the key again (rule STOP). */
export function failureParts(
  { stopped_jobs: jobs = new Set(), stopped_until: untilMs = Number.POSITIVE_INFINITY }: LedgerItem,
  { bulkJob }: Pick<Claimant, 'bulkJob'>,
  completion: Completion,
  decidedAtMs: number,
): Omit<Change, 'condition'> {
  const isStop = isStopFailure(completion) && bulkJob !== undefined;
  const bound = untilMs < decidedAtMs ? [] : jobs;
  return {
    set: {
      decision: ':decision',
      completion: ':completion',
      decided_at: ':decided_at',
      ...(isStop && { stopped_jobs: ':stopped_jobs', stopped_until: ':stopped_until' }),
    },
    remove: ['create_started_at', 'listing'],
    values: {
      decision: 'failed',
      completion: JSON.stringify(completion),
      decided_at: decidedAtMs,
      ...(isStop && { stopped_jobs: new Set([...bound, bulkJob]), stopped_until: decidedAtMs + STOP_LASTS_MS }),
    },
  };
}

/**
 * Rule OWNER: the hash is part of the condition, because Powertools compares payloads only when the condition fails. There is no "expired"
 * clause: an item is valid until DynamoDB deletes it (rule TTL).
 */
function takeOverCondition(otherHashes: readonly string[]): string {
  const hashes = ['payload_hash', ...otherHashes].map((name) => `:${name}`).join(', ');
  return (
    '#schema_version IN (:schema_version, :wish_schema_version) AND #status = :in_progress AND #lease_end < :now ' +
    `AND (#payload_hash IN (${hashes}) OR attribute_exists(#decision))`
  );
}

function otherHashValues({ otherHashes = [] }: Claimant): Record<string, string> {
  return Object.fromEntries(otherHashes.map((hash, index) => [`other_hash_${index}`, hash]));
}

const LEASE = { status: ':in_progress', lease_token: ':token', lease_end: ':lease_end' };

function valuesOf(claimant: Claimant, lease: Lease): Change['values'] {
  return {
    in_progress: 'INPROGRESS',
    token: lease.token,
    lease_end: lease.endMs,
    one: 1,
    payload_hash: claimant.payloadHash,
    region: claimant.region,
    tenant: claimant.tenant,
    needed_by: claimant.neededByMs,
  };
}
