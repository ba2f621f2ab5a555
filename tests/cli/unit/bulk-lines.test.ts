import { expect, test } from '@jest/globals';
import { durationText, progressLine, summaryLine } from '../../../cli/print/bulk-lines.ts';
import { questionOf } from '../../../cli/print/stop-lines.ts';
import { type BulkProgress, createRateMeter, hasEnded, hasEveryRoom } from '../../../client/bulk-progress.ts';

const job: BulkProgress = {
  jobId: 'job',
  state: 'sealed',
  rows: 500,
  read: 500,
  invalid: 10,
  repeated: 0,
  members: 490,
  provisioned: 240,
  existing: 0,
  failed: 5,
  stopped: 0,
  problems: [],
  problemsTotal: 0,
};

test.each<[string, Partial<BulkProgress>, number | undefined, string]>([
  ['has not been read yet', { state: 'waiting' }, undefined, 'waiting for the manifest to be read'],
  [
    'is being read',
    { state: 'open', read: 100 },
    4.96,
    '245 of 490 done  5 failed  5.0 a second  about 49 s left  100 of 500 rows requested',
  ],
  ['has no rate yet, with an estimate from the quota', {}, undefined, '245 of 490 done  5 failed  about 49 s left'],
  ['is counted', { provisioned: 485 }, 5, '490 of 490 done  5 failed  5.0 a second  writing the report'],
])('the line shows the progress of a job that %s', (_what, changes, rate, line) => {
  expect(progressLine({ ...job, ...changes }, rate, undefined)).toBe(line);
});

test('the rows that a stop has ended have not failed, and nothing of them is left', () => {
  const stopped = { ...job, provisioned: 240, failed: 205, stopped: 200 };
  expect(progressLine(stopped, undefined, undefined)).toBe('245 of 490 done  5 failed  200 stopped  about 9 s left');
  expect(summaryLine({ ...stopped, failed: 250, stopped: 245 })).toBe(
    'Job job: 500 rows: 240 rooms (240 new), 5 failed, 245 stopped, 10 invalid.',
  );
});

test('a job that is being checked has no counts yet', () => {
  const { members: _, ...unchecked } = job;
  expect(progressLine({ ...unchecked, state: 'open' }, undefined, 80)).toBe('checking the manifest');
});

test('the question about a stop names the job briefly, with its file', () => {
  const question = questionOf({ ...job, jobId: 'ab'.repeat(32), file: 'rooms.csv' });
  expect(question).toBe('Stop job abababab (rooms.csv)? 250 of 490 rooms do not exist yet. This cannot be undone.');
});

test('on a terminal the line begins with a bar', () => {
  expect(progressLine(job, 5, 100)).toMatch(/^\[#{12}\.{12}\] {2}245 of 490 done/);
  expect(progressLine({ ...job, members: 0, provisioned: 0, failed: 0 }, 5, 100)).toMatch(/^\[#{24}\]/);
});

test.each<[string, number, string]>([
  [
    'all parts, if they fit',
    120,
    '[############............]  245 of 490 done  5 failed  5.0 a second  about 49 s left  100 of 500 rows requested',
  ],
  [
    'a shorter bar',
    100,
    '[######.......]  245 of 490 done  5 failed  5.0 a second  about 49 s left  100 of 500 rows requested',
  ],
  ['no requested rows', 79, '[#########..........]  245 of 490 done  5 failed  5.0 a second  about 49 s left'],
  ['no bar', 60, '245 of 490 done  5 failed  5.0 a second  about 49 s left'],
  ['no rate', 50, '245 of 490 done  5 failed  about 49 s left'],
  ['only the counts', 30, '245 of 490 done  5 failed'],
  ['a marked cut, if not even the counts fit', 20, '245 of 490 done  5 …'],
])('on a terminal, no part of the line is cut: %s', (_what, width, line) => {
  expect(progressLine({ ...job, state: 'open', read: 100 }, 5, width)).toBe(line);
});

test('the summary distinguishes new rooms from existing ones', () => {
  expect(summaryLine({ ...job, provisioned: 485, existing: 100, repeated: 2 })).toBe(
    'Job job: 500 rows: 485 rooms (385 new), 5 failed, 10 invalid, 2 repeated.',
  );
});

test.each([
  [0.2, '1 s'],
  [89, '89 s'],
  [90, '2 min'],
  [3_540, '59 min'],
  [10_000, '2 h 47 min'],
])('%d seconds are printed as %s', (seconds, text) => {
  expect(durationText(seconds)).toBe(text);
});

test('the rate covers the last half minute, and is unknown until there is enough data', () => {
  const meter = createRateMeter();
  expect([meter.note(0, 0), meter.note(1_000, 5), meter.note(2_000, 10)]).toEqual([undefined, undefined, 5]);
  for (let second = 3; second <= 60; second++) meter.note(second * 1000, 10 + second);
  expect(meter.note(61_000, 71)).toBeCloseTo(1, 1);
});

test.each<[Partial<BulkProgress>, boolean, boolean]>([
  [{}, false, false],
  [{ state: 'reported', provisioned: 490, failed: 0, invalid: 0 }, false, false],
  [{ state: 'announced', provisioned: 490, failed: 0, invalid: 0 }, true, true],
  [{ state: 'announced', provisioned: 490, failed: 0 }, true, false],
  [{ state: 'announced', provisioned: 485, invalid: 0 }, true, false],
  [{ state: 'refused' }, true, false],
])('a job with %j is over: %j, and every row has its room: %j', (changes, over, whole) => {
  expect([hasEnded({ ...job, ...changes }), hasEveryRoom({ ...job, ...changes })]).toEqual([over, whole]);
});
