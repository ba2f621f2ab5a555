import { canonicalJson, ledgerKey, payloadHash, sha256 } from '../contract/keys.ts';
import type { ManifestRow } from '../contract/manifest-row.ts';
import { withoutEmptyMembers } from '../contract/payload-notations.ts';
import type { Problem } from '../contract/problems.ts';
import type { Region } from '../contract/regions.ts';
import { timeIn } from '../contract/release-problems.ts';
import type { RoomRequest } from '../contract/room-request.ts';
import type { ReadRow } from './read-manifest.ts';

/** A row that requests a room, repeats the request of an earlier row, or is invalid. */
export type PlannedRow = { row: number; place: number } & (
  | { kind: 'request'; request: RoomRequest & { region: Region } }
  | { kind: 'repeated'; repeats: string }
  /** `written`: as in `ReadRow`. */
  | { kind: 'invalid'; problems: Problem[]; written?: unknown }
);

export interface PlanSettings {
  /** The prefix of generated keys; see `namespaceOf`. */
  namespace: string;
  /** The region of the rows that name no region. */
  defaultRegion: Region;
  /**
   * When the manifest was uploaded. The release times of its rows count as decided at this time or, if it is absent, when their requests are
   * sent.
   */
  uploadedAtMs?: number | undefined;
}

const MAX_NAMESPACE_CHARACTERS = 128;

/**
 * The default namespace of a manifest: the base name of its file, in Unicode's composed form (NFC). Some file systems and programs, such as
 * those of macOS, write the same name in decomposed form. A compressed copy of a file has the same namespace.
 */
export function namespaceOf(fileName: string): string {
  const file = (fileName.split('/').at(-1) ?? '').replace(/\.gz$/i, '');
  return toNamespace(file.replace(/\.[a-z]+$/i, '').normalize('NFC')) || 'manifest';
}

/** Whether two namespaces are equal in composed form. Jobs of earlier versions may have a decomposed name, and keep it. */
export function isSameNamespace(a: string, b: string): boolean {
  return a.normalize('NFC') === b.normalize('NFC');
}

/** Turns a string into a valid prefix for keys, because a request with an invalid key would have no outcome. */
export function toNamespace(text: string): string {
  const characters = [...text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/gu, '-')];
  return characters.slice(0, MAX_NAMESPACE_CHARACTERS).join('');
}

/**
 * Assigns a key to every row. A row without a key gets `bulk/<namespace>/<hash of its request>/<n-th equal row>`. If the same rows are
 * uploaded again, in any order, they therefore request the same rooms. An edited row requests one new room, and each of several equal rows
 * requests its own room. The function needs about 200 bytes of memory for each row.
 */
export async function* planRows(
  rows: AsyncIterable<ReadRow>,
  { namespace, defaultRegion, uploadedAtMs }: PlanSettings,
): AsyncGenerator<PlannedRow> {
  const equalRows = new Map<string, number>();
  const seen = new Map<string, { row: number; payload: string; releaseAtMs: number | undefined }>();

  function keyOf({ key, room, tenant }: ManifestRow, region: Region): string {
    if (key !== undefined) return key;
    const hash = sha256(canonicalJson({ room, region, tenant }));
    const nth = (equalRows.get(hash) ?? 0) + 1;
    equalRows.set(hash, nth);
    return `bulk/${namespace}/${hash}/${nth}`;
  }

  function wishOf(releaseAt: string | undefined) {
    if (releaseAt === undefined) return {};
    return { releaseAt, ...(uploadedAtMs !== undefined && { releaseWishedAt: new Date(uploadedAtMs).toISOString() }) };
  }

  for await (const read of rows) {
    const { row, place } = read;
    if (read.kind === 'invalid') {
      yield read;
      continue;
    }
    const { room, region = defaultRegion, tenant, metadata, releaseAt } = read.value;
    const idempotencyKey = keyOf(read.value, region);
    const member = ledgerKey(idempotencyKey);
    const payload = payloadHash({ room: withoutEmptyMembers(room), region });
    const releaseAtMs = timeIn(releaseAt);
    const earlier = seen.get(member);
    if (earlier === undefined) {
      seen.set(member, { row, payload, releaseAtMs });
      yield {
        row,
        place,
        kind: 'request',
        request: { idempotencyKey, room, region, tenant, ...(metadata && { metadata }), ...wishOf(releaseAt) },
      };
    } else if (earlier.payload !== payload) {
      const message = `is also the key of row ${earlier.row}, which requests a different room: change one of the keys`;
      yield { row, place, kind: 'invalid', problems: [{ path: 'key', message }], written: read.value };
    } else if (earlier.releaseAtMs !== releaseAtMs) {
      const message = `must be the same time as in row ${earlier.row}, which has the same key`;
      yield { row, place, kind: 'invalid', problems: [{ path: 'releaseAt', message }], written: read.value };
    } else yield { row, place, kind: 'repeated', repeats: member };
  }
}
