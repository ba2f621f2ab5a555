import { describe, expect, test } from '@jest/globals';
import { type PlannedRow, planRows } from '../../../lib/bulk/plan-rows.ts';
import { type RowReleases, readManifest } from '../../../lib/bulk/read-manifest.ts';

const UPLOADED_MS = Date.parse('2026-11-02T09:00:00Z');
const DAY_MS = 24 * 60 * 60 * 1000;
const AT = '2026-12-18T22:00:00+01:00';
const iso = (ms: number) => new Date(ms).toISOString();

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

async function plan(fileName: string, content: string, releases: RowReleases = { releases: true }) {
  const settings = { uploadedAtMs: UPLOADED_MS, ...releases };
  const rows: PlannedRow[] = [];
  const read = readManifest(bytesOf(content), fileName, 'eu-west-1', settings);
  for await (const row of planRows(read, { namespace: 'n', defaultRegion: 'eu-west-1', uploadedAtMs: UPLOADED_MS }))
    rows.push(row);
  return rows;
}
const requests = (rows: PlannedRow[]) => rows.flatMap((row) => (row.kind === 'request' ? [row.request] : []));
const problems = (rows: PlannedRow[]) =>
  rows.flatMap((row) =>
    row.kind === 'invalid' ? row.problems.map(({ path, message }) => `${row.row} ${path}: ${message}`) : [],
  );

describe('the release time of a row', () => {
  test.each([
    ['a.csv', `name,releaseAt\nhall,${AT}\nhall,\n`],
    ['a.ndjson', `{"room":{"name":"hall"},"releaseAt":"${AT}"}\n{"room":{"name":"hall"},"releaseAt":null}\n`],
    ['a.json', `[{"room":{"name":"hall"},"releaseAt":"${AT}"},{"room":{"name":"hall"}}]`],
  ])('in %s is that of its request, and counts as decided at the upload', async (name, content) => {
    const [first, second] = requests(await plan(name, content));
    expect(first).toMatchObject({ releaseAt: AT, releaseWishedAt: iso(UPLOADED_MS) });
    expect(second).not.toHaveProperty('releaseAt');
    expect(second).not.toHaveProperty('releaseWishedAt');
  });

  test('does not change its key, so an edited release time extends the same room', async () => {
    const keysOf = async (at: string) =>
      requests(await plan('a.csv', `name,releaseAt\nhall,${at}\n`)).map(({ idempotencyKey }) => idempotencyKey);
    expect(await keysOf('2026-12-19T22:00:00Z')).toEqual(await keysOf(AT));
  });

  test('is at most 400 days after the upload', async () => {
    const at = (ms: number) => plan('a.csv', `name,releaseAt\nhall,${iso(UPLOADED_MS + 400 * DAY_MS + ms)}\n`);
    expect(problems(await at(0))).toEqual([]);
    expect(problems(await at(1))).toEqual([
      expect.stringMatching(/^2 releaseAt: must be at most 400 days after 2026-11-02T09:00:00.000Z$/),
    ]);
  });

  test('is reported together with all other problems of the row', async () => {
    const rows = await plan('a.csv', 'name,releaseAt,tenant\nhall,tomorrow,a b\n');
    expect(problems(rows)).toEqual([
      expect.stringMatching(/^2 tenant: /),
      expect.stringMatching(/^2 releaseAt: must be an ISO 8601 date and time with an offset/),
    ]);
  });

  test('is the same in all rows with the same key', async () => {
    const rows = await plan(
      'a.csv',
      `key,name,releaseAt\na,hall,${AT}\na,hall,2026-12-18T21:00:00Z\na,hall,2026-12-18T21:00:01Z\na,hall,\n`,
    );
    expect(rows.map(({ kind }) => kind)).toEqual(['request', 'repeated', 'invalid', 'invalid']);
    expect(problems(rows)).toEqual([
      '4 releaseAt: must be the same time as in row 2, which has the same key',
      '5 releaseAt: must be the same time as in row 2, which has the same key',
    ]);
  });

  test('is refused while releases are switched off', async () => {
    const rows = await plan('a.csv', `name,releaseAt\nhall,${AT}\nhall,\n`, { releases: false });
    expect(rows.map(({ kind }) => kind)).toEqual(['invalid', 'request']);
    expect(problems(rows)[0]).toMatch(/^2 releaseAt: releases are switched off in this deployment: /);
  });
});
