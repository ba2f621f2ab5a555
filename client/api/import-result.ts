import type { Problem } from '../../lib/contract/problems.ts';
import type { CallOptions } from './call-options.ts';

/** A manifest: either the path of a file, or its content with a name that ends with `.csv`, `.ndjson`, `.jsonl` or `.json`, optionally followed by `.gz`. */
export type ManifestInput = string | { name: string; content: string | Uint8Array };

export interface ImportOptions extends CallOptions {
  /** The name from which greenroom derives keys for rows that have none: 1 to 128 printable ASCII characters. Default: the name of the file */
  name?: string | undefined;
  /** The encoding of the file, as a label of the Encoding Standard. Default: UTF-8, or UTF-16 if the content shows that it is UTF-16 */
  encoding?: string | undefined;
  /** Whether to take each cell of a CSV file literally. */
  literal?: boolean | undefined;
  /** Whether to refuse the whole manifest if any row is invalid. By default, greenroom skips invalid rows and reports them. */
  allOrNothing?: boolean | undefined;
}

/** How many rows a manifest has, and what is wrong with the invalid ones. */
export interface RowCounts {
  /** The number of rows, not counting empty ones. */
  rows: number;
  /** The number of rows for which greenroom requests a room. */
  members: number;
  invalid: number;
  /** The number of rows that repeat the key and the room of an earlier row. */
  repeated: number;
  /** The first hundred problems, each with its row. `problemsTotal` counts all of them. */
  problems: Problem[];
  problemsTotal: number;
}

/** The result of an import. */
export type ImportResult =
  /** The manifest was uploaded. When the job ends, greenroom publishes an event whose `data.roster` is the `jobId`. */
  | ({ kind: 'uploaded'; jobId: string } & RowCounts)
  /** Nothing was uploaded: the file cannot be read, no row requests a room, or a row is invalid and `allOrNothing` is set. */
  | { kind: 'invalid'; problems: Problem[]; problemsTotal: number };
