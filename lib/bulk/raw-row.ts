import type { Problem } from '../contract/problems.ts';

/** A row before it is checked against the contract: its value, or the problems if it has none. Empty rows are not read. */
export interface RawRow {
  /** The number that people see: in a CSV file the header is row 1, in NDJSON it is the line number, in a JSON array the place from 1. */
  row: number;
  value?: unknown;
  problems: Problem[];
  /** Translates the path of a contract problem to a place in this format: `room.name` is the column `name`. */
  placeOf(path: string): string;
}
