import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import * as z from 'zod';
import { formatLine } from '../../../cli/print/format-line.ts';
import { ManifestError } from '../../../lib/bulk/manifest-error.ts';
import type { FileFormat } from '../../../lib/bulk/manifest-format.ts';
import { type ReadRow, readManifest } from '../../../lib/bulk/read-manifest.ts';
import { inPieces } from '../../support/encode-text.ts';

const DIRECTORY = new URL('../../fixtures/exports/', import.meta.url);

/** The result of a file: the line that reports how it was read, and each row as text; or why it is refused. */
const resultSchema = z.union([
  z.object({ read: z.string(), rows: z.array(z.string()) }),
  z.object({ refused: z.string() }),
]);
type Result = z.infer<typeof resultSchema>;

const expectedSchema = z.record(z.string(), resultSchema);
const expected = expectedSchema.parse(JSON.parse(readFileSync(new URL('expected.json', DIRECTORY), 'utf8')));

async function resultOf(file: string, settings: { encoding?: string; literal?: boolean }): Promise<Result> {
  const rows: ReadRow[] = [];
  let format: FileFormat | undefined;
  const onFormat = (found: FileFormat) => {
    format = found;
  };
  const bytes = readFileSync(new URL(`files/${file}`, DIRECTORY));
  try {
    for await (const row of readManifest(inPieces(bytes, 11), file, 'eu-west-1', { ...settings, onFormat }))
      rows.push(row);
  } catch (error) {
    if (error instanceof ManifestError) return { refused: error.message };
    throw error;
  }
  if (format === undefined) throw new Error(`${file} has rows, but no format`);
  return { read: formatLine(file, format, `${rows.length} rows`), rows: rows.map(textOf) };
}

/** A row as text: `row 2: match-1 | hall-1 | …`, or its problems. */
function textOf(read: ReadRow): string {
  if (read.kind === 'invalid')
    return `row ${read.row} is invalid: ${read.problems.map(({ path, message }) => `${path} ${message}`).join('; ')}`;
  const { key, room, region, tenant } = read.value;
  const { name, maximumMessageRatePerSecond: rate, maximumMessageLength: length, tags } = room;
  return `row ${read.row}: ${[key, name, rate, length, region, tenant, ...Object.values(tags ?? {})].map((value) => value ?? '').join(' | ')}`;
}

/** The name of an entry: a file and, after a space, the settings with which it is read. */
function settingsIn(entry: string) {
  const [file = '', ...options] = entry.split(' ');
  const encoding = options.find((option) => option.startsWith('--encoding='))?.slice('--encoding='.length);
  return { file, settings: { ...(encoding !== undefined && { encoding }), literal: options.includes('--literal') } };
}

test.each(Object.keys(expected))('%s', async (entry) => {
  const { file, settings } = settingsIn(entry);
  expect(await resultOf(file, settings)).toEqual(expected[entry]);
});

test('every file of the corpus has an expected result', () => {
  const files = new Set(Object.keys(expected).map((entry) => settingsIn(entry).file));
  expect([...files].toSorted()).toEqual(readdirSync(new URL('files', DIRECTORY)).toSorted());
});
