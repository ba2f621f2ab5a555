import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { shortJobId } from '../../../lib/contract/short-job-id.ts';
import { readPace } from '../../../lib/pace/pace-table.ts';
import { stopJob } from '../../../lib/pace/stopped-jobs.ts';
import { reportKeys } from '../../../lib/rosters/report.ts';
import { stopRoster } from '../../../lib/rosters/roster-states.ts';
import { type BulkDesk, openBulkDesk } from '../../support/bulk-desk.ts';
import { csv, rowsOf } from '../../support/bulk-jobs.ts';
import { madeRoom, noRoom } from '../../support/completions.ts';

const LIMIT = 4;
const CHUNK = 100;

let desk: BulkDesk;
beforeEach(async () => {
  desk = await openBulkDesk({ outstandingRows: LIMIT, laneStop: 1_000 });
});
afterEach(() => desk.close());

const keysOf = (region: string, count: number) => rowsOf(region, count).map((row) => row.split(',')[0] ?? '');
const stopped = (key: string) => noRoom(key, { reason: 'stopped' });

/** What `greenroom bulk stop` writes. */
async function stop(jobId: string, regions = ['eu-west-1', 'us-east-1']): Promise<void> {
  await stopRoster(desk.table, jobId, desk.nowMs());
  for (const region of regions) await desk.tracking.pace.update(region, 'CreateRoom', stopJob(shortJobId(jobId) ?? ''));
}
const stoppedJobs = async (region: string) => {
  const table = { dynamodb: desk.clients.dynamodb, tableName: 'pace' };
  return [...((await readPace(table, region, 'CreateRoom')).stopped_jobs ?? [])];
};
const report = (jobId: string) =>
  String(desk.s3.objects.get(reportKeys(jobId).ndjson)?.content)
    .trim()
    .split('\n')
    .map((line): Record<string, unknown> => JSON.parse(line));

describe('a stopped job', () => {
  test('sends no further rows, and ends with a report in which the numbers add up', async () => {
    const rows = [
      ...rowsOf('eu-west-1', LIMIT + 3),
      'eu-west-1-1,eu-west-1',
      'a,nowhere',
      ...rowsOf('us-east-1', LIMIT + 1),
    ];
    const { record, jobId } = desk.put('a.csv', csv(...rows));
    await desk.tell([record]);
    await desk.answer(jobId, [madeRoom('eu-west-1-1')]);
    await stop(jobId);
    desk.pass(60_000);
    expect(await desk.tell([record])).toEqual({ done: true });
    expect(desk.keys()).toHaveLength(2 * LIMIT);
    expect(await desk.meta(jobId)).toMatchObject({
      state: 'sealed',
      members: 2 * LIMIT + 4,
      provisioned: 1,
      failed: 4,
      stopped: 4,
    });
    expect(await stoppedJobs('eu-west-1')).toEqual([shortJobId(jobId)]);

    await desk.answer(jobId, [
      ...keysOf('eu-west-1', LIMIT).slice(1).map(stopped),
      ...keysOf('us-east-1', LIMIT).map((key) => noRoom(key, { reason: 'stopped', region: 'us-east-1' })),
    ]);
    expect(desk.events()).toMatchObject([
      {
        type: 'greenroom.roster.completed.v1',
        data: {
          members: { total: 12, provisioned: 1, failed: 11 },
          rows: { total: 14, invalid: 1, repeated: 1 },
          stoppedAt: expect.any(String),
        },
      },
    ]);
    const lines = report(jobId);
    expect(lines.map(({ row }) => row)).toEqual(Array.from({ length: 14 }, (_, index) => index + 2));
    expect(lines.filter(({ reason }) => String(reason).startsWith('stopped: '))).toHaveLength(11);
    expect([await stoppedJobs('eu-west-1'), await stoppedJobs('us-east-1')]).toEqual([[], []]);
  });

  test('that is stopped while its manifest is checked ends without a request', async () => {
    const { record, jobId } = desk.put('a.csv', csv(...rowsOf('eu-west-1', 2), 'a,nowhere'));
    desk.fail(/dynamodb UpdateItem .*checked/);
    await desk.tell([record]);
    await stop(jobId);
    desk.pass(60_000);
    expect(await desk.tell([record])).toEqual({ done: true });
    await desk.check(jobId);
    expect([desk.keys(), await desk.meta(jobId)]).toMatchObject([[], { state: 'announced', members: 2, failed: 2 }]);
    expect(report(jobId)).toHaveLength(3);
  });

  test('ends as many rows with each transaction as it can', async () => {
    const { record, jobId } = desk.put('a.csv', csv(...rowsOf('eu-west-1', LIMIT + 198)));
    await desk.tell([record]);
    await stop(jobId);
    desk.pass(60_000);
    const before = desk.calls.length;
    await desk.tell([record]);
    const transactions = desk.calls.slice(before).filter(({ action }) => action === 'TransactWriteItems');
    expect([transactions.length, (await desk.meta(jobId)).failed]).toEqual([2, 198]);
  });

  test('stops a pass that is under way before its next chunk', async () => {
    await desk.close();
    desk = await openBulkDesk({ outstandingRows: 1_000, laneStop: 80_000 });
    const { record, jobId } = desk.put('a.csv', csv(...rowsOf('eu-west-1', 3 * CHUNK)));
    desk.on(/sqs SendMessageBatch/, () => stop(jobId));
    expect(await desk.tell([record])).toEqual({ done: true });
    expect(desk.keys()).toHaveLength(CHUNK);
    expect(await desk.meta(jobId)).toMatchObject({ state: 'sealed', members: 3 * CHUNK, failed: 2 * CHUNK });
  });

  test('sends the rows again that a crashed reader may have sent, and leaves their outcome to the workers', async () => {
    const { record, jobId } = desk.put('a.csv', csv(...rowsOf('eu-west-1', 3)));
    // The rows are written, and the requests are sent. The reader crashes before it stores the checkpoint.
    desk.fail(/dynamodb UpdateItem .*progressed_at.*regions|dynamodb UpdateItem .*regions.*progressed_at/);
    await desk.tell([record]);
    expect(desk.keys()).toHaveLength(3);
    await desk.answer(jobId, [madeRoom('eu-west-1-1')]);
    await stop(jobId);
    desk.pass(3_600_000);
    expect(await desk.tell([record])).toEqual({ done: true });
    expect(desk.keys().slice(3)).toEqual(['eu-west-1-2', 'eu-west-1-3']);
    expect(await desk.meta(jobId)).toMatchObject({ state: 'sealed', members: 3, provisioned: 1, failed: 0 });
  });

  test.each([['TransactWriteItems'], ['UpdateItem'], ['GetItem'], ['s3 GET']])(
    'counts each row once if a reader fails at a call of %s, whichever it is',
    async (call) => {
      let countdown = Number.POSITIVE_INFINITY;
      const failAt = () => {
        countdown -= 1;
        if (countdown === -1) throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
      };
      desk.on(new RegExp(call), failAt, Number.POSITIVE_INFINITY);
      for (let skipped = 0; skipped < 4; skipped++) {
        const { record, jobId } = desk.put(`${skipped}.csv`, csv(...rowsOf('eu-west-1', LIMIT + CHUNK + 20)));
        await desk.tell([record]);
        await stop(jobId);
        countdown = skipped;
        for (let attempt = 0; attempt < 3; attempt++) {
          desk.pass(3_600_000);
          await desk.tell([record]);
        }
        countdown = Number.POSITIVE_INFINITY;
        expect(await desk.meta(jobId)).toMatchObject({
          state: 'sealed',
          members: LIMIT + CHUNK + 20,
          failed: CHUNK + 20,
        });
      }
    },
  );

  test('is forgotten after its report and before its announcement: a tracker that fails in between does so again', async () => {
    const { record, jobId } = desk.put('a.csv', csv('a,eu-west-1'));
    await desk.tell([record]);
    await stop(jobId);
    desk.fail(/dynamodb UpdateItem .*DELETE stopped_jobs/, 100);
    await desk.answer(jobId, [stopped('a')]);
    expect([await desk.meta(jobId), desk.events()]).toMatchObject([{ state: 'reported' }, []]);
  });

  test('is forgotten if its manifest is refused, even if the reader fails before it requests the check', async () => {
    const { record, jobId } = desk.put('a.csv', csv('a,eu-west-1', 'b,nowhere'), {
      'greenroom-all-or-nothing': 'true',
    });
    desk.on(/^sns /, () => stop(jobId));
    desk.fail(/^sqs .*checkRoster/);
    expect(await desk.tell([record])).toMatchObject({ done: false });
    expect([...desk.queue('rosters').messages()]).toEqual([]);
    desk.pass(3_600_000);
    expect(await desk.tell([record])).toEqual({ done: true });
    for (const { body } of [...desk.queue('rosters').messages()]) await desk.deliver('rosters', [{ body }]);
    expect(await desk.meta(jobId)).toMatchObject({ state: 'refused', stopped_at: expect.any(Number) });
    expect(await stoppedJobs('eu-west-1')).toEqual([]);
  });

  test('whose manifest was replaced is forgotten once all requested rows are answered', async () => {
    const { record, jobId } = desk.put('a.csv', csv(...rowsOf('eu-west-1', LIMIT + 1)));
    await desk.tell([record]);
    await stop(jobId);
    desk.put('a.csv', csv('another,eu-west-1'));
    desk.pass(60_000);
    await desk.tell([record]);
    for (const { body } of [...desk.queue('rosters').messages()]) await desk.deliver('rosters', [{ body }]);
    expect((await desk.meta(jobId)).state).toBe('refused');
    expect(JSON.stringify(desk.events())).not.toContain('still creates');
    const [last, ...keys] = keysOf('eu-west-1', LIMIT).map(stopped);
    await desk.answer(jobId, keys);
    expect(await stoppedJobs('eu-west-1')).toEqual([shortJobId(jobId)]);
    await desk.answer(jobId, last ? [last] : []);
    expect([(await desk.meta(jobId)).state, await stoppedJobs('eu-west-1')]).toEqual(['refused', []]);
  });

  test('cannot be stopped once its report is written', async () => {
    const { record, jobId } = desk.put('a.csv', csv('a,eu-west-1'));
    await desk.tell([record]);
    await desk.answer(jobId, [madeRoom('a')]);
    expect(await stopRoster(desk.table, jobId, desk.nowMs())).not.toHaveProperty('stopped_at');
    expect(await stopRoster(desk.table, 'no job', desk.nowMs())).toBeUndefined();
  });

  test('keeps the time of its first stop', async () => {
    const { record, jobId } = desk.put('a.csv', csv('a,eu-west-1'));
    await desk.tell([record]);
    const stoppedAtMs = desk.nowMs();
    await stop(jobId);
    desk.pass(1_000);
    await stop(jobId);
    expect(await desk.meta(jobId)).toMatchObject({ stopped_at: stoppedAtMs });
  });
});

describe('the same content under the same object key, uploaded again after its job was stopped,', () => {
  const again = (record: object) => ({ ...record, eventTime: new Date(desk.nowMs()).toISOString() });
  const bulkJobs = () => [...new Set(desk.requests().map(({ roster }): string => roster))];

  test('is another job with the same keys, however often S3 announces it', async () => {
    const { record, jobId, key } = desk.put('a.csv', csv('a,eu-west-1', 'b,eu-west-1'));
    await desk.tell([record]);
    await stop(jobId);
    desk.pass(1_000);
    const later = desk.noticeOf(key).record;
    for (const each of [later, later, record]) await desk.tell([each]);
    const [, next = ''] = bulkJobs();
    expect(bulkJobs()).toEqual([jobId, next]);
    expect(desk.keys()).toEqual(['a', 'b', 'a', 'b']);
    desk.pass(1_000);
    await desk.tell([again(later)]);
    expect(bulkJobs()).toHaveLength(2);

    await stop(next);
    desk.pass(1_000);
    await desk.tell([again(later)]);
    expect(bulkJobs()).toHaveLength(3);
  });

  test('does not restart the job if its notice was sent before the stop', async () => {
    const { record, jobId, key } = desk.put('a.csv', csv('a,eu-west-1'));
    const second = desk.noticeOf(key).record;
    await desk.tell([record]);
    desk.pass(1_000);
    await stop(jobId);
    await desk.tell([second]);
    expect(bulkJobs()).toEqual([jobId]);
  });

  test('keeps its own name', async () => {
    const { record, jobId, key } = desk.put('a.csv', 'name\nhall\n', { 'greenroom-name': 'one' });
    await desk.tell([record]);
    await stop(jobId);
    desk.pass(1_000);
    desk.put('a.csv', 'name\nhall\n', { 'greenroom-name': 'two' });
    await desk.tell([desk.noticeOf(key).record]);
    expect(desk.keys().map((each) => each.split('/')[1])).toEqual(['one', 'two']);
    expect(bulkJobs()).toHaveLength(2);
  });
});
