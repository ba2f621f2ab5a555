import type { Problem } from '../contract/problems.ts';

/** A row before it is checked against the contract: its value, and the problems that were already found. Empty rows are left out. */
export interface RawRow {
  /**
   * The number by which people know the row, from 1: its row in a CSV file (the header is row 1), its line in NDJSON, or its place in a
   * JSON array.
   */
  row: number;
  value?: unknown;
  problems: Problem[];
  /** Translates a path in the contract to a place in this format: in a CSV file, `room.name` is the column `name`. */
  placeOf(path: string): string;
}
