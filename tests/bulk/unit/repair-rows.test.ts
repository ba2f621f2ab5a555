import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ReportRow } from '../../../client/bulk-report.ts';
import { repairRows } from '../../../client/operate/repair-rows.ts';
import { type PlannedRow, planRows } from '../../../lib/bulk/plan-rows.ts';
import { readManifest } from '../../../lib/bulk/read-manifest.ts';
import { textsWithFormulas } from '../../support/formulas.ts';

const defaultRegion = 'eu-west-1';
const JOB_ID = 'ab'.repeat(32);
const JOB = { jobId: JOB_ID, defaultRegion } as const;

interface Manifest {
  fileName: string;
  text: string;
  literal?: boolean;
}

async function* bytes(text: string) {
  yield Buffer.from(text);
}

async function* each<T>(items: readonly T[]) {
  yield* items;
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

async function planned({ fileName, text, literal = false }: Manifest, namespace: string): Promise<PlannedRow[]> {
  const rows = readManifest(bytes(text), fileName, defaultRegion, { literal });
  return collect(planRows(rows, { namespace, defaultRegion }));
}

/** The report of a job in which IVS Chat has refused every room, without the rows that repeat others. */
function reportOf(rows: readonly PlannedRow[]): ReportRow[] {
  return rows.flatMap((row): ReportRow[] => {
    if (row.kind === 'repeated') return [];
    if (row.kind === 'invalid') return [{ row: row.row, outcome: 'invalid', reason: 'invalid' }];
    const { idempotencyKey: key, region } = row.request;
    return [{ row: row.row, outcome: 'failed', reason: 'refused', key, region }];
  });
}

/** The manifest that `bulk report --failed` writes. */
async function repairOf(manifest: Manifest, report?: ReportRow[]): Promise<string> {
  const { fileName, text, literal = false } = manifest;
  const without = report ?? reportOf(await planned(manifest, 'season'));
  const opened = { body: Readable.from([Buffer.from(text)]), fileName, name: 'season', readAs: { literal } };
  const rows = await collect(repairRows(each(without), opened, JOB));
  return rows.map(({ value }) => `${JSON.stringify(value)}\n`).join('');
}

const requestsOf = (rows: readonly PlannedRow[]) =>
  rows.flatMap((row) => (row.kind === 'request' ? [row.request] : []));
const again = (text: string) => planned({ fileName: 'other.ndjson', text }, 'other');

const KEYS = [
  '=1+1',
  '+a',
  '-b',
  '@c',
  "'d",
  "'=e",
  "''=f",
  'a,b',
  'say "x"',
  'Ключ-鍵',
  '007',
  '1.23E+12',
  'NULL',
  ';=g',
];

test.each<[string, Manifest]>([
  [
    'CSV',
    {
      fileName: 'a.csv',
      literal: true,
      text: `key,name,tag:event,metadata:note,region\n${KEYS.map((key) => `"${key.replaceAll('"', '""').replace(/^(?='*[=+\-@])|(?<=;)(?==)/, "'")}",hall,final,"=1, ""two""\nthree",us-east-1`).join('\n')}`,
    },
  ],
  [
    'NDJSON',
    {
      fileName: 'a.ndjson',
      text: KEYS.map((key) =>
        JSON.stringify({ key, room: { name: 'hall', tags: { a: 'b' } }, metadata: { n: [1, null] } }),
      ).join('\n'),
    },
  ],
])(
  'the rows of a %s manifest are requested again with exactly their keys and all of their fields',
  async (_kind, manifest) => {
    const before = requestsOf(await planned(manifest, 'season'));
    expect(before.map(({ idempotencyKey }) => idempotencyKey)).toEqual(KEYS);
    expect(requestsOf(await again(await repairOf(manifest)))).toEqual(before);
  },
);

test('keys that were derived from the name of the file and from equal rows stay the same under another name', async () => {
  const manifest = { fileName: 'season.csv', text: 'name,tenant\nhall,\nhall,\n,sports\n' };
  const before = requestsOf(await planned(manifest, 'season'));
  expect(new Set(before.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(3);
  expect(requestsOf(await again(await repairOf(manifest)))).toEqual(before);
  // Control: without their keys, the rows would request other rooms.
  const keyless = (await repairOf(manifest)).replaceAll(/"key":"[^"]*",/g, '');
  expect(requestsOf(await again(keyless))).not.toEqual(before);
});

test('a row is repeated exactly, whatever it contains', async () => {
  const rows = fc.record(
    {
      key: fc.oneof(fc.string({ unit: 'grapheme', minLength: 1 }), textsWithFormulas()),
      region: fc.constantFrom('eu-west-1', 'us-east-1'),
      tenant: fc.constantFrom('a', 'b'),
      room: fc.record({ name: fc.constantFrom('a', 'b'), tags: fc.constant({ a: 'x' }) }, { requiredKeys: [] }),
      metadata: fc.dictionary(fc.string({ unit: 'grapheme', minLength: 1 }), fc.jsonValue({ maxDepth: 1 }), {
        maxKeys: 3,
      }),
    },
    { requiredKeys: ['room'] },
  );
  const property = fc.asyncProperty(fc.array(rows, { minLength: 1, maxLength: 4 }), async (all) => {
    const manifest = { fileName: 'a.ndjson', text: all.map((row) => JSON.stringify(row)).join('\n') };
    const before = await planned(manifest, 'season');
    const repaired = await again((await repairOf(manifest)) || '{}');
    expect(requestsOf(repaired)).toEqual(requestsOf(before));
    // No invalid row is requested before a person has repaired it.
    if (requestsOf(before).length > 0)
      expect(repaired.filter(({ kind }) => kind === 'invalid')).toHaveLength(
        before.filter(({ kind }) => kind === 'invalid').length,
      );
  });
  await fc.assert(property, { numRuns: 300 });
});

describe('an invalid row', () => {
  test.each<[string, Manifest, object]>([
    [
      'with a problem that it shows itself',
      { fileName: 'a.csv', text: 'key,name\nk,two words\n' },
      { key: 'k', room: { name: 'two words' } },
    ],
    [
      'without a key, which gets one from the job and the row',
      { fileName: 'a.csv', text: 'name,tenant\ntwo words,\n' },
      { key: 'bulk/season/row/abababababababab/2', room: { name: 'two words' } },
    ],
    [
      'with a suspicious cell, which would be accepted in NDJSON',
      { fileName: 'a.csv', text: 'key,name\nk,NULL\n' },
      { problems: [expect.stringMatching(/^name: is "NULL"/)], key: 'k', room: { name: 'NULL' } },
    ],
    [
      'with more cells than the header',
      { fileName: 'a.csv', text: 'key,name\nk,hall,x\n' },
      { problems: [expect.stringMatching(/^column 3: /)], key: 'k', room: { name: 'hall' }, cells: ['k', 'hall', 'x'] },
    ],
    [
      'with a problem that it shows and one that it does not show',
      { fileName: 'a.csv', text: 'key,name,maximumMessageLength\nk,NULL,many\n' },
      { problems: [expect.stringMatching(/^name: is "NULL"/)], room: { name: 'NULL', maximumMessageLength: 'many' } },
    ],
    [
      'whose key belongs to another room',
      { fileName: 'a.csv', text: 'key,name\nk,hall\nk,door\n' },
      { problems: [expect.stringMatching(/^key: is also the key of row 2/)], key: 'k', room: { name: 'door' } },
    ],
    [
      'that is not JSON',
      { fileName: 'a.ndjson', text: '{"key":}\n{"room":{}}' },
      { problems: [expect.stringMatching(/^is not JSON/)], written: '{"key":}' },
    ],
    [
      'that is a number',
      { fileName: 'a.ndjson', text: '5\n{"room":{}}' },
      { problems: [expect.anything()], written: 5 },
    ],
  ])('%s is written with everything that its author wrote, and stays invalid', async (_what, manifest, expected) => {
    const invalid = reportOf(await planned(manifest, 'season')).filter(({ outcome }) => outcome === 'invalid');
    const text = await repairOf(manifest, invalid);
    expect(JSON.parse(text)).toMatchObject(expected);
    expect(await again(text)).toMatchObject([{ kind: 'invalid' }]);
  });

  test.each<[string, Manifest]>([
    ['a suspicious cell', { fileName: 'a.csv', text: 'key,name\nk,NULL\n' }],
    ['a cell beyond the header', { fileName: 'a.csv', text: 'key,name\nk,hall,x\n' }],
    ['two problems', { fileName: 'a.csv', text: 'key,name,maximumMessageLength\nk,NULL,many\n' }],
    ['no JSON', { fileName: 'a.ndjson', text: '{"key":}\n{"room":{}}' }],
  ])('with %s is refused again with all of its problems at once', async (_what, manifest) => {
    const before = (await planned(manifest, 'season')).flatMap((row) => (row.kind === 'invalid' ? row.problems : []));
    const invalid = reportOf(await planned(manifest, 'season')).filter(({ outcome }) => outcome === 'invalid');
    const [refused] = await again(await repairOf(manifest, invalid));
    const said = refused?.kind === 'invalid' ? refused.problems.map(({ message }) => message) : [];
    for (const { message } of before)
      expect(said).toContainEqual(expect.stringContaining(message.split(', but is')[0] ?? ''));
    expect(said.join()).not.toContain('is not a known field');
  });

  test('is requested when it is repaired and its problems are deleted', async () => {
    const row = { key: 'k', room: {}, cells: ['k'], problems: ['column 3: is not in the header'] };
    const { problems: _problems, ...rest } = row;
    const { cells: _cells, ...repaired } = rest;
    expect(await again(JSON.stringify(repaired))).toMatchObject([{ kind: 'request' }]);
    // Control: each member alone keeps the row invalid.
    for (const each of [row, rest]) expect(await again(JSON.stringify(each))).toMatchObject([{ kind: 'invalid' }]);
  });
});

test('rows that repeat an earlier row are left out, because they request the same room', async () => {
  const manifest = { fileName: 'a.csv', text: 'key,name\nk,hall\nk,hall\n' };
  const report = [2, 3].map((row) => ({ row, outcome: 'failed', key: 'k', region: defaultRegion }));
  expect((await repairOf(manifest, report)).trimEnd().split('\n')).toHaveLength(1);
});

test('a manifest that differs from the report is refused', async () => {
  const manifest = { fileName: 'a.csv', text: 'key,name\nk,hall\n' };
  const repair = (reported: object) =>
    repairOf(manifest, [{ row: 2, outcome: 'failed', key: 'k', region: defaultRegion, ...reported }]);
  await expect(repair({})).resolves.toContain('"key":"k"');
  for (const reported of [{ row: 3 }, { key: 'other' }, { region: 'us-east-1' }])
    await expect(repair(reported)).rejects.toThrow(/manifest/);
});
