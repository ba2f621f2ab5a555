import { pipeline, Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import * as z from 'zod/mini';
import { unmarkFormulas } from '../contract/csv-formulas.ts';
import type { Problem } from '../contract/problems.ts';
import { peek } from '../input/peek.ts';
import { problemOfCell, problemOfRow } from './cell-problems.ts';
import {
  type CsvColumn,
  type CsvRow,
  columnOf,
  isColumn,
  NUMBER_COLUMNS,
  nameOfColumn,
  readHeader,
} from './csv-columns.ts';
import { type CsvDialect, dialectOf, hasHeader, LINE_ENDS, type Separator } from './csv-dialect.ts';
import { manifestError } from './manifest-error.ts';
import { MAX_COUNTED_ROWS, MAX_ROW_UNITS, type RawRow, TOO_MANY_ROWS } from './raw-row.ts';

const recordSchema = z.object({
  record: z.array(z.string()),
  info: z.object({ records: z.number(), empty_lines: z.number() }),
});
const BYTE_ORDER_MARK = '\ufeff';
const SEPARATOR_NAMES = { ',': 'comma', ';': 'semicolon', '\t': 'tab' } as const;

interface Table {
  separator: Separator;
  columns: readonly (CsvColumn | undefined)[];
  literal: boolean;
}

/**
 * Rows of a CSV file (RFC 4180) with a header row. The header determines the separator. Lines end with LF, CRLF or CR, and quoted cells may
 * contain line breaks. An empty cell has no value. A row of empty cells is ignored but counted, so that row numbers match a spreadsheet's.
 * The marks that a report puts before formulas (`markFormulas`) are removed, so that cells of a report can be copied into a manifest.
 * @param literal whether each cell is accepted exactly as it is
 * @param onDialect is called before the first row
 * @throws ManifestError for a header that cannot be read, and for misplaced quotes, because they hide where the next row begins
 */
export async function* readCsv(
  texts: AsyncIterable<string>,
  literal = false,
  onDialect: (dialect: CsvDialect) => void = () => undefined,
): AsyncGenerator<RawRow> {
  const { first, all } = await peek(texts, (seen) => {
    const text = seen.join('');
    return hasHeader(text) || text.length > MAX_ROW_UNITS;
  });
  const dialect = dialectOf(first.join(''));
  onDialect(dialect);
  const { separator } = dialect;
  let table: Table | undefined;
  for await (const { row, cells } of readRecords(skip(all, dialect.before), separator)) {
    if (row > MAX_COUNTED_ROWS) throw manifestError('', TOO_MANY_ROWS);
    if (table === undefined) {
      if (row > 1 || isBlank(cells)) throw manifestError('row 1', 'is empty: the first row must name the columns');
      table = { separator, columns: readHeader(cells), literal };
      continue;
    }
    const values = cells.map(unmarkFormulas);
    if (!isBlank(values)) yield toRow(row, values, table);
  }
}

/** Leaves out the first `count` characters. */
async function* skip(texts: AsyncIterable<string>, count: number): AsyncGenerator<string> {
  let left = count;
  for await (const text of texts) {
    yield text.slice(left);
    left = Math.max(0, left - text.length);
  }
}

/**
 * A byte order mark before a quote at the start of a line comes from files that were joined. CSV allows no text before a quote, so the mark
 * is removed. A quoted cell cannot contain such a mark, because it would follow a line break, and no column accepts a line break.
 */
async function* withoutMarksBeforeQuotes(texts: AsyncIterable<string>): AsyncGenerator<string> {
  let held = '';
  for await (const text of texts) {
    const whole = (held + text).replaceAll(/(?<=[\r\n])\ufeff(?=")/g, '');
    held = /[\r\n]\ufeff?$/.exec(whole)?.[0] ?? '';
    yield whole.slice(0, whole.length - held.length);
  }
  yield held;
}

/** Empty lines are skipped in the parser. Otherwise it would create an error with a stack trace for each of them. */
async function* readRecords(
  texts: AsyncIterable<string>,
  separator: Separator,
): AsyncGenerator<{ row: number; cells: string[] }> {
  const parser = parse({
    delimiter: separator,
    relax_column_count: true,
    skip_empty_lines: true,
    info: true,
    record_delimiter: LINE_ENDS,
    max_record_size: MAX_ROW_UNITS,
  });
  // The iteration below throws the pipeline's errors.
  pipeline(Readable.from(withoutMarksBeforeQuotes(texts)), parser, () => undefined);
  try {
    for await (const each of parser) {
      const { record, info } = recordSchema.parse(each);
      yield { row: info.records + info.empty_lines, cells: record };
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw manifestError(
      `row ${parser.info.records + parser.info.empty_lines + 1}`,
      `cannot be read as CSV: ${reasonOf(error)}`,
    );
  }
}

/**
 * The parser's reason, with the remedy for a misplaced quote. The parser's line number is left out, because for an open quote it is the
 * last line of the file.
 */
function reasonOf({ code, message }: CsvError): string {
  const reason = message.replace(/ at line \d+/, '');
  switch (code) {
    case 'INVALID_OPENING_QUOTE':
      return `${reason}. Remove the spaces before the quote, or put the whole cell in quotes and double the quotes in it: "5"" screen"`;
    case 'CSV_INVALID_CLOSING_QUOTE':
      return `${reason}. Double each quote within a cell: "say ""hi"""`;
    case 'CSV_QUOTE_NOT_CLOSED':
      return 'a quote is opened in this row, and not closed before the end of the file. Close the quote, or double it if it belongs to the cell';
    default:
      return reason;
  }
}

function toRow(row: number, cells: readonly string[], table: Table): RawRow {
  const { columns, literal } = table;
  if (!literal && isHeaderAgain(row, cells, columns)) {
    const message = 'repeats the header, probably because files were joined: delete the row';
    return { row, problems: [{ path: '', message }], placeOf: columnOf, written: { cells } };
  }
  const notARow = literal ? undefined : problemOfRow(cells);
  if (notARow !== undefined)
    return { row, problems: [{ path: '', message: notARow }], placeOf: columnOf, written: { cells } };
  const value: CsvRow = { room: {} };
  const problems = cells.flatMap((cell, index): Problem[] => {
    const column = columns[index];
    // Even an empty cell beyond the header may mean that a separator within a cell has shifted the others.
    if (cell.trim() === '' && (literal || index < columns.length)) return [];
    if (column === undefined) return [{ path: `column ${index + 1}`, message: withoutColumn(index, table) }];
    const message = literal ? undefined : problemOfCell(column.name, cell);
    if (message !== undefined) return [{ path: column.name, message }];
    column.fill(value, cell);
    return [];
  });
  const textAt = (place: string) =>
    NUMBER_COLUMNS.has(place) ? cells[columns.findIndex((column) => column?.name === place)] : undefined;
  const read = { row, value, problems, placeOf: columnOf, textAt };
  return problems.length === 0 ? read : { ...read, written: writtenRow(cells, columns) };
}

/** A row with all of its cells, including those that have problems. `cells`: all cells of the row, if some have no column. */
function writtenRow(cells: readonly string[], columns: Table['columns']): CsvRow {
  const row: CsvRow = { room: {} };
  const given = cells.map((cell, index) => ({ cell, column: columns[index] })).filter(({ cell }) => cell.trim() !== '');
  for (const { cell, column } of given) column?.fill(row, cell);
  return given.every(({ column }) => column !== undefined) ? row : { ...row, cells };
}

function withoutColumn(index: number, { columns, separator }: Table): string {
  if (index < columns.length) return 'has a value, but no name in the header';
  const name = SEPARATOR_NAMES[separator];
  return `is not in the header, which has ${columns.length} columns: the row has an extra ${name}, or a cell with a ${name} lacks quotes`;
}

/**
 * Whether a row repeats the header, as in files that were joined.
 * @throws ManifestError if the row is a header with other columns, because the cells below it would be read as values of the wrong columns
 */
function isHeaderAgain(row: number, cells: readonly string[], columns: Table['columns']): boolean {
  // This runs for every row, so the first cell must be enough to rule out most rows.
  const firstCell = cells.find((cell) => cell.trim() !== '');
  if (firstCell === undefined || !isColumn(nameOfColumn(firstCell))) return false;
  const names = cells.map(nameOfColumn);
  const isSame = columns.every((column, index) => (names[index] ?? '') === (column?.name ?? ''));
  if (isSame && names.length <= columns.length) return true;
  const named = names.filter((name) => name !== '');
  const isMarked = cells[0]?.startsWith(BYTE_ORDER_MARK) === true;
  if (!named.every(isColumn) || !(named.length > 1 || isMarked)) return false;
  throw manifestError(`row ${row}`, 'is a header with other columns: join only files with the same columns');
}

function isBlank(cells: readonly string[]): boolean {
  return cells.every((cell) => cell.trim() === '');
}
