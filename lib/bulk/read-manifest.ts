import { keyEdgeProblems } from '../contract/key-edges.ts';
import { type ManifestRow, manifestRowSchema } from '../contract/manifest-row.ts';
import { withoutNullFields } from '../contract/nulls.ts';
import { otherRegionProblems } from '../contract/other-regions.ts';
import { type Problem, problemsOf } from '../contract/problems.ts';
import { isRecord } from '../contract/record.ts';
import type { Region } from '../contract/regions.ts';
import { manifestError } from './manifest-error.ts';
import type { RawRow } from './raw-row.ts';
import { readCsv } from './read-csv.ts';
import { readJsonArray } from './read-json-array.ts';
import { readNdjson } from './read-ndjson.ts';
import { decodeUtf8 } from './text-chunks.ts';

const MAX_ROWS = 50_000;

/** A row of a manifest: its value, or all of its problems. `place`: the position of the row, counted from 1 without the empty rows. */
export type ReadRow = { row: number; place: number } & (
  | { kind: 'row'; value: ManifestRow }
  | { kind: 'invalid'; problems: Problem[] }
);

type ReadFormat = (texts: AsyncIterable<string>) => AsyncGenerator<RawRow>;

const FORMATS = new Map<string, ReadFormat>([
  ['csv', readCsv],
  ['ndjson', readNdjson],
  ['jsonl', readNdjson],
  ['json', readJsonArray],
]);

/**
 * The rows of a manifest, one after the other. The extension of the file name determines the format. An invalid row does
 * not stop the others.
 * @param defaultRegion the region of the rows that name no region
 * @throws ManifestError if the whole manifest must be refused. This may be known only at the end of the file, so read all rows once before
 *   you act on any of them
 */
export async function* readManifest(
  chunks: AsyncIterable<Uint8Array>,
  fileName: string,
  defaultRegion: Region,
): AsyncGenerator<ReadRow> {
  const format = FORMATS.get(/\.([a-z]+)$/i.exec(fileName)?.[1]?.toLowerCase() ?? '');
  if (!format)
    throw manifestError('', `has an unknown file name extension: use one of .${[...FORMATS.keys()].join(', .')}`);
  let place = 0;
  for await (const raw of format(decodeUtf8(chunks))) {
    place += 1;
    if (place > MAX_ROWS) throw manifestError('', `has more than ${MAX_ROWS} rows: split it into several manifests`);
    yield readRow(raw, place, defaultRegion);
  }
  if (place === 0) throw manifestError('', 'contains no rows');
}

function readRow({ row, value: given, problems, placeOf }: RawRow, place: number, defaultRegion: Region): ReadRow {
  if (given === undefined) return { row, place, kind: 'invalid', problems };
  const value = isRecord(given) ? withoutNullFields(given) : given;
  const parsed = manifestRowSchema.safeParse(value);
  const found = [
    ...(parsed.success ? [] : problemsOf(parsed.error)),
    ...(isRecord(value) ? [...keyEdgeProblems('key', value.key), ...otherRegionProblems(value, defaultRegion)] : []),
  ];
  if (parsed.success && found.length + problems.length === 0) return { row, place, kind: 'row', value: parsed.data };
  const placed = found.map(({ path, message }) => ({ path: placeOf(path), message }));
  return { row, place, kind: 'invalid', problems: [...problems, ...placed] };
}
