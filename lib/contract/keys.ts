import { createHash } from 'node:crypto';
import type { Region } from './regions.ts';
import type { Room } from './room.ts';

/** The ledger's name for an idempotency key: hex SHA-256 of its UTF-8 bytes. Item id, room tag and look-ups use it. */
export function ledgerKey(idempotencyKey: string): string {
  return sha256(idempotencyKey);
}

/** The prefixes of the keys that greenroom itself generates for the members of rosters. No other sender may use them. */
export const RESERVED_KEY_PREFIXES = ['live/', 'bulk/'] as const;

/** JSON in which the keys of every object are sorted by code units. Lists keep their order. Equal values have equal texts. */
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
 * The message group of a request. SQS makes a group yield if it takes too much. The tenant alone would not be enough, because each region
 * has its own quota: with an import whose rows are sorted by region, all workers would wait for one region while the others are idle.
 */
export function messageGroup({ tenant, region }: { tenant: string; region?: Region }): string {
  return region === undefined ? tenant : `${tenant}/${region}`;
}

/**
 * Equal for two requests for the same room: hex SHA-256 of the room as requested and the resolved region. The service's
 * defaults are not filled in, because they may change. An empty name counts as no name, as in the service.
 */
export function payloadHash(payload: { room: Room; region: Region }): string {
  const { name, ...unnamed } = payload.room;
  return sha256(canonicalJson({ room: name ? payload.room : unnamed, region: payload.region }));
}

/** The name to create and search with: the requested one, or one derived from the key, because reconcile lists by name. */
export function roomName(room: Room, idempotencyKey: string): string {
  return room.name || `greenroom-${ledgerKey(idempotencyKey).slice(0, 32)}`;
}

/** Hex SHA-256 of the UTF-8 bytes of a text. */
export function sha256(utf8: string): string {
  return createHash('sha256').update(utf8, 'utf8').digest('hex');
}
