import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ledgerKey } from '../../../lib/contract/keys.ts';
import { KEEP_MS } from '../../../lib/contract/release-wish.ts';
import { META_SK, rosterPk } from '../../../lib/rosters/roster-item.ts';
import { type BulkCli, createBulkCli } from '../../support/bulk-cli.ts';
import { type BulkDesk, openBulkDesk, START_MS } from '../../support/bulk-desk.ts';
import { madeRoom, noRoom } from '../../support/completions.ts';
import { roomItem } from '../../support/ledger-items.ts';
import { createLedgerTable } from '../../support/ledger-table.ts';

let desk: BulkDesk;
let cli: BulkCli;
let directory: string;

beforeEach(async () => {
  desk = await openBulkDesk();
  cli = createBulkCli(desk);
  directory = mkdtempSync(join(tmpdir(), 'greenroom-report-'));
});
afterEach(async () => {
  await desk.close();
  rmSync(directory, { recursive: true });
});

const path = (name: string) => join(directory, name);

/** A job whose rooms IVS Chat refuses if their keys contain this text. */
async function endedJob(body: string, refused: string, name = 'rooms.csv') {
  cli.answerWith((key) => (key.includes(refused) ? noRoom : madeRoom)(key, { decidedAtMs: START_MS }));
  const { key, jobId } = desk.put(name, body);
  await cli.work();
  return { key, jobId };
}

describe('bulk report --failed', () => {
  const BODY = 'key,name\na,hall\nb,two words\nc,door\n';

  test('saves the rows without a room as a manifest, and the repaired rows get their rooms', async () => {
    const { jobId } = await endedJob(BODY, 'c');
    const report = await cli.run(['bulk', 'report', jobId.slice(0, 8), '--failed', '-o', path('repair.ndjson')]);
    expect(report).toEqual({
      code: 0,
      stdout: '',
      stderr: `Saved 1 failed row and 1 invalid row to ${path('repair.ndjson')}. After you have repaired them:\n  greenroom bulk ${path('repair.ndjson')}\n`,
    });
    const saved = readFileSync(path('repair.ndjson'), 'utf8');
    expect(saved).toBe(
      '{"key":"b","room":{"name":"two words"}}\n{"key":"c","region":"eu-west-1","tenant":"default","room":{"name":"door"}}\n',
    );
    writeFileSync(path('repair.ndjson'), saved.replace('two words', 'two-words'));
    cli.answerWith((key) => madeRoom(key, { decidedAtMs: START_MS }));
    expect(await cli.run(['bulk', path('repair.ndjson')])).toMatchObject({ code: 0 });
    expect(desk.keys()).toEqual(['a', 'c', 'b', 'c']);
  });

  test('prints the same rows without -o, and writes nothing if every row has a room', async () => {
    const { jobId } = await endedJob(BODY, 'c');
    const { stdout, stderr } = await cli.run(['bulk', 'report', jobId, '--failed']);
    expect(stdout.trimEnd().split('\n')).toHaveLength(2);
    expect(stderr).toBe('Printed 1 failed row and 1 invalid row.\n');
    const { jobId: good } = await endedJob('key\nd\n', 'none', 'good.csv');
    const all = await cli.run(['bulk', 'report', good, '--failed', '-o', path('repair.ndjson')]);
    expect(all).toMatchObject({ code: 0, stderr: 'Every row has a room.\n' });
    expect(readdirSync(directory)).toEqual([]);
  });

  test.each<[string, (key: string) => unknown, RegExp]>([
    ['was deleted', (key) => desk.s3.delete(key), /manifests\/rooms\.csv was deleted, so its rows cannot be repeated/],
    ['has other content', (key) => desk.s3.put(key, 'key\nx\n'), /has changed since the job read it/],
  ])('says so if the manifest %s, and leaves no file', async (_what, change, message) => {
    const { key, jobId } = await endedJob(BODY, 'c');
    change(key);
    const { code, stderr } = await cli.run(['bulk', 'report', jobId, '--failed', '-o', path('repair.ndjson')]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(message) });
    expect(readdirSync(directory)).toEqual([]);
  });

  test('reads the manifest of a job whose id does not depend only on the content', async () => {
    const { jobId } = await endedJob(BODY, 'c');
    const items = await desk.items(jobId);
    const later = 'ab'.repeat(32);
    for (const item of items) {
      const moved = { ...item, pk: rosterPk(later), ...(item.sk === META_SK && { roster_id: later }) };
      await desk.clients.dynamodb.send(
        new PutItemCommand({ TableName: desk.table.tableName, Item: marshall(moved, { removeUndefinedValues: true }) }),
      );
    }
    await desk.change(later, META_SK, 'SET #state = :state', { state: 'sealed' });
    await desk.check(later);
    const { code, stdout } = await cli.run(['bulk', 'report', later, '--failed']);
    expect({ code, rows: stdout.trimEnd().split('\n').length }).toEqual({ code: 0, rows: 2 });
  });

  test('cannot be CSV, and never replaces a file', async () => {
    const { jobId } = await endedJob(BODY, 'c');
    for (const args of [['--csv'], ['-o', path('repair.csv')]]) {
      const { code, stderr } = await cli.run(['bulk', 'report', jobId, '--failed', ...args]);
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/--failed writes NDJSON, not CSV/) });
    }
    writeFileSync(path('repair.ndjson'), 'work of the user');
    const { code, stderr } = await cli.run(['bulk', 'report', jobId, '--failed', '-o', path('repair.ndjson')]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/repair\.ndjson already exists/) });
    expect(readFileSync(path('repair.ndjson'), 'utf8')).toBe('work of the user');
  });
});

test('bulk report -o saves the report, as CSV if the name of the file says so', async () => {
  const { jobId } = await endedJob('key\n=a\n', 'none');
  for (const name of ['report.csv', 'report.ndjson'])
    expect(await cli.run(['bulk', 'report', jobId, '-o', path(name)])).toMatchObject({ code: 0, stdout: '' });
  expect(readFileSync(path('report.csv'), 'utf8')).toContain("\r\n2,'=a,created,");
  expect(JSON.parse(readFileSync(path('report.ndjson'), 'utf8'))).toMatchObject({ key: '=a' });
  const nowhere = await cli.run(['bulk', 'report', jobId, '-o', path('no/such/folder.csv')]);
  expect(nowhere).toMatchObject({ code: 1, stderr: expect.stringMatching(/Cannot write .*ENOENT/) });
});

test('bulk report -o - prints the report, and --default-region needs --failed', async () => {
  const { jobId } = await endedJob('key\na\n', 'none');
  const printed = await cli.run(['bulk', 'report', jobId, '-o', '-']);
  expect(printed).toEqual({ code: 0, stdout: expect.stringContaining('"key":"a"'), stderr: '' });
  const { code, stderr } = await cli.run(['bulk', 'report', jobId, '--default-region', 'us-east-1']);
  expect([code, stderr]).toEqual([2, expect.stringContaining('--default-region has no effect without --failed')]);
});

test('a line separator, which JSON allows in a line, ends no line of the report', async () => {
  const { jobId } = await endedJob('{"key":"a","room":{},"x\u2028y":1}\n{"key":"c","room":{}}\n', 'c', 'rooms.ndjson');
  const { code, stdout } = await cli.run(['bulk', 'report', jobId, '--failed']);
  expect([code, stdout.trimEnd().split('\n').length]).toEqual([0, 2]);
  const watched = await cli.run(['watch', jobId]);
  expect(watched.stderr).toMatch(/ {2}row 1: .*\u2028.*\n {2}row 2 \(c\): .*\nJob /);
});

// Without the permission s3:ListBucket, which no policy of the project contains, S3 answers so if an object does not exist.
test.each([
  ['the report', []],
  ['the manifest', ['--failed']],
])('says that %s may be deleted if S3 denies access to it', async (_what, options) => {
  const { jobId } = await endedJob('key\na\n', 'a');
  desk.s3.refuse(403, 'AccessDenied');
  const { code, stderr } = await cli.run(['bulk', 'report', jobId, ...options]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error: s3:\/\/\S+ cannot be read \(AccessDenied\): it was deleted, or you lack/);
});

test('rows that have no room for the same reason take one line, with their number and range', async () => {
  const rows = Array.from({ length: 15 }, (_, index) => `k${index}`);
  const twice = await endedJob(`key\n${rows.flatMap((key) => [key, key]).join('\n')}\n`, 'k');
  const { stderr } = await cli.run(['watch', twice.jobId]);
  expect(stderr).toMatch(
    /^ {2}rows 2-31 \(30 rows\): refused: The room is not valid\nJob .* 15 failed, 0 invalid, 15 repeated\.\n/,
  );
  const half = await endedJob(`key\n${rows.flatMap((key) => [key, `x${key}`]).join('\n')}\n`, 'x', 'half.csv');
  expect((await cli.run(['watch', half.jobId])).stderr).toContain('  rows 3-31 (15 of them): refused: The room is');
});

test('a refused job has no report, and its problems are shown', async () => {
  const { jobId } = desk.put('bad.csv', 'colour\nred\n');
  await cli.work();
  const { code, stderr } = await cli.run(['bulk', 'report', jobId]);
  expect(stderr).toMatch(/column "colour".*\nerror: The job was refused for the reasons above, so it has no report/);
  expect(code).toBe(1);
});

describe('bulk report --releases', () => {
  const wish = (at: number) => ({ release_at: at, release_wished_at: START_MS, release_due_at: at });
  const json = (text: string) =>
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  const RELEASE_MS = START_MS + 3_600_000;

  /** A job with four rooms, one of them twice, an invalid row and a failed row. The ledger knows what has become of them since. */
  async function releasedJob() {
    const { dynamodb } = desk.clients;
    await createLedgerTable(dynamodb);
    const put = (key: string, changes: object) => {
      const item = roomItem({ id: ledgerKey(key), idempotency_key: key, status: 'COMPLETED', ...changes });
      const stored = { ...item, completion: JSON.stringify(item.completion) };
      return dynamodb.send(new PutItemCommand({ TableName: 'ledger', Item: marshall(stored) }));
    };
    await put('timed', { schema_version: 2, ...wish(RELEASE_MS) });
    await put('kept', { schema_version: 2, ...wish(KEEP_MS) });
    await put('gone', {
      ...{ schema_version: 2, ...wish(START_MS) },
      ...{ release_marked_at: START_MS + 1_000, released_at: START_MS + 2_000 },
    });
    await put('plain', {});
    return endedJob('key,name\ntimed,a\nkept,b\ngone,c\nplain,d\ntimed,a\nx,two words\nlost,e\n', 'lost');
  }

  test('adds to each row what has become of its room, and counts the rooms', async () => {
    const { jobId } = await releasedJob();
    const plain = await cli.run(['bulk', 'report', jobId]);
    const { code, stdout, stderr } = await cli.run(['bulk', 'report', jobId.slice(0, 8), '--releases']);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: '5 rooms: 3 made, 1 unknown, 1 released\n2 of them have a release time. 1 is to be kept.\n',
    });
    const rows = json(stdout);
    expect(rows.map(({ release, ...row }) => row)).toEqual(json(plain.stdout));
    const timed = {
      state: 'made',
      wish: { releaseAt: at(RELEASE_MS), wishedAt: at(START_MS), notBefore: at(RELEASE_MS) },
    };
    expect(rows.map(({ release }) => release)).toEqual([
      timed,
      { state: 'made', wish: { releaseAt: null, wishedAt: at(START_MS) } },
      expect.objectContaining({ state: 'released', markedAt: at(START_MS + 1_000), releasedAt: at(START_MS + 2_000) }),
      { state: 'made' },
      timed,
      undefined,
      { state: 'unknown' },
    ]);
  });

  test('prints only the totals with --json, and saves the rows with -o', async () => {
    const { jobId } = await releasedJob();
    const { code, stdout, stderr } = await cli.run(['bulk', 'report', jobId, '--releases', '--json']);
    expect({ code, stderr, totals: JSON.parse(stdout) }).toEqual({
      code: 0,
      stderr: '',
      totals: { jobId, keys: 5, states: { made: 3, released: 1, unknown: 1 }, withReleaseTime: 2, kept: 1 },
    });
    const saved = await cli.run(['bulk', 'report', jobId, '--releases', '-o', path('rooms.ndjson')]);
    expect(saved).toMatchObject({ code: 0, stdout: '' });
    expect(json(readFileSync(path('rooms.ndjson'), 'utf8'))).toHaveLength(7);
  });

  test.each([
    [['--releases', '--csv'], /--releases writes NDJSON, not CSV/],
    [['--releases', '-o', 'rooms.csv'], /--releases writes NDJSON, not CSV/],
    [['--releases', '--failed'], /use one of them/],
    [['--releases', '--json', '-o', 'rooms.ndjson'], /omit --output/],
    [['--json'], /--json has no effect without --releases/],
  ])('refuses %j', async (args, message) => {
    const { code, stderr } = await cli.run(['bulk', 'report', 'abcd', ...args]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(message) });
  });
});

function at(ms: number): string {
  return new Date(ms).toISOString();
}
