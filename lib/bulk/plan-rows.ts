import { canonicalJson, ledgerKey, payloadHash, sha256 } from '../contract/keys.ts';
import type { ManifestRow } from '../contract/manifest-row.ts';
import type { Problem } from '../contract/problems.ts';
import type { Region } from '../contract/regions.ts';
import type { RoomRequest } from '../contract/room-request.ts';
import type { ReadRow } from './read-manifest.ts';

/** A row that asks for a room of its own; one that asks again for the room of an earlier row; or one that asks for nothing. */
export type PlannedRow = { row: number; place: number } & (
  | { kind: 'request'; request: RoomRequest & { region: Region } }
  | { kind: 'repeated'; repeats: string }
  | { kind: 'invalid'; problems: Problem[] }
);

export interface PlanSettings {
  /** Begins the keys of rows without one; see `namespaceOf`. */
  namespace: string;
  /** Where a room is made whose row names no region. */
  defaultRegion: Region;
}

const MAX_NAMESPACE_CHARACTERS = 128;

/** The namespace of a manifest that was not given one: its file's base name. */
export function namespaceOf(fileName: string): string {
  return toNamespace((fileName.split('/').at(-1) ?? '').replace(/\.[a-z]+$/i, '')) || 'manifest';
}

/** What of a text can begin keys: no more than a key may hold. A request with a key that cannot be read would have no outcome. */
export function toNamespace(text: string): string {
  const characters = [...text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/gu, '-')];
  return characters.slice(0, MAX_NAMESPACE_CHARACTERS).join('');
}

/**
 * Gives every row its key. A row without one gets `bulk/<namespace>/<hash of what it asks for>/<n-th equal row>`, so that the
 * same content asks for the same rooms again wherever its rows stand, an edited row for one new room, and equal rows for a
 * room each. What this must remember of earlier rows is about 200 bytes a row.
 */
export async function* planRows(
  rows: AsyncIterable<ReadRow>,
  { namespace, defaultRegion }: PlanSettings,
): AsyncGenerator<PlannedRow> {
  const equalRows = new Map<string, number>();
  const seen = new Map<string, { row: number; payload: string }>();

  function keyOf({ key, room, tenant }: ManifestRow, region: Region): string {
    if (key !== undefined) return key;
    const hash = sha256(canonicalJson({ room, region, tenant }));
    const nth = (equalRows.get(hash) ?? 0) + 1;
    equalRows.set(hash, nth);
    return `bulk/${namespace}/${hash}/${nth}`;
  }

  for await (const read of rows) {
    const { row, place } = read;
    if (read.kind === 'invalid') {
      yield read;
      continue;
    }
    const { room, region = defaultRegion, tenant } = read.value;
    const idempotencyKey = keyOf(read.value, region);
    const member = ledgerKey(idempotencyKey);
    const payload = payloadHash({ room, region });
    const earlier = seen.get(member);
    if (earlier === undefined) {
      seen.set(member, { row, payload });
      yield { row, place, kind: 'request', request: { idempotencyKey, room, region, tenant } };
    } else if (earlier.payload === payload) yield { row, place, kind: 'repeated', repeats: member };
    else {
      const message = `is that of row ${earlier.row}, which asks for another room: rename one of them`;
      yield { row, place, kind: 'invalid', problems: [{ path: 'key', message }] };
    }
  }
}
