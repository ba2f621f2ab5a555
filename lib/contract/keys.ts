import { createHash } from 'node:crypto';
import type { Region } from './regions.ts';
import type { Room } from './room.ts';

/** The ledger key of an idempotency key: hex SHA-256 of its UTF-8 bytes. It is the id of the item and the value of a room tag. */
export function ledgerKey(idempotencyKey: string): string {
  return sha256(idempotencyKey);
}

/** The prefixes of the keys that greenroom itself generates for the members of rosters. No other sender may use them. */
export const RESERVED_KEY_PREFIXES = ['live/', 'bulk/'] as const;

/** JSON in which the keys of every object are sorted by code units. Lists keep their order. Equal values give equal strings. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}

/**
 * The message group of a request. While one group takes more than its share, SQS delivers the messages of other groups first. The group
 * contains the region, because each region has its own quota. If it contained only the tenant, an import that is sorted by region would
 * make all workers wait for one region, and the quotas of the other regions would not be used.
 */
export function messageGroup({ tenant, region }: { tenant: string; region?: Region }): string {
  return region === undefined ? tenant : `${tenant}/${region}`;
}

/**
 * Hex SHA-256 of the room, as the sender wrote it, and of the resolved region. IVS Chat's defaults are not filled in, because they may
 * change. An empty name counts as no name, as it does in IVS Chat. Payloads with different hashes may still be the same: see
 * `payloadHashes`.
 */
export function payloadHash(payload: { room: Room; region: Region }): string {
  const { name, ...unnamed } = payload.room;
  return sha256(canonicalJson({ room: name ? payload.room : unnamed, region: payload.region }));
}

/**
 * The name under which the room is created and searched for: the requested name, or one derived from the key. Every room needs a name,
 * because reconcile lists rooms by name.
 */
export function roomName(room: Room, idempotencyKey: string): string {
  return room.name || `greenroom-${ledgerKey(idempotencyKey).slice(0, 32)}`;
}

/** Hex SHA-256 of the UTF-8 bytes of a string. */
export function sha256(utf8: string): string {
  return createHash('sha256').update(utf8, 'utf8').digest('hex');
}
