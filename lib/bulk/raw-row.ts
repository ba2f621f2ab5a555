import type { Problem } from '../contract/problems.ts';

/** The maximum length of a row. A longer row probably has a quote or a bracket that is never closed. */
export const MAX_ROW_UNITS = 1_048_576;

/** The maximum number of rows in an Excel worksheet. A file with more rows, including empty ones, takes too long to read. */
export const MAX_COUNTED_ROWS = 1_048_576;
export const TOO_MANY_ROWS = `has more than ${MAX_COUNTED_ROWS} rows, including the empty ones: remove the empty rows`;

/** A row before it is checked against the contract: its value, and the problems that were already found. Empty rows are left out. */
export interface RawRow {
  /**
   * The row number that a person sees, from 1: the row of a CSV file (the header is row 1), the line of an NDJSON file, or the position in
   * a JSON array.
   */
  row: number;
  value?: unknown;
  problems: Problem[];
  /**
   * The row as its author wrote it, if `value` does not contain all of it: the line that is not JSON, or all cells, including those with
   * problems. A person can then repair the row.
   */
  written?: unknown;
  /** Translates a path in the contract into the name that the author of the file uses. In a CSV file, `room.name` is the column `name`. */
  placeOf(path: string): string;
  /** The string at a place, if the value there was converted from a string, so that a problem can quote it. */
  textAt?(place: string): string | undefined;
}
