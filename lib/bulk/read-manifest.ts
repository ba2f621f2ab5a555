import { keyEdgeProblems } from '../contract/key-edges.ts';
import { type ManifestRow, manifestRowSchema } from '../contract/manifest-row.ts';
import { withoutNullFields } from '../contract/nulls.ts';
import { otherRegionProblems } from '../contract/other-regions.ts';
import { type Problem, problemsOf } from '../contract/problems.ts';
import { isRecord } from '../contract/record.ts';
import type { Region } from '../contract/regions.ts';
import { releaseTimeProblems, switchedOffProblems, timeIn } from '../contract/release-problems.ts';
import { cut } from '../contract/text.ts';
import { InputError } from '../input/input-error.ts';
import { readText } from '../input/read-text.ts';
import { manifestError } from './manifest-error.ts';
import { type FileFormat, findKind, kindByName } from './manifest-format.ts';
import type { ReadSettings } from './manifest-settings.ts';
import type { RawRow } from './raw-row.ts';
import { readCsv } from './read-csv.ts';
import { readJsonArray } from './read-json-array.ts';
import { readJsonDocument, readNdjson } from './read-ndjson.ts';
import { takeRepairMembers } from './repair-members.ts';

const MAX_ROWS = 50_000;
const MAX_QUOTED_UNITS = 40;

/** A row of a manifest: its value, or all of its problems. `place`: the position of the row, counted from 1, without empty rows. */
export type ReadRow = { row: number; place: number } & (
  | { kind: 'row'; value: ManifestRow }
  /** `written`: the row as its author wrote it, or the text of a line that is not JSON. */
  | { kind: 'invalid'; problems: Problem[]; written?: unknown }
);

/** The facts that determine which release times a row may have. */
export interface RowReleases {
  /** Whether the deployment releases rooms. If not, which is the default, a row with a release time is invalid. */
  releases?: boolean;
  /** When the manifest was uploaded. If it is absent, the release times of rows may be any distance ahead. */
  uploadedAtMs?: number | undefined;
}

interface Settings extends Partial<ReadSettings>, RowReleases {
  /** Is called once, before the first row. */
  onFormat?: (format: FileFormat) => void;
}

/**
 * The rows of a manifest, one after the other. The content determines the compression, the encoding and the format. An invalid row does not
 * prevent the others from being read.
 * @param defaultRegion the region of the rows that name no region
 * @throws ManifestError if the whole manifest must be refused. This may be known only at the end of the file, so read all rows once before
 *   you act on any of them
 */
export async function* readManifest(
  chunks: AsyncIterable<Uint8Array>,
  fileName: string,
  defaultRegion: Region,
  settings: Settings = {},
): AsyncGenerator<ReadRow> {
  const source = chunks[Symbol.asyncIterator]();
  try {
    let place = 0;
    for await (const raw of readRows({ [Symbol.asyncIterator]: () => source }, fileName, settings)) {
      place += 1;
      if (place > MAX_ROWS) throw manifestError('', `has more than ${MAX_ROWS} rows: split it into several manifests`);
      yield readRow(raw, place, defaultRegion, settings);
    }
    if (place === 0) throw manifestError('', 'contains no rows');
  } catch (error) {
    throw error instanceof InputError ? manifestError('', error.message) : error;
  } finally {
    // This call is not awaited, because it would wait for the bytes that are being read, and the connection may be lost.
    Promise.resolve(source.return?.()).catch(() => undefined);
  }
}

async function* readRows(
  chunks: AsyncIterable<Uint8Array>,
  fileName: string,
  { encoding, literal, onFormat = () => undefined }: Omit<Settings, keyof RowReleases>,
): AsyncGenerator<RawRow> {
  const { texts: decoded, ...text } = await readText(chunks, encoding);
  const { kind, texts } = await findKind(decoded, kindByName(fileName));
  if (kind === 'csv') {
    yield* readCsv(texts, literal, ({ separator }) => onFormat({ ...text, layout: { kind, separator } }));
    return;
  }
  onFormat({ ...text, layout: { kind } });
  if (kind === 'array') yield* readJsonArray(texts, literal);
  else yield* kind === 'document' ? readJsonDocument(texts, literal) : readNdjson(texts, literal);
}

/** Checks a row against the contract. */
export function readRow(raw: RawRow, place: number, defaultRegion: Region, releases: RowReleases = {}): ReadRow {
  const { row, value: given, problems, written = given } = raw;
  if (given === undefined) return { row, place, kind: 'invalid', problems, written };
  const { row: value, problems: listed } = isRecord(given)
    ? takeRepairMembers(withoutNullFields(given))
    : { row: given, problems: [] };
  const other = otherMessage(value);
  if (other !== undefined) return { row, place, kind: 'invalid', problems: [{ path: '', message: other }], written };
  const parsed = manifestRowSchema.safeParse(value);
  const found = [
    ...listed,
    ...(parsed.success ? [] : problemsOf(parsed.error, manifestRowSchema)),
    ...(isRecord(value) ? problemsBesidesSchema(value, defaultRegion, releases) : []),
  ];
  if (parsed.success && found.length + problems.length === 0) return { row, place, kind: 'row', value: parsed.data };
  const placed = found.map((problem) => placeProblem(problem, raw));
  return { row, place, kind: 'invalid', problems: [...problems, ...placed], written };
}

function problemsBesidesSchema(
  value: Record<string, unknown>,
  defaultRegion: Region,
  { releases = false, uploadedAtMs }: RowReleases,
): Problem[] {
  const off = switchedOffProblems(value, ['releaseAt'], releases);
  return [
    ...keyEdgeProblems('key', value.key),
    ...otherRegionProblems(value, defaultRegion),
    ...(off.length > 0 ? off : releaseTimeProblems('releaseAt', timeIn(value.releaseAt), uploadedAtMs)),
  ];
}

function placeProblem({ path, message }: Problem, { placeOf, textAt }: RawRow): Problem {
  const place = placeOf(path);
  const text = textAt?.(place);
  return {
    path: place,
    message: text === undefined ? message : `${message}, but is "${cut(text.trim(), MAX_QUOTED_UNITS)}"`,
  };
}

/** The name of the member that contains the rows, if the object is a wrapper around a list of rows. */
function listOfRows(value: Record<string, unknown>): string | undefined {
  if (Object.hasOwn(value, 'key') || Object.hasOwn(value, 'room')) return undefined;
  const lists = Object.entries(value).filter(
    ([, list]) => Array.isArray(list) && list.length > 0 && list.every(isRecord),
  );
  return lists[0]?.[0];
}

/** The problem of a row that is a message for another command. A column of a CSV file cannot have these names. */
function otherMessage(value: unknown): string | undefined {
  if (!isRecord(value)) return undefined;
  if (Object.hasOwn(value, 'liveEventId')) return 'is a live event: use greenroom schedule';
  const list = listOfRows(value);
  if (list !== undefined) return `has its rows in ${JSON.stringify(list)}: write only this list, or one row per line`;
  if (!Object.hasOwn(value, 'idempotencyKey')) return undefined;
  return 'is a room request: use greenroom send, or rename the field "idempotencyKey" to "key"';
}
