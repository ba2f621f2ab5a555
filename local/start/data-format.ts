import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { parseJson } from '../../lib/contract/parse-json.ts';

/**
 * The format of the data in a data directory. Increase it with every change to the emulators' files, the run's journal, or the
 * template's tables and queues after which the stack cannot read the data of earlier versions.
 *
 * Format 2: the ledger has the index `release-due`. DynamoDB's emulator cannot add an index to an existing table.
 */
export const DATA_FORMAT = 2;

const FORMAT_FILE = 'format.json';
const formatSchema = z.object({ format: z.int() });
/** The files that every data directory has. Version 0.1.0 wrote the first format without a file that names it. */
const FILES_OF_FIRST_FORMAT = ['gateway.lock', 'start.ndjson'];

/** Why the stack cannot use an existing directory for its data. @returns undefined if it can */
export function whyNotUsable(dataDir: string): string | undefined {
  const files = existsSync(dataDir) ? readdirSync(dataDir) : [];
  if (files.length === 0) return undefined;
  const hasFormatFile = files.includes(FORMAT_FILE);
  if (!hasFormatFile && !files.some((file) => FILES_OF_FIRST_FORMAT.includes(file)))
    return `${dataDir} contains other files: choose a new or empty directory with --data`;
  const format = hasFormatFile ? formatIn(join(dataDir, FORMAT_FILE)) : 1;
  if (format === DATA_FORMAT) return undefined;
  const named = format === undefined ? 'in an unknown format' : `in format ${format}`;
  return `${dataDir} contains the data of another version, ${named}; this version reads format ${DATA_FORMAT}. ${remedyFor(dataDir)}`;
}

/** @returns undefined if the file names no format */
function formatIn(file: string): number | undefined {
  return formatSchema.safeParse(parseJson(readFileSync(file, 'utf8'))).data?.format;
}

/** The remedy for data that this version cannot read. */
export function remedyFor(dataDir: string): string {
  return `Choose another directory with --data, or remove this one: ${removalOf(dataDir)}`;
}

/**
 * The message that says whether the data is kept after the stack has ended, and gives the commands to reuse or remove it.
 * @param start the command that starts the stack
 */
export function whatIsKept(dataDir: string | undefined, logDirectory: string, start = 'npm start --'): string {
  if (dataDir === undefined)
    return `Stopped. No rooms or messages are kept, only the logs in ${logDirectory}.\nTo keep the rooms and messages next time:  ${start} --data .greenroom/data`;
  return `Stopped. All data is kept in ${dataDir}.\nContinue:   ${start} --data ${quoted(dataDir)}\nRemove it:  ${removalOf(dataDir)}`;
}

function removalOf(dataDir: string): string {
  return `rm -r ${quoted(dataDir)}`;
}

/** A path, quoted for the shell if necessary. */
function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

export function writeDataFormat(dataDir: string): void {
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(join(dataDir, FORMAT_FILE), `${JSON.stringify({ format: DATA_FORMAT })}\n`);
}
