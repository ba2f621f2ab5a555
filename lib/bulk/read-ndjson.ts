import { jsonLosses } from '../contract/json-losses.ts';
import { notJson } from '../contract/json-mistakes.ts';
import { lostLetterProblems } from '../contract/key-edges.ts';
import { isRecord } from '../contract/record.ts';
import { manifestError } from './manifest-error.ts';
import { MAX_COUNTED_ROWS, MAX_ROW_UNITS, type RawRow, TOO_MANY_ROWS } from './raw-row.ts';

/**
 * Rows of NDJSON: one JSON value per line. Blank lines are ignored. Byte order marks at the start of lines, which come from files that were
 * joined, are ignored too.
 * @throws ManifestError for a line that is too long
 */
export async function* readNdjson(texts: AsyncIterable<string>, literal = false): AsyncGenerator<RawRow> {
  let row = 0;
  let rest = '';
  for await (const text of texts) {
    const [first = '', ...lines] = text.split('\n');
    rest += first;
    for (const line of lines) {
      yield* parseLine(++row, rest, literal);
      if (row > MAX_COUNTED_ROWS) throw manifestError('', TOO_MANY_ROWS);
      rest = line;
    }
    if (rest.length > MAX_ROW_UNITS) throw manifestError(`row ${row + 1}`, 'is longer than 1 MiB');
  }
  yield* parseLine(row + 1, rest, literal);
}

function* parseLine(row: number, line: string, literal: boolean): Generator<RawRow> {
  const json = line.startsWith('\ufeff') ? line.slice(1) : line;
  if (json.trim() !== '') yield parseJsonRow(row, json, literal);
}

/** The row of one JSON document over several lines. @throws ManifestError if the document is too long, or not JSON */
export async function* readJsonDocument(texts: AsyncIterable<string>, literal = false): AsyncGenerator<RawRow> {
  let document = '';
  for await (const text of texts) {
    document += text;
    if (document.length > MAX_ROW_UNITS) throw manifestError('', 'is one JSON document of more than 1 MiB, not a list');
  }
  const row = parseJsonRow(1, document, literal);
  const [problem] = row.problems;
  if (problem && row.value === undefined) throw manifestError('', documentProblem(document, problem.message));
  yield row;
}

/** @param reason why a file whose first line leaves a bracket open cannot be read */
export function documentProblem(document: string, reason: string): string {
  if (!/[\r\n]/.test(document.trim()))
    return `is one JSON document whose end is missing, or has too few closing brackets: ${reason}`;
  return /after JSON/.test(reason)
    ? 'contains several JSON documents over several lines: write each on one line, as jq -c does, or write one list'
    : `is one JSON document over several lines, which cannot be read: ${reason}`;
}

/**
 * A row that is one JSON value.
 * @param literal whether a value is accepted, as in earlier versions, even if `JSON.parse` drops a part of it or its key contains a
 *   replaced letter
 */
export function parseJsonRow(row: number, json: string, literal: boolean): RawRow {
  const placeOf = (path: string) => path;
  try {
    const value: unknown = JSON.parse(json);
    const lostLetters = isRecord(value) ? lostLetterProblems('key', value.key) : [];
    const problems = literal ? [] : [...jsonLosses(json), ...lostLetters];
    return { row, value, problems, placeOf, ...(problems.length > 0 && { written: json }) };
  } catch (error) {
    return { row, problems: [{ path: '', message: notJson(json, error) }], placeOf, written: json };
  }
}
