import { createHash } from 'node:crypto';
import type { Region } from './regions.ts';
import type { Room } from './room.ts';

/** The ledger's name for an idempotency key: hex SHA-256 of its UTF-8 bytes. Item id, room tag and look-ups use it. */
export function ledgerKey(idempotencyKey: string): string {
  return sha256(idempotencyKey);
}

/** How the keys begin that greenroom itself makes, for the members of rosters. No other sender may use them. */
export const RESERVED_KEY_PREFIXES = ['live/', 'bulk/'] as const;

/** JSON with the keys of every object in order of code units and lists as they are: equal values, equal text. */
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
 * The message group of a request: SQS lets groups yield that take too much. The tenant alone would not do, because each region has a quota of
 * its own: an import whose rows are sorted by region would have all workers wait for one region while the others lie idle.
 */
export function messageGroup({ tenant, region }: { tenant: string; region?: Region }): string {
  return region === undefined ? tenant : `${tenant}/${region}`;
}

/**
 * Whether two requests ask for the same room: hex SHA-256 of the room as given and the resolved region. The service's
 * defaults are not filled in, so that they may change; an empty name is no name, as it is to the service.
 */
export function payloadHash(payload: { room: Room; region: Region }): string {
  const { name, ...unnamed } = payload.room;
  return sha256(canonicalJson({ room: name ? payload.room : unnamed, region: payload.region }));
}

/** The name to create and to search with: the given one, or one derived from the key, because reconcile lists by name. */
export function roomName(room: Room, idempotencyKey: string): string {
  return room.name || `greenroom-${ledgerKey(idempotencyKey).slice(0, 32)}`;
}

/** Hex SHA-256 of the UTF-8 bytes of a text. */
export function sha256(utf8: string): string {
  return createHash('sha256').update(utf8, 'utf8').digest('hex');
}
