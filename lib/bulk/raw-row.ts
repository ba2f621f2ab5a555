import type { Problem } from '../contract/problems.ts';

/** A row as it stands in a manifest: what should be a row of the contract, or why there is none. Rows that are empty are not read. */
export interface RawRow {
  /** As people count: in a CSV the header is row 1, in NDJSON it is the line, in a JSON array the place in it, from 1. */
  row: number;
  value?: unknown;
  problems: Problem[];
  /** What the reader of this format calls the place of a problem of the contract: `room.name` is the column `name`. */
  placeOf(path: string): string;
}
