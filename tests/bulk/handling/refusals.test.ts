import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type BulkDesk, openBulkDesk, START_MS } from '../../support/bulk-desk.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const GOOD = 'key\na\nb\n';
/** A manifest whose second row is bad. */
const BAD = 'name,region\nhall,eu-west-1\nbad name,eu-west-1\n';
const WHOLE = { 'greenroom-all-or-nothing': 'true' };
const season = (year: number) => ({ 'greenroom-name': `season-${year}` });

let desk: BulkDesk;
beforeEach(async () => {
  desk = await openBulkDesk({ outstandingRows: 4 });
});
afterEach(() => desk.close());

const problems = () =>
  desk.events().map((event) => (event.type === 'greenroom.roster.failed.v1' ? event.data.problems : []));
const names = () => new Set(desk.keys().map((key) => key.split('/')[1]));
const withoutSequencer = (record: ReturnType<BulkDesk['put']>['record']) => {
  const { sequencer: _, ...object } = record.s3.object;
  return { ...record, s3: { ...record.s3, object } };
};

describe('a manifest is refused', () => {
  test('with its problems, which its roster stores together with the notice', async () => {
    const { record, jobId } = desk.put('a.csv', 'nmae,key,nmae\n1,2,3\n');
    expect(await desk.tell([record])).toEqual({ done: true });
    const listed = [
      { path: 'column "nmae"', message: expect.stringMatching(/did you mean "name"/) },
      { path: 'column "nmae"', message: expect.stringMatching(/twice/) },
    ];
    expect(problems()).toEqual([listed]);
    expect(await desk.meta(jobId)).toMatchObject({
      state: 'refused',
      problems: listed,
      problems_total: 2,
      refused_notice: { sequencer: record.s3.object.sequencer, put_at: START_MS },
      bulk: { manifest: 's3://manifests/manifests/a.csv', name: 'a' },
      announced_at: START_MS,
    });
    expect(desk.lines).toMatchObject([{ level: 'info', fields: { job: jobId, kind: 'refused', problems: 2 } }]);
    expect((await desk.items(jobId)).find(({ sk }) => sk === 'meta')).toMatchObject({
      expires_at: START_MS / 1000 + 90 * 86_400,
    });
  });

  test.each([
    [412, 'was replaced before it was read completely; the new object is a separate job'],
    [404, 'was deleted before it was read completely'],
  ])('if S3 answers %i, because it can no longer be read', async (status, message) => {
    desk.s3.refuse(status);
    expect(await desk.tell([desk.put('a.csv', GOOD).record])).toEqual({ done: true });
    expect(problems()).toEqual([[{ path: '', message }]]);
  });

  test('if it was replaced after some rows were sent, and the rooms of these rows are still created', async () => {
    const { record, jobId } = desk.put('a.csv', 'key\na\nb\nc\nd\ne\n');
    await desk.tell([record]);
    desk.put('a.csv', GOOD);
    expect(await desk.tell([record])).toEqual({ done: true });
    expect(problems()).toEqual([
      [
        { path: '', message: 'has already requested up to 4 rooms: greenroom still creates them' },
        { path: '', message: expect.stringMatching(/^was replaced/) },
      ],
    ]);
    expect(await desk.meta(jobId)).toMatchObject({ state: 'refused', problems_total: 2 });
  });
});

describe('a manifest is not refused but tried again', () => {
  test.each([403, 500, 503])('if S3 returns %i', async (status) => {
    const { record } = desk.put('a.csv', GOOD);
    desk.s3.refuse(status);
    expect((await desk.tell([record])).done).toBe(false);
    expect(desk.events()).toEqual([]);
    expect(await desk.tell([record])).toEqual({ done: true });
    expect(desk.keys()).toEqual(['a', 'b']);
  });

  test.each([
    ['does not respond', () => desk.fail(/^s3 HEAD/)],
    ['answers 503', () => desk.on(/^s3 HEAD/, () => desk.s3.refuse(503))],
  ])('if S3 %s when the reader requests the current version of the manifest', async (_what, does) => {
    const { record } = desk.put('a.csv', GOOD);
    await desk.tell([record]);
    does();
    expect((await desk.tell([record])).done).toBe(false);
    expect(await desk.tell([record])).toEqual({ done: true });
  });

  test('if its refusal cannot be published, and the next attempt announces it once', async () => {
    const { record, jobId } = desk.put('a.csv', 'nmae\n1\n');
    desk.fail(/^sns/);
    expect((await desk.tell([record])).done).toBe(false);
    expect(await desk.meta(jobId)).toMatchObject({ state: 'open' });
    expect(await desk.tell([record])).toEqual({ done: true });
    expect(desk.events()).toHaveLength(1);
  });
});

describe('metadata', () => {
  test.each([
    ['true', true],
    ['1', true],
    ['false', false],
    ['perhaps', false],
  ])('with %j for all or nothing: whether a bad row refuses the manifest is %s', async (value, isRefused) => {
    const { record } = desk.put('a.csv', BAD, { 'greenroom-all-or-nothing': value });
    await desk.tell([record]);
    expect(desk.events()).toHaveLength(isRefused ? 1 : 0);
    expect(desk.keys()).toHaveLength(isRefused ? 0 : 1);
  });

  test('all or nothing accepts a manifest without bad rows', async () => {
    await desk.tell([desk.put('a.csv', GOOD, WHOLE).record]);
    expect(desk.keys()).toEqual(['a', 'b']);
  });
});

describe('a refused manifest that is uploaded again', () => {
  test('has rows that expire a day after the second upload', async () => {
    await desk.tell([desk.put('a.csv', BAD, WHOLE).record]);
    desk.pass(3 * DAY_MS);
    const { record, jobId } = desk.put('a.csv', BAD);
    await desk.tell([record]);
    const { neededBy } = desk.requests()[0];
    expect(neededBy).toBe(new Date(START_MS + 4 * DAY_MS).toISOString());
    const meta = (await desk.items(jobId)).find(({ sk }) => sk === 'meta');
    expect(meta).toMatchObject({ reopened_at: START_MS + 3 * DAY_MS, reopened_by: record.s3.object.sequencer });
    for (const field of ['announced_at', 'expires_at', 'problems', 'problems_total'])
      expect(meta).not.toHaveProperty(field);
  });

  test('is distinguished from a copy of its first notice by the time, if S3 gives no sequencer', async () => {
    const first = withoutSequencer(desk.put('a.csv', BAD, WHOLE).record);
    await desk.tell([first]);
    desk.put('a.csv', BAD);
    desk.pass(MINUTE_MS);
    await desk.tell([first]);
    expect(desk.keys()).toEqual([]);
    const second = withoutSequencer(desk.put('a.csv', BAD).record);
    await desk.tell([second]);
    expect(desk.keys()).toHaveLength(1);
    expect(await desk.meta(desk.put('a.csv', BAD).jobId)).toMatchObject({ reopened_by: String(START_MS + MINUTE_MS) });
  });

  test('is recognised by the time of the refusal, if the refused notice is not known', async () => {
    const { record, jobId } = desk.put('a.csv', BAD, WHOLE);
    desk.fail(/^sns/);
    await desk.tell([record]);
    desk.pass(MINUTE_MS);
    const meanwhile = desk.put('a.csv', BAD, WHOLE);
    await desk.tell([record]);
    await desk.change(jobId, 'meta', 'REMOVE #refused_notice');
    desk.put('a.csv', BAD);
    await desk.tell([meanwhile.record]);
    expect(desk.keys()).toEqual([]);
    desk.pass(1);
    await desk.tell([desk.put('a.csv', BAD).record]);
    expect(desk.keys()).toHaveLength(1);
  });

  test('takes its new name only with a later notice if it is refused again', async () => {
    const first = desk.put('a.csv', BAD, season(2026));
    // The reader fails before it has recorded the check.
    desk.fail(/UpdateItem .*"#checked/);
    expect((await desk.tell([first.record])).done).toBe(false);
    const second = desk.put('a.csv', BAD, { ...season(2027), ...WHOLE });
    expect(await desk.tell([second.record])).toEqual({ done: true });
    expect([desk.events().length, desk.keys()]).toEqual([1, []]);
    expect(await desk.meta(first.jobId)).toMatchObject({ state: 'refused', bulk: { name: 'season-2026' } });
    await desk.tell([desk.put('a.csv', BAD, season(2027)).record]);
    expect(names()).toEqual(new Set(['season-2027']));
    expect(await desk.meta(first.jobId)).toMatchObject({ state: 'sealed', bulk: { name: 'season-2027' } });
  });

  test('stays refused under a name that already has its own job, if none of its rows was sent', async () => {
    const { record, jobId } = desk.put('a.csv', BAD, { ...season(2026), ...WHOLE });
    await desk.tell([record]);
    await desk.bulk.readers.addName(jobId, 'season-2027');
    await desk.tell([desk.put('a.csv', BAD, season(2027)).record]);
    expect(names()).toEqual(new Set(['season-2027']));
    expect(await desk.meta(jobId)).toMatchObject({ state: 'refused' });
  });

  test('continues under its first name, at its checkpoint, if some of its rows were sent', async () => {
    const rows = 'name,tenant\nhall,a\nhall,b\nhall,c\nhall,d\nhall,e\n';
    const first = desk.put('a.csv', rows, season(2026));
    await desk.tell([first.record]);
    desk.s3.delete(first.key);
    await desk.tell([first.record]);
    expect(await desk.meta(first.jobId)).toMatchObject({ state: 'refused' });
    desk.pass(SECOND_MS);
    const second = desk.put('a.csv', rows, season(2027));
    await desk.tell([second.record]);
    expect(await desk.meta(first.jobId)).toMatchObject({ state: 'open', bulk: { name: 'season-2026' } });
    expect(desk.keys().filter((key) => key.startsWith('bulk/season-2026/'))).toHaveLength(4);
  });
});
