import { manifestError } from './manifest-error.ts';
import type { RawRow } from './raw-row.ts';
import { MAX_ROW_UNITS } from './text-chunks.ts';

/** Rows of NDJSON: one JSON value per line. Blank lines are ignored. @throws ManifestError for a line that is too long */
export async function* readNdjson(texts: AsyncIterable<string>): AsyncGenerator<RawRow> {
  let row = 0;
  let rest = '';
  for await (const text of texts) {
    const [first = '', ...lines] = text.split('\n');
    rest += first;
    for (const line of lines) {
      yield* parseLine(++row, rest);
      rest = line;
    }
    if (rest.length > MAX_ROW_UNITS) throw manifestError(`row ${row + 1}`, 'is longer than 1 MiB');
  }
  yield* parseLine(row + 1, rest);
}

function* parseLine(row: number, line: string): Generator<RawRow> {
  if (line.trim() !== '') yield parseJsonRow(row, line);
}

/** A row that is one JSON value. */
export function parseJsonRow(row: number, json: string): RawRow {
  const placeOf = (path: string) => path;
  try {
    return { row, value: JSON.parse(json), problems: [], placeOf };
  } catch (error) {
    const message = `is not JSON: ${error instanceof Error ? error.message : String(error)}`;
    return { row, problems: [{ path: '', message }], placeOf };
  }
}
