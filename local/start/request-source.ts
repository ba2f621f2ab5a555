import { createReadStream } from 'node:fs';
import { join, resolve } from 'node:path';
import { explainError } from '../../client/explain-error.ts';
import { type RequestLine, readRequestLines } from '../../client/request-lines.ts';
import { UserError } from '../../client/user-error.ts';
import { remedyFor } from './data-format.ts';
import { programmePath } from './report.ts';
import { type RequestSource, sourceOfRun } from './run-record.ts';

/** The journal in a data directory, with which a later process continues the run. */
export function journalPath(dataDir: string): string {
  return join(dataDir, 'start.ndjson');
}

/**
 * Reads the file with the requests. If the data directory has an unfinished run, its requests are in the directory.
 *
 * @param file default: the sample programme
 * @returns undefined if the data directory has the requests
 * @throws UserError if the file cannot be read, has no requests, or is not the one to which the data directory belongs
 */
export async function readRequestSource(
  root: string,
  { file, dataDir }: { file?: string; dataDir?: string },
): Promise<RequestSource | undefined> {
  const path = file === undefined ? programmePath(root) : resolve(file);
  const known = dataDir === undefined ? undefined : sourceOfKeptRun(dataDir);
  if (known === undefined) return { file: path, lines: await readLines(path) };
  if (file === undefined || known === path) return undefined;
  throw new UserError(
    `${dataDir} belongs to a run of ${known}: choose another directory with --data, or send ${file} with \`npx greenroom send\` while that run continues`,
  );
}

/** @throws UserError if another version wrote the journal, or it is damaged */
function sourceOfKeptRun(dataDir: string): string | undefined {
  try {
    return sourceOfRun(journalPath(dataDir));
  } catch (error) {
    throw new UserError(`Cannot continue with ${dataDir} (${explainError(error)}). ${remedyFor(dataDir)}`, {
      cause: error,
    });
  }
}

async function readLines(path: string): Promise<RequestLine[]> {
  const lines: RequestLine[] = [];
  try {
    for await (const line of readRequestLines(createReadStream(path), () => new Date())) lines.push(line);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(`Cannot read ${path}: ${reason}. Choose another file with --file`, { cause: error });
  }
  if (lines.length === 0) throw new UserError(`${path} contains no requests: choose another file with --file`);
  return lines;
}
