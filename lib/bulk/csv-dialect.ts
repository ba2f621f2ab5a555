import { CsvError, parse } from 'csv-parse/sync';
import * as z from 'zod/mini';
import { isColumn, meantColumn, nameOfColumn } from './csv-columns.ts';

export const SEPARATORS = [',', ';', '\t'] as const;
export type Separator = (typeof SEPARATORS)[number];

export const LINE_ENDS = ['\r\n', '\n', '\r'];

/** How the cells of a CSV file are separated, and its header. */
export interface CsvDialect {
  separator: Separator;
  /** The length of the line before the header, such as `sep=;`, which Excel reads and does not show. 0 if there is none. */
  before: number;
  /** The cells of the header. Undefined if they cannot be read. */
  header: string[] | undefined;
  /** Whether the file is certainly CSV: it states its separator, or a cell of the header is the name of a column. */
  isCertain: boolean;
}

const SEPARATOR_LINE = /^"?sep=([,;\t])"?(?:\r\n|\n|\r|$)/i;
const recordsSchema = z.array(z.array(z.string()));

/** Whether a string contains the whole header, that is, a line end outside quotes. */
export function hasHeader(text: string): boolean {
  const header = text.slice(SEPARATOR_LINE.exec(text)?.[0].length ?? 0);
  let inQuotes = false;
  for (const character of header) {
    if (character === '"') inQuotes = !inQuotes;
    else if (!inQuotes && (character === '\n' || character === '\r')) return true;
  }
  return false;
}

/**
 * Finds the separator that splits the header into names of columns. No name contains a separator, so only one separator can yield two or
 * more names. A header with a single name has no separator. A comma is then assumed: a row that contains a comma is refused, and every
 * other row is read as one cell, unchanged. If no separator yields the name of a column, the number of misspelt names decides. Such a
 * header is always refused, but the refusal can then name each misspelt column.
 * @param start the beginning of the file, at least as far as the end of its header
 */
export function dialectOf(start: string): CsvDialect {
  const line = SEPARATOR_LINE.exec(start);
  const before = line?.[0].length ?? 0;
  const stated = SEPARATORS.find((separator) => separator === line?.[1]);
  const candidates = (stated === undefined ? SEPARATORS : [stated]).map((separator) => {
    const header = headerOf(start.slice(before), separator);
    const names = (header ?? []).map(nameOfColumn);
    const known = names.filter(isColumn).length;
    const meant = names.filter((name) => meantColumn(name) !== undefined).length;
    return { separator, header, known, meant };
  });
  const [best = { separator: ',' as const, header: undefined, known: 0 }] = candidates.toSorted(
    (one, other) => other.known - one.known || other.meant - one.meant || cellsOf(other.header) - cellsOf(one.header),
  );
  return { separator: best.separator, before, header: best.header, isCertain: before > 0 || best.known > 0 };
}

/** The number of cells in a header; -1 if the header cannot be read, so that a readable one is preferred. */
function cellsOf(header: string[] | undefined): number {
  return header === undefined ? -1 : header.length;
}

function headerOf(text: string, separator: Separator): string[] | undefined {
  try {
    const records = parse(text, {
      delimiter: separator,
      record_delimiter: LINE_ENDS,
      relax_column_count: true,
      to: 1,
    });
    return recordsSchema.parse(records)[0];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return undefined;
  }
}
