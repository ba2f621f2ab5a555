import type { Problem } from '../contract/problems.ts';

/** A row before it is checked against the contract: its value, and the problems that were already found. Empty rows are left out. */
export interface RawRow {
  /** The number that people see, from 1: the row of a CSV file, in which the header is row 1, the line of NDJSON, or the array element. */
  row: number;
  value?: unknown;
  problems: Problem[];
  /** Translates a path in the contract to a place in this format: in a CSV file, `room.name` is the column `name`. */
  placeOf(path: string): string;
}
