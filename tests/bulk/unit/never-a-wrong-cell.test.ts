import { isUtf8 } from 'node:buffer';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ManifestError } from '../../../lib/bulk/manifest-error.ts';
import { type ReadRow, readManifest } from '../../../lib/bulk/read-manifest.ts';
import { unmarkFormulas } from '../../../lib/contract/csv-formulas.ts';
import { CODE_PAGE_NAMES, encodeText, inPieces, UNICODE_NAMES } from '../../support/encode-text.ts';

interface Row {
  key: string;
  'tag:venue': string;
  'tag:note': string;
}
const COLUMNS = ['key', 'tag:venue', 'tag:note'] as const;

const letters = fc.string({
  unit: fc.constantFrom('a', 'b', '1', 'é', 'ü', 'ł', '€', '日', '本', ' ', ',', ';', '\t', '"', '=', "'", '|', '-'),
  maxLength: 6,
});
const suspicious = fc.constantFrom(
  ...['NULL', 'N/A', 'NaN', 'null', '#N/A', '#NV', 'None', 'NA', '1.23E+12', '1,2E+05', '007', '10.0', 'key'],
  ...['\u00a0a', 'a\u00a0', '\u200ba', 'a\ufeff', '\ufeff', 'sep=;', '[', '{"room":{}}', "'=a"],
);
const cell = fc.oneof({ weight: 4, arbitrary: letters }, { weight: 1, arbitrary: suspicious });
const row = fc.record({ key: cell, 'tag:venue': cell, 'tag:note': cell });

/** How a program writes a table. */
const program = fc.record({
  separator: fc.constantFrom(',', ';', '\t'),
  quotesAll: fc.boolean(),
  lineEnd: fc.constantFrom('\n', '\r\n', '\r'),
  statesSeparator: fc.boolean(),
  hasMark: fc.boolean(),
  encoding: fc.constantFrom(...UNICODE_NAMES, ...CODE_PAGE_NAMES),
  isDeclared: fc.boolean(),
  literal: fc.boolean(),
  isCompressed: fc.boolean(),
  pieceSize: fc.integer({ min: 1, max: 40 }),
});
type Program = typeof program extends fc.Arbitrary<infer Value> ? Value : never;

function csvOf(rows: readonly Row[], { separator, quotesAll, lineEnd, statesSeparator }: Program): string {
  const written = (text: string) => (quotesAll || /[,;\t"\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const lines = [COLUMNS, ...rows.map((each) => COLUMNS.map((column) => each[column]))];
  const first = statesSeparator ? [`sep=${separator}`] : [];
  return [...first, ...lines.map((cells) => cells.map(written).join(separator))].join(lineEnd);
}

function fileOf(rows: readonly Row[], how: Program): Buffer | undefined {
  const isUnicode = UNICODE_NAMES.includes(how.encoding);
  const bytes = encodeText((isUnicode && how.hasMark ? '\ufeff' : '') + csvOf(rows, how), how.encoding);
  // No reader can tell these bytes from UTF-8.
  const isAmbiguous = bytes !== undefined && !isUnicode && isUtf8(bytes) && /[^\0-\x7f]/.test(bytes.toString());
  return bytes === undefined || (isAmbiguous && !how.isDeclared) ? undefined : bytes;
}

async function read(bytes: Buffer, how: Program): Promise<ReadRow[] | undefined> {
  const { encoding, isDeclared, literal, isCompressed, pieceSize } = how;
  const settings = { ...(isDeclared && { encoding }), literal };
  const rows: ReadRow[] = [];
  try {
    const file = inPieces(isCompressed ? gzipSync(bytes) : bytes, pieceSize);
    for await (const each of readManifest(file, 'rooms.csv', 'eu-west-1', settings)) rows.push(each);
    return rows;
  } catch (error) {
    if (error instanceof ManifestError) return undefined;
    throw error;
  }
}

function expectRow(found: ReadRow, written: Row): void {
  if (found.kind === 'invalid') return;
  const { key = '', room } = found.value;
  const cells = { key, 'tag:venue': room.tags?.venue ?? '', 'tag:note': room.tags?.note ?? '' };
  for (const column of COLUMNS) {
    // The reader removes the mark that a report puts before a formula. A cell of white space has no value.
    const text = unmarkFormulas(written[column]);
    expect(cells[column]).toBe(text.trim() === '' ? '' : text);
  }
}

test('whatever writes a table, each cell is read as it was written, or its row or the file is refused', async () => {
  const property = fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 4 }), program, async (rows, how) => {
    const bytes = fileOf(rows, how);
    fc.pre(bytes !== undefined);
    if (bytes === undefined) return;
    const found = await read(bytes, how);
    for (const each of found ?? []) {
      const written = rows[each.row - 2];
      expect(written).toBeDefined();
      if (written) expectRow(each, written);
    }
  });
  await fc.assert(property, { numRuns: 1_500 });
});

test('a table of plain cells is read completely, whatever wrote it', async () => {
  const plain = fc.string({ unit: fc.constantFrom('a', 'b', '1', 'é', 'ü', '日'), minLength: 1, maxLength: 6 });
  const plainRow = fc.record({ key: plain, 'tag:venue': plain, 'tag:note': plain });
  const property = fc.asyncProperty(fc.array(plainRow, { minLength: 1, maxLength: 4 }), program, async (rows, how) => {
    const unique = rows.map((each, index) => ({ ...each, key: `${each.key}${index}` }));
    const bytes = fileOf(unique, how);
    fc.pre(bytes !== undefined && (how.isDeclared || UNICODE_NAMES.includes(how.encoding)));
    // A declared code page is refused if the text is also valid UTF-8.
    fc.pre(
      bytes !== undefined &&
        (UNICODE_NAMES.includes(how.encoding) || /^[\0-\x7f]*$/.test(bytes.toString()) || !isUtf8(bytes)),
    );
    if (bytes === undefined) return;
    const found = await read(bytes, how);
    expect(found?.map(({ kind }) => kind)).toEqual(unique.map(() => 'row'));
    unique.forEach((each, index) => {
      const one = found?.[index];
      if (one) expectRow(one, each);
    });
  });
  await fc.assert(property, { numRuns: 800 });
});

test('rows of JSON are read as they were written, in every layout and under every name of a file', async () => {
  const keys = fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 4 });
  const layouts = fc.constantFrom('lines', 'list', 'indented list', 'document', 'lines with marks');
  const property = fc.asyncProperty(
    keys,
    layouts,
    fc.constantFrom('a.json', 'a.ndjson', 'a.jsonl', 'a.csv', 'a.json.gz'),
    fc.constantFrom(...UNICODE_NAMES),
    fc.integer({ min: 1, max: 40 }),
    async (all, layout, name, encoding, pieceSize) => {
      const rows = all.map((key) => ({ key, room: { tags: { venue: 'a b' } } }));
      const texts = {
        lines: rows.map((each) => JSON.stringify(each)).join('\r\n'),
        'lines with marks': rows.map((each) => `\ufeff${JSON.stringify(each)}`).join('\n'),
        list: JSON.stringify(rows),
        'indented list': JSON.stringify(rows, null, 2),
        document: JSON.stringify(rows[0], null, 2),
      };
      const bytes = encodeText(texts[layout], encoding) ?? Buffer.alloc(0);
      const found: ReadRow[] = [];
      for await (const each of readManifest(inPieces(bytes, pieceSize), name, 'eu-west-1')) found.push(each);
      expect(found).toHaveLength(layout === 'document' ? 1 : rows.length);
      for (const each of found) if (each.kind === 'row') expect(each.value.key).toBe(all[each.place - 1]);
    },
  );
  await fc.assert(property, { numRuns: 1_000 });
});
