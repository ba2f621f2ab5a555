import { pipeline, Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import * as z from 'zod';
import { unmarkFormulas } from '../contract/csv-formulas.ts';
import { type CsvColumn, type CsvRow, columnOf, readHeader } from './csv-columns.ts';
import { manifestError } from './manifest-error.ts';
import type { RawRow } from './raw-row.ts';
import { MAX_ROW_UNITS } from './text-chunks.ts';

const recordSchema = z.array(z.string());

/**
 * Rows of a CSV file (RFC 4180) with a header row. Lines end with LF, CRLF or CR, and quoted cells may contain line breaks. An empty cell
 * has no value. A row of empty cells is ignored but counted, so that row numbers match a spreadsheet's. The marks that a report puts before
 * formulas (`markFormulas`) are removed, so that cells of a report can be copied into a manifest.
 * @throws ManifestError for a header that cannot be read, and for misplaced quotes, because they hide where the next row begins
 */
export async function* readCsv(texts: AsyncIterable<string>): AsyncGenerator<RawRow> {
  let row = 0;
  let columns: (CsvColumn | undefined)[] | undefined;
  for await (const cells of readRecords(texts)) {
    row += 1;
    if (columns === undefined) {
      if (isBlank(cells)) throw manifestError(`row ${row}`, 'is empty: the first row must name the columns');
      columns = readHeader(cells);
      continue;
    }
    const values = cells.map(unmarkFormulas);
    if (!isBlank(values)) yield toRow(row, values, columns);
  }
}

async function* readRecords(texts: AsyncIterable<string>): AsyncGenerator<string[]> {
  const parser = parse({
    relax_column_count: true,
    skip_empty_lines: false,
    record_delimiter: ['\r\n', '\n', '\r'],
    max_record_size: MAX_ROW_UNITS,
  });
  // The iteration below throws the errors of the pipeline.
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
        ? 'has a value, but no name in the header'
        : `is not in the header, which has ${columns.length} columns: the row has an extra comma, or a cell with a comma lacks quotes`;
    return [{ path: `column ${index + 1}`, message }];
  });
  return { row, value, problems, placeOf: columnOf };
}

function isBlank(cells: readonly string[]): boolean {
  return cells.every((cell) => cell.trim() === '');
}
