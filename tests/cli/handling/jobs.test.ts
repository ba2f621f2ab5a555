import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { jobJson, jobLine } from '../../../cli/print/job-line.ts';
import { type ListedJob, listJobs } from '../../../client/operate/job-list.ts';
import { createRoster } from '../../../lib/rosters/roster-states.ts';
import { type BulkCli, createBulkCli } from '../../support/bulk-cli.ts';
import { type BulkDesk, openBulkDesk, START_MS } from '../../support/bulk-desk.ts';
import { noRoom } from '../../support/completions.ts';
import { must } from '../../support/must.ts';

/** More than one page of the list, and more than are listed without --all. */
const OLD_JOBS = 120;
const MINUTE_MS = 60_000;

let desk: BulkDesk;
let cli: BulkCli;
let jobId: string;

async function pagesOf(): Promise<ListedJob[][]> {
  const { signal } = new AbortController();
  const waiting = { clock: { nowMs: desk.nowMs, sleep: async () => undefined }, random: () => 0.5, signal };
  const pages: ListedJob[][] = [];
  for await (const page of listJobs({ dynamodb: desk.clients.dynamodb, rosterTable: desk.table.tableName }, waiting))
    pages.push(page);
  return pages;
}

const idOf = (number: number) => `${number < 2 ? 'abcd' : 'ef01'}${String(number).padStart(60, '0')}`;

beforeAll(async () => {
  desk = await openBulkDesk();
  cli = createBulkCli(desk);
  for (let number = 0; number < OLD_JOBS; number++) {
    const bulk = { manifest: `s3://bucket/manifests/x/old-${number}.csv`, name: 'old' };
    await createRoster(desk.table, { id: idOf(number), kind: 'bulk', bulk }, START_MS - (number + 1) * MINUTE_MS);
  }
  const liveEvent = { liveEventId: 'final', revision: 1, startsAt: '2026-12-18T20:00:00Z' };
  await createRoster(desk.table, { id: 'live/final/1', kind: 'live-event', liveEvent }, START_MS);
  ({ jobId } = desk.put('newest.csv', 'key,name\na,\nb,two words\nc,\n'));
  cli.answerWith((key) => (key === 'a' ? undefined : noRoom(key, { decidedAtMs: START_MS })));
  await cli.work();
});
afterAll(() => desk.close());

describe('jobs', () => {
  test('lists the newest jobs first, in lines of at most 80 columns, and says that it left out others', async () => {
    const { code, stdout, stderr } = await cli.run(['jobs']);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(51);
    expect(lines.slice(0, 3)).toEqual([
      'JOB       STATE    BEGAN (UTC)        ROWS  DONE FAILED INVALID  FILE',
      `${jobId.slice(0, 8)}  running  2026-12-18 12:00      3     1      1       1  newest.csv`,
      'abcd0000  reading  2026-12-18 11:59      -     0      0       -  old-0.csv',
    ]);
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'Only the newest 50 jobs are listed: --all lists all.\n' });
  });

  test('--all --json lists every job and no live event, with its complete id', async () => {
    const { code, stdout, stderr } = await cli.run(['jobs', '--all', '--json']);
    const listed = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(listed.map((job) => job.jobId)).toEqual([
      jobId,
      ...Array.from({ length: OLD_JOBS }, (_, each) => idOf(each)),
    ]);
    expect(listed[0]).toMatchObject({
      state: 'running',
      beganAt: '2026-12-18T12:00:00.000Z',
      file: 'newest.csv',
      manifest: expect.stringMatching(/^s3:.*newest\.csv$/),
      rows: 3,
      failed: 1,
      invalid: 1,
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  test('stops at its time limit, and says which jobs are missing', async () => {
    desk.on(/dynamodb Query .*rosters-by-creation/, () => desk.pass(30_000), 2);
    const { code, stdout, stderr } = await cli.run(['jobs', '--all', '--timeout', '60']);
    expect(stdout.trimEnd().split('\n')).toHaveLength(101);
    expect(stderr).toMatch(/^Stopped after 60 s: jobs that began before 2026-12-18T\S+ are not listed\./);
    expect(code).toBe(1);
  });

  test('shows that a job was stopped', async () => {
    const [[job] = []] = await pagesOf();
    const line = jobLine({ ...must(job), stoppedAt: '2026-12-18T12:00:00.000Z' });
    expect(line).toMatch(/^[0-9a-f]{8} {2}stopped {2}2026-12-18 12:00 /);
    expect(jobJson({ ...must(job), stoppedAt: '2026-12-18T12:00:00.000Z' })).toMatchObject({ state: 'stopped' });
  });

  test('counts the rows that a stop has ended neither as done nor as failed', async () => {
    const [[job] = []] = await pagesOf();
    const ended = { ...must(job), rows: 400, provisioned: 30, failed: 370, stopped: 368, invalid: 0 };
    expect(jobLine({ ...ended, stoppedAt: '2026-12-18T12:00:00.000Z' })).toMatch(
      / {2}400 {4}32 {6}2 {7}0 {2}newest\.csv \(368 stopped\)$/,
    );
    // In JSON, as in the event of the job's end, they have failed.
    expect(jobJson(ended)).toMatchObject({ failed: 370, stopped: 368 });
  });

  test('counts the rows that repeat others, so that the counts add up to the rows', async () => {
    const [[job] = []] = await pagesOf();
    const ended = { ...must(job), rows: 10, provisioned: 3, failed: 2, stopped: 1, invalid: 2, repeated: 3 };
    expect(jobLine(ended)).toMatch(/ {3}10 {5}4 {6}1 {7}2 {2}newest\.csv \(1 stopped, 3 repeated\)$/);
  });

  test('keeps no more than one page in memory', async () => {
    expect((await pagesOf()).map(({ length }) => length)).toEqual([50, 50, 21]);
  });

  test('says so if there are none', async () => {
    const empty = await openBulkDesk();
    expect(await createBulkCli(empty).run(['jobs'])).toMatchObject({
      code: 0,
      stderr: 'No bulk jobs in stage test. The list may be a few seconds behind.\n',
    });
    await empty.close();
  });

  test.each([
    ['The table does not have the specified index: rosters-by-creation', /cannot list its jobs: deploy/],
    ['Cannot read from backfilling global secondary index: rosters-by-creation', /after the upgrade: try again later/],
  ])('says what to do if DynamoDB answers %j', async (message, remedy) => {
    desk.on(/dynamodb Query/, () => Promise.reject(Object.assign(new Error(message), { name: 'ValidationException' })));
    const { code, stderr } = await cli.run(['jobs']);
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringMatching(remedy) });
  });
});

describe.each([[['watch']], [['bulk', 'report']]])('%j', (command) => {
  const run = (id: string) => cli.run([...command, id]);

  test('lists the jobs that an ambiguous beginning of an id could mean', async () => {
    const { code, stderr } = await run('abcd');
    expect(stderr).toMatch(
      /^ {2}abcd00000000 {2}began 2026-12-18 11:59 UTC\n {2}abcd00000000 {2}began .*\nerror: The ids of 2 jobs begin with abcd: give more characters\n$/,
    );
    expect(code).toBe(1);
  });

  test('names greenroom jobs if no job has such an id, and greenroom events for a live event', async () => {
    for (const [id, message] of [
      ['0123', /^error: No bulk job of stage test has an id that begins with 0123: see greenroom jobs$/m],
      ['abc', /^error: abc is not the id of a bulk job, or its first 4 or more characters: see greenroom jobs$/m],
      ['live/final/1', /^error: live\/final\/1 is a live event, not a bulk job: greenroom events/m],
    ] as const) {
      const { code, stderr } = await run(id);
      expect(stderr).toMatch(message);
      expect(code).toBe(1);
    }
  });
});

test('bulk report says in one line how far a job is, and watch follows the job of a beginning of an id', async () => {
  const early = await cli.run(['bulk', 'report', jobId.slice(0, 6)]);
  expect(early).toEqual({
    code: 1,
    stdout: '',
    stderr: 'error: The job has not ended: 1 of 2 done  1 failed  about 1 s left\n',
  });
  cli.answerWith((key) => noRoom(key, { decidedAtMs: START_MS }));
  const watch = await cli.run(['watch', jobId.slice(0, 6).toUpperCase()]);
  expect(watch.stderr).toMatch(new RegExp(`^Job ${jobId}: 3 rows: 0 rooms \\(0 new\\), 2 failed, 1 invalid\\.$`, 'm'));
  const report = await cli.run(['bulk', 'report', jobId.slice(0, 6)]);
  expect(report.stdout.split('\n')).toHaveLength(4);
  expect(JSON.parse(report.stdout.split('\n')[0] ?? '')).toMatchObject({ row: 2, key: 'a', outcome: 'failed' });
  expect((await cli.run(['bulk', 'report', jobId, '--csv'])).stdout).toMatch(/^row,key,outcome,reason/);
});
