import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { putManifest } from '../../../client/upload-manifest.ts';
import type {
  FailuresAnswer,
  JobAnswer,
  JobsAnswer,
  ManifestCheckAnswer,
  ManifestUploadAnswer,
  StopAnswer,
} from '../../../console/api/imports.ts';
import { until } from '../../support/gateway-clients.ts';
import { must } from '../../support/must.ts';
import { clientOf } from '../programme.ts';
import { type ConsoleCalls, openConsoleCalls } from './console-calls.ts';

const TYPE = 'application/octet-stream';
/** One row gets a room, one is invalid, and one fails because its key is used for another room. */
const ROWS = 'key,name\nhall,hall\nlobby,two words\ntaken,door\n';

describe('the imports of the console', () => {
  let calls: ConsoleCalls;
  let jobId: string;

  beforeAll(async () => {
    calls = await openConsoleCalls();
    const { requestRoom, waitFor } = clientOf(calls);
    await requestRoom({ idempotencyKey: 'taken', room: { name: 'window' } });
    await waitFor('taken');
    jobId = (await upload('rooms.csv', ROWS)).jobId;
    await jobOnce(jobId, ({ hasReport }) => hasReport);
  });

  afterAll(() => calls.close());

  /** @param headers in addition to those of the page, or instead of them */
  async function send<Body>(path: string, query: Record<string, string>, body: string, headers: object = {}) {
    const sent = await calls.raw({
      ...{ method: 'POST', path: `/api/${path}?${new URLSearchParams(query)}`, body },
      headers: { ...calls.signedIn, 'content-type': TYPE, ...headers },
    });
    const answer: Body & { problem?: string } = JSON.parse(sent.text);
    return { status: sent.status, answer };
  }

  async function upload(name: string, body: string) {
    const { answer } = await send<ManifestUploadAnswer>('manifest/upload', { name }, body);
    if (answer.kind !== 'uploaded') throw new Error(`The answer is ${JSON.stringify(answer)}`);
    return answer;
  }

  const jobOnce = (job: string, is: (answer: JobAnswer) => boolean) =>
    until(async () => {
      const { answer } = await calls.get<JobAnswer>('job', { job });
      return is(answer) ? answer : undefined;
    }, 25_000);

  const file = (path: string, job: string) =>
    calls.raw({ path: `/api/${path}?${new URLSearchParams({ job })}`, headers: calls.signedIn });

  test('a check uploads nothing, and predicts the outcomes of the rows', async () => {
    const { answer } = await send<ManifestCheckAnswer>('manifest/check', { name: 'other.csv' }, `${ROWS}new,new\n`);
    expect(answer).toMatchObject({
      ...{ kind: 'checked', rows: 4, members: 3, invalid: 1, problemsTotal: 1 },
      problems: [{ path: 'row 3: name', message: expect.any(String) }],
      plan: { toMake: { 'eu-west-1': 1 }, existing: 1, reused: 1, reusedRows: [{ row: 4, idempotencyKey: 'taken' }] },
    });
    const refused = await send<ManifestCheckAnswer>('manifest/check', { name: 'other.csv' }, 'name\n"open\n');
    expect(refused.answer).toMatchObject({ kind: 'invalid', problems: [expect.anything()] });
    expect((await calls.get<JobsAnswer>('jobs')).answer.jobs).toHaveLength(1);
  });

  test('with allOrNothing, a file with an invalid row is not uploaded', async () => {
    const query = { name: 'all.csv', allOrNothing: 'true' };
    const { answer } = await send<ManifestUploadAnswer>('manifest/upload', query, ROWS);
    expect(answer).toMatchObject({ kind: 'invalid', problemsTotal: 1 });
  });

  test('the list and the detail have the counts of the job', async () => {
    const counts = { rows: 3, members: 2, provisioned: 1, failed: 1, invalid: 1, state: 'announced' };
    const { answer } = await calls.get<JobsAnswer>('jobs');
    expect(answer).toMatchObject({ hasMore: false, jobs: [{ jobId, file: 'rooms.csv', ...counts }] });
    expect(await jobOnce(jobId, () => true)).toMatchObject({ progress: counts, hasReport: true, canStop: false });
  });

  test('the failures of a job are grouped by reason, and can be downloaded for a repair', async () => {
    const { answer } = await calls.get<FailuresAnswer>('job/failures', { job: jobId });
    expect(answer.rows).toBe(2);
    expect(answer.groups.map(({ reason, rows }) => [reason, rows])).toEqual([
      ['invalid', 1],
      [expect.stringMatching(/^[a-z-]+$/), 1],
    ]);
    expect((await file('job/report', jobId)).text).toMatch(/^(\uFEFF)?row,/);
    const repair = await file('job/failed-rows', jobId);
    const keys = repair.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).key);
    expect(keys).toEqual(['lobby', 'taken']);
    const repaired = repair.text.replace('two words', 'two-words').replace('door', 'window');
    const { jobId: next } = await upload('repair.ndjson', repaired);
    const { progress } = await jobOnce(next, ({ hasReport }) => hasReport);
    expect(progress).toMatchObject({ members: 2, provisioned: 2, failed: 0, invalid: 0 });
    const { answer: newest } = await calls.get<JobsAnswer>('jobs', { count: '1' });
    expect(newest).toMatchObject({ hasMore: true, jobs: [{ jobId: next }] });
  });

  test('a running job has a rate, and can be stopped once', async () => {
    const rows = Array.from({ length: 400 }, (_, index) => `room-${index},r${index}`);
    const { jobId: job } = await upload('many.csv', ['key,name', ...rows].join('\n'));
    const running = await jobOnce(job, ({ rate }) => rate !== undefined);
    expect(must(running.rate)).toBeGreaterThan(0);
    expect(running.canStop).toBe(true);
    const { answer } = await calls.post<StopAnswer>('job/stop', { job });
    expect(answer.missed).toEqual([]);
    const stopped = await jobOnce(job, ({ progress }) => progress.stoppedAt !== undefined);
    expect(stopped.canStop).toBe(false);
  });

  test('a refused job shows its problems, and has no report', async () => {
    // The console does not upload such a file, but another program can put it into the bucket.
    const { s3, manifestBucket } = calls.deployment;
    const object = { fileName: 'refused.csv', content: Buffer.from(ROWS) };
    const settings = { allOrNothing: true, now: new Date(), signal: new AbortController().signal };
    const job = await putManifest({ s3, bucket: await manifestBucket() }, object, settings);
    const { progress, ...facts } = await jobOnce(job, (answer) => answer.progress.state === 'refused');
    expect(facts).toMatchObject({ hasReport: false, canStop: false });
    expect(progress.problems).toEqual([{ path: 'row 3: name', message: expect.any(String) }]);
    expect((await calls.get('job/failures', { job })).status).toBe(422);
  });

  test('a job that has not begun is waiting, and an invalid id is a problem', async () => {
    expect((await jobOnce('0'.repeat(64), () => true)).progress.state).toBe('waiting');
    expect((await calls.get('job', { job: 'none' })).status).toBe(400);
  });

  test('a file is read only if its length is declared and at most 16 MiB', async () => {
    const query = { name: 'rooms.csv' };
    expect((await send('manifest/check', query, '{}', { 'content-type': 'application/json' })).status).toBe(415);
    expect((await send('manifest/check', query, '{}', { 'content-type': 'text/plain' })).status).toBe(415);
    const { status, answer } = await send('manifest/check', query, 'a', {
      'content-length': 16 * 1024 * 1024 + 1,
    });
    expect({ status, ...answer }).toEqual({ status: 413, problem: 'The body is longer than 16 MiB.' });
    // Control: other calls still accept only JSON.
    expect((await send('job/stop', {}, '{}')).status).toBe(415);
  });
});
