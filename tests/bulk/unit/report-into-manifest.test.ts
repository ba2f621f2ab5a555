import { expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { readCsv } from '../../../lib/bulk/read-csv.ts';
import { CSV_HEADER, csvLine, ndjsonLine, type ReportLine } from '../../../lib/rosters/report-line.ts';
import { formulasFound, textsWithFormulas } from '../../support/formulas.ts';

const texts = fc.oneof(fc.string({ unit: 'grapheme' }), textsWithFormulas());

function lineOf(row: number, { key, name }: { key: string; name: string }): ReportLine {
  return { row, key, outcome: 'created', reason: '', arn: 'arn', id: 'id', name, region: 'eu-west-1' };
}

function reportOf(lines: readonly ReportLine[]): string {
  return CSV_HEADER + lines.map(csvLine).join('');
}

/** A manifest with these columns of a report, as a spreadsheet or a script copies them: the cells keep their text. */
function manifestOf(report: string, columns: readonly string[]): string {
  const [header = [], ...rows] = parse(report, { record_delimiter: '\r\n' });
  const places = columns.map((column) => header.indexOf(column));
  const quoted = (cell = '') => `"${cell.replaceAll('"', '""')}"`;
  return [columns, ...rows.map((row) => places.map((place) => row[place]))]
    .map((cells) => `${cells.map(quoted).join(',')}\n`)
    .join('');
}

async function rowsOf(manifest: string) {
  const rows: { key?: unknown; name?: unknown }[] = [];
  for await (const { value } of readCsv(oneText(manifest), true)) rows.push(valuesOf(value));
  return rows;
}

async function* oneText(text: string): AsyncGenerator<string> {
  yield text;
}

function valuesOf(value: unknown): { key?: unknown; name?: unknown } {
  if (typeof value !== 'object' || value === null || !('room' in value)) throw new Error('The row has no room');
  const { room, ...row } = value;
  return { ...row, ...(typeof room === 'object' && room) };
}

test('cells that are copied from a report into a manifest have the values that were reported, whatever these are', async () => {
  const cells = fc.record({ key: texts.filter((key) => key.trim() !== ''), name: texts });
  const property = fc.asyncProperty(fc.array(cells, { minLength: 1, maxLength: 4 }), async (all) => {
    const report = reportOf(all.map((each, index) => lineOf(index + 2, each)));
    const rows = await rowsOf(manifestOf(report, ['key', 'name', 'region']));
    // A blank cell has no value.
    const expected = all.map(({ key, name }) => ({ key, ...(name.trim() !== '' && { name }), region: 'eu-west-1' }));
    expect(rows).toEqual(expected);
  });
  await fc.assert(property, { numRuns: 1_000 });
});

test('a report has no formulas, and its NDJSON has the exact values', () => {
  const line = lineOf(2, { key: '=HYPERLINK("https://example.com";"x")', name: 'a;@b' });
  const [, cells] = parse(reportOf([line]), { record_delimiter: '\r\n' });
  expect(cells).toEqual([
    ...['2', `'=HYPERLINK("https://example.com";"x")`, 'created', ''],
    ...['arn', 'id', "a;'@b", 'eu-west-1'],
  ]);
  expect(formulasFound(reportOf([line]))).toEqual([]);
  expect(JSON.parse(ndjsonLine(line))).toMatchObject({ key: line.key, name: line.name });
});

test('cells that people write keep their apostrophes, unless a formula follows', async () => {
  const rows = await rowsOf("key,name\n'tis,''\n'=x,'a\n''=x,a'=b\n");
  expect(rows).toEqual([
    { key: "'tis", name: "''" },
    { key: '=x', name: "'a" },
    { key: "'=x", name: "a'=b" },
  ]);
});

test('a cell that is blank without its mark has no value', async () => {
  expect(await rowsOf("key,name\n'\t,a\n'\t,'\n")).toEqual([{ name: 'a' }, { name: "'" }]);
  expect(await rowsOf("key,name\n'\t,\n1,\n")).toEqual([{ key: '1' }]);
});
