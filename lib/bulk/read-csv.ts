import { pipeline, Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import * as z from 'zod';
import { type CsvColumn, type CsvRow, columnOf, readHeader } from './csv-columns.ts';
import { manifestError } from './manifest-error.ts';
import type { RawRow } from './raw-row.ts';
import { MAX_ROW_UNITS } from './text-chunks.ts';

const recordSchema = z.array(z.string());

/**
 * Rows of a CSV (RFC 4180) with a header row; line ends may be LF or CRLF, and quoted cells hold any of them. An empty cell is
 * no value, and a row of empty cells is none, though it is counted: a row's number is that of a spreadsheet.
 * @throws ManifestError for a header or quotes that cannot be read: where the next row begins is not known then
 */
export async function* readCsv(texts: AsyncIterable<string>): AsyncGenerator<RawRow> {
  let row = 0;
  let columns: (CsvColumn | undefined)[] | undefined;
  for await (const cells of readRecords(texts)) {
    row += 1;
    if (columns === undefined) {
      if (isBlank(cells)) throw manifestError(`row ${row}`, 'is empty: the first row must name the columns');
      columns = readHeader(cells);
    } else if (!isBlank(cells)) {
      yield toRow(row, cells, columns);
    }
  }
}

async function* readRecords(texts: AsyncIterable<string>): AsyncGenerator<string[]> {
  const parser = parse({
    relax_column_count: true,
    skip_empty_lines: false,
    record_delimiter: ['\r\n', '\n', '\r'],
    max_record_size: MAX_ROW_UNITS,
  });
  // What fails is thrown by the iteration below.
  pipeline(Readable.from(texts), parser, () => undefined);
  try {
    for await (const record of parser) yield recordSchema.parse(record);
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw manifestError(`row ${parser.info.records + 1}`, `cannot be read as CSV: ${error.message}`);
  }
}

function toRow(row: number, cells: readonly string[], columns: readonly (CsvColumn | undefined)[]): RawRow {
  const value: CsvRow = { room: {} };
  const problems = cells.flatMap((cell, index) => {
    if (cell.trim() === '') return [];
    const column = columns[index];
    if (column !== undefined) {
      column.fill(value, cell);
      return [];
    }
    const message =
      index < columns.length
        ? 'has no name in the header, and a value here'
        : `is one more than the ${columns.length} of the header: a comma too many, or quotes missing around a cell with a comma`;
    return [{ path: `column ${index + 1}`, message }];
  });
  return { row, value, problems, placeOf: columnOf };
}

function isBlank(cells: readonly string[]): boolean {
  return cells.every((cell) => cell.trim() === '');
}
