import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { REGIONS } from '../../../lib/contract/regions.ts';
import { shortJobId } from '../../../lib/contract/short-job-id.ts';
import { readPace } from '../../../lib/pace/pace-table.ts';
import { MAX_STOPPED_JOBS, stopJob } from '../../../lib/pace/stopped-jobs.ts';
import { createRoster } from '../../../lib/rosters/roster-states.ts';
import { type BulkCli, createBulkCli } from '../../support/bulk-cli.ts';
import { type BulkDesk, openBulkDesk, START_MS } from '../../support/bulk-desk.ts';
import { noRoom } from '../../support/completions.ts';

const LIMIT = 3;
const ROWS = 8;

let desk: BulkDesk;
let cli: BulkCli;
let jobId: string;
let record: object;

beforeEach(async () => {
  desk = await openBulkDesk({ outstandingRows: LIMIT });
  cli = createBulkCli(desk);
  const rows = Array.from({ length: ROWS }, (_, row) => `${row},eu-west-1`);
  ({ jobId, record } = desk.put('rooms.csv', ['key,region', ...rows].join('\n')));
  cli.answerWith(() => undefined);
  await cli.work();
});
afterEach(() => desk.close());

const stop = (...words: string[]) => cli.run(['bulk', 'stop', jobId.slice(0, 8), ...words]);
const stoppedIn = async () => {
  const table = { dynamodb: desk.clients.dynamodb, tableName: 'pace' };
  const items = await Promise.all(REGIONS.map((region) => readPace(table, region, 'CreateRoom')));
  return REGIONS.filter((_, index) => items[index]?.stopped_jobs?.has(shortJobId(jobId) ?? ''));
};
/** The workers of a deployment answer the rows once the job is stopped. */
const workersStop = () => cli.answerWith((key) => noRoom(key, { decidedAtMs: desk.nowMs(), reason: 'stopped' }));
/** Lines about rows are wrapped in a terminal. */
const wide = (text: string) =>
  text.split('\n').filter((line) => line.length > 80 && !line.includes(jobId) && !/^ {2}rows /.test(line));

describe('bulk stop', () => {
  test('stops a job in every region, and follows it to its end, although its reader waits', async () => {
    workersStop();
    const { code, stdout, stderr } = await stop('--yes', '--json');
    expect(stderr).toContain(`Stopped job ${jobId.slice(0, 8)} (rooms.csv).\n8 of 8 rooms do not exist yet.\n`);
    expect(JSON.parse(stdout)).toMatchObject({
      jobId,
      state: 'stopped',
      rows: ROWS,
      provisioned: 0,
      failed: ROWS,
      stopped: ROWS,
      stoppedAt: new Date(START_MS).toISOString(),
    });
    expect([code, wide(stderr), await stoppedIn()]).toEqual([0, [], []]);
    // One line for the rows that were requested, and one for the others.
    expect(stderr.match(/^ {2}rows? .*$/gm)).toEqual([
      expect.stringMatching(/^ {2}rows 2-4 \(3 rows\): stopped: /),
      expect.stringMatching(/^ {2}rows 5-9 \(5 rows\): stopped: /),
    ]);
    expect(stderr).toContain('8 rows: 0 rooms (0 new), 0 failed, 8 stopped, 0 invalid.\n');
    expect((await cli.run(['jobs'])).stdout).toMatch(/ {2}stopped .* 8 {5}0 {6}0 {7}0 {2}rooms\.csv/);
    const report = await cli.run(['bulk', 'report', jobId, '--failed']);
    expect(report.stderr).toBe('Printed 0 failed rows, 8 stopped rows and 0 invalid rows.\n');
    expect(desk.keys()).toHaveLength(LIMIT);
  });

  test('--no-wait returns at once, and a second stop changes nothing', async () => {
    const first = await stop('--yes', '--no-wait');
    expect([first.code, await stoppedIn()]).toEqual([0, [...REGIONS]]);
    const again = await stop('--yes', '--no-wait', '--json');
    expect(again.stderr).toContain(
      `Job ${jobId.slice(0, 8)} (rooms.csv) is already stopped. It was stopped on ${new Date(START_MS).toISOString()}.\n`,
    );
    expect(JSON.parse(again.stdout)).toMatchObject({
      state: 'stopped',
      file: 'rooms.csv',
      stoppedIn: [...REGIONS],
      notStoppedIn: [],
    });
    expect([again.code, await stoppedIn()]).toEqual([0, [...REGIONS]]);
  });

  test('says in which regions the job is stopped and in which not, and can then be repeated', async () => {
    let isDown = true;
    const refuse = () => {
      if (isDown) throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    };
    desk.on(/dynamodb UpdateItem .*us-east-1#CreateRoom/, refuse, Number.POSITIVE_INFINITY);
    const { code, stdout, stderr } = await stop('--yes', '--json');
    expect(stderr).toContain('  us-east-1: ');
    expect(stderr).toContain(`  greenroom bulk stop ${jobId} --yes\n`);
    expect(JSON.parse(stdout)).toMatchObject({
      stoppedIn: REGIONS.filter((region) => region !== 'us-east-1'),
      notStoppedIn: [{ region: 'us-east-1', reason: expect.stringMatching(/ECONNREFUSED/) }],
    });
    expect([code, wide(stderr)]).toEqual([1, []]);
    isDown = false;
    workersStop();
    expect((await stop('--yes')).code).toBe(0);
    expect([(await desk.meta(jobId)).state, await stoppedIn()]).toEqual(['announced', []]);
  });

  test('stops nothing if the roster cannot be written', async () => {
    desk.fail(/dynamodb UpdateItem .*stopped_at/, 20);
    const { code, stderr } = await stop('--yes');
    expect(stderr).toMatch(/^error: /m);
    expect([code, await stoppedIn(), (await desk.meta(jobId)).state]).toEqual([1, [], 'open']);
  });

  test('names the problem if too many stopped jobs have not ended', async () => {
    for (let other = 0; other < MAX_STOPPED_JOBS; other++)
      await desk.tracking.pace.update('eu-west-1', 'CreateRoom', stopJob(String(other).padStart(12, '0')));
    const { code, stderr } = await stop('--yes');
    const others = Array.from({ length: MAX_STOPPED_JOBS }, (_, other) => String(other).padStart(12, '0')).join(', ');
    expect(stderr).toContain(`  eu-west-1: 16 other stopped jobs have not ended yet: ${others}\n`);
    expect(code).toBe(1);
  });

  test('requires --yes without a terminal, before anything is read', async () => {
    const before = desk.calls.length;
    const { code, stderr } = await stop();
    expect(stderr).toContain('cannot ask for confirmation without a terminal: give --yes');
    expect([code, desk.calls.length]).toEqual([2, before]);
  });

  test('of a job that has ended says so, and removes what an interrupted stop has left behind', async () => {
    cli.answerWith((key) => noRoom(key, { decidedAtMs: desk.nowMs() }));
    ({ jobId } = desk.put('small.csv', 'key\na\n'));
    await cli.work();
    expect(await desk.meta(jobId)).toMatchObject({ state: 'announced' });
    await desk.tracking.pace.update('eu-west-1', 'CreateRoom', stopJob(shortJobId(jobId) ?? ''));
    const { code, stderr } = await stop('--yes');
    expect(stderr).toBe(`Job ${jobId.slice(0, 8)} (small.csv) has already ended. Nothing was changed.\n`);
    expect([code, await stoppedIn()]).toEqual([0, []]);
  });

  test.each([
    ['behind', -3_600_000],
    ['ahead', 3_600_000],
  ])(
    'distinguishes earlier uploads from later ones although the clock of the computer is an hour %s',
    async (_, clockErrorMs) => {
      workersStop();
      desk.pass(1_500);
      const { code } = await cli.run(['bulk', 'stop', jobId, '--yes'], { clockErrorMs });
      const jobs = () => [...new Set(desk.requests().map(({ roster }): string => roster))];
      // The stop sends the notice of the upload again.
      expect([code, jobs(), (await desk.meta(jobId)).state]).toEqual([0, [jobId], 'announced']);
      desk.pass(2_000);
      await desk.tell([desk.noticeOf('manifests/rooms.csv').record]);
      expect(jobs()).toHaveLength(2);
    },
  );

  test('also stops the requested rows of a job that was refused, and then says that the job has ended', async () => {
    desk.put('rooms.csv', 'key\nanother\n');
    desk.pass(60_000);
    await desk.tell([record]);
    expect(await desk.meta(jobId)).toMatchObject({ state: 'refused', members: LIMIT });
    const { code, stderr } = await stop('--yes');
    expect(stderr).toContain(`Stopped job ${jobId.slice(0, 8)} (rooms.csv).\n3 of 3 rooms do not exist yet.\n`);
    expect([code, await stoppedIn()]).toEqual([0, [...REGIONS]]);
    workersStop();
    await cli.work();
    expect([(await desk.meta(jobId)).failed, await stoppedIn()]).toEqual([LIMIT, []]);
    expect((await stop('--yes')).stderr).toContain('has already ended');
  });

  test('names the command for a live event', async () => {
    const liveEvent = { liveEventId: 'final', revision: 1, startsAt: '2026-12-18T20:00:00Z' };
    await createRoster(desk.table, { id: 'live/final/1', kind: 'live-event', liveEvent }, START_MS);
    const { code, stderr } = await cli.run(['bulk', 'stop', 'live/final/1', '--yes']);
    expect(stderr).toContain('To cancel it: greenroom cancel final\n');
    expect(code).toBe(1);
  });

  test('can be interrupted while it follows the job, which stays stopped', async () => {
    const { code, stderr } = await cli.run(['bulk', 'stop', jobId, '--yes'], { interruptAfter: 2 });
    expect(stderr).toContain('Interrupted: the job is stopped, and ends without this command.');
    expect([code, (await desk.meta(jobId)).failed]).toEqual([130, ROWS - LIMIT]);
  });
});
