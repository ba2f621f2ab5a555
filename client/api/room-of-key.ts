import { ledgerKey } from '../../lib/contract/keys.ts';
import { regionNamed } from '../../lib/contract/regions.ts';
import { releaseAtText } from '../../lib/contract/release-wish.ts';
import type { LedgerItem, RoomItem } from '../../lib/ledger/ledger-item.ts';
import { type LedgerReading, readLedgerItem } from '../../lib/ledger/read-ledger-item.ts';
import { openWish } from '../../lib/ledger/wish.ts';
import type { Deployment } from '../deployment.ts';
import { standingWish } from '../operate/release/room-release.ts';
import type { KeyState } from './key-state.ts';

/**
 * Reads the state of a key with one strongly consistent GetItem, so that the answer is never older than one that any program has already
 * received.
 * @param wanted.nowMs returns the current time. It is called after the read, because a release that is due by then may already be deleting
 *   the room
 * @throws the SDK's error
 */
export async function readKeyState(
  { dynamodb, ledgerTable }: Pick<Deployment, 'dynamodb' | 'ledgerTable'>,
  key: string,
  wanted: { tenant: string | undefined; nowMs: () => number; signal?: AbortSignal | undefined },
): Promise<KeyState> {
  const { tenant, nowMs, signal } = wanted;
  const reading = await readLedgerItem({ dynamodb, tableName: ledgerTable, ...(signal && { signal }) }, ledgerKey(key));
  return keyState(key, reading, { tenant, nowMs: nowMs() });
}

/** Determines the state of a key from its item. @param wanted.tenant undefined: keys of all tenants */
export function keyState(
  idempotencyKey: string,
  reading: LedgerReading,
  wanted: { tenant: string | undefined; nowMs: number },
): KeyState {
  if (reading.kind === 'damaged') return { kind: 'unreadable', idempotencyKey, problem: reading.problem };
  // A string that is not well-formed has the same hash as its repaired form. An item that was stored for that other string must not be
  // returned.
  if (reading.kind === 'unknown' || (reading.item.idempotency_key ?? idempotencyKey) !== idempotencyKey)
    return { kind: 'not-requested', idempotencyKey };
  if (reading.kind === 'wish-only') return { kind: 'not-requested', idempotencyKey, ...releaseAtOf(reading.item) };
  const { item } = reading;
  const owner = item.decision === undefined ? item.tenant : (item.completion.data.tenant ?? item.tenant);
  if (wanted.tenant !== undefined && owner !== undefined && owner !== wanted.tenant)
    return { kind: 'other-tenant', idempotencyKey };
  return stateOfItem(idempotencyKey, item, wanted.nowMs);
}

function stateOfItem(idempotencyKey: string, item: LedgerItem, nowMs: number): KeyState {
  switch (item.decision) {
    case 'room':
      return stateOfRoom(idempotencyKey, item, nowMs);
    case 'failed': {
      const { id: completionId, data } = item.completion;
      if (data.outcome !== 'failed') return contradiction(idempotencyKey);
      const { reason, error, problems, retryable, generation } = data;
      const more = { ...(problems && { problems }), ...(generation !== undefined && { generation }) };
      const decidedAt = isoTime(item.decided_at);
      return { kind: 'failed', idempotencyKey, decidedAt, completionId, reason, error, retryable, ...more };
    }
    default: {
      const region = regionNamed(item.region);
      const neededBy = item.needed_by === undefined ? {} : { neededBy: isoTime(item.needed_by) };
      return { kind: 'pending', idempotencyKey, ...(region && { region }), generation: item.generation, ...neededBy };
    }
  }
}

/** A room is usable only before the mark, and before the earliest moment at which a releaser may write the mark. */
function stateOfRoom(idempotencyKey: string, item: RoomItem, nowMs: number): KeyState {
  const { released_at: releasedAtMs, release_marked_at: markedAtMs, decided_at: decidedAtMs, completion } = item;
  if (releasedAtMs !== undefined) return { kind: 'released', idempotencyKey, releasedAt: isoTime(releasedAtMs) };
  const wish = openWish(item);
  const isFinal = markedAtMs !== undefined;
  if (isFinal || (wish !== undefined && wish.dueAtMs <= nowMs)) {
    const releaseAt = isoTime(wish?.releaseAtMs ?? markedAtMs ?? nowMs);
    return { kind: 'releasing', idempotencyKey, isFinal, releaseAt };
  }
  const { id: completionId, data } = completion;
  if (data.outcome === 'failed') return contradiction(idempotencyKey);
  const { tenant, region, room, outcome, generation } = data;
  const release = wish && { releaseAt: isoTime(wish.releaseAtMs), cacheableUntil: isoTime(wish.dueAtMs) };
  const decidedAt = isoTime(decidedAtMs);
  const facts = { tenant, region, room, outcome, generation, decidedAt, completionId };
  return { kind: 'provisioned', idempotencyKey, ...facts, ...release };
}

function contradiction(idempotencyKey: string): KeyState {
  return { kind: 'unreadable', idempotencyKey, problem: "The item's decision contradicts its completion" };
}

function releaseAtOf(item: Parameters<typeof standingWish>[0]): { releaseAt?: string } {
  const text = releaseAtText(standingWish(item)?.releaseAtMs ?? Number.POSITIVE_INFINITY);
  return text === null ? {} : { releaseAt: text };
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
