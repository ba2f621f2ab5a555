import { text } from 'node:stream/consumers';
import type { Hono } from 'hono';
import * as z from 'zod';
import { type BulkProgress, hasEnded, openRows, readBulkProgress } from '../../../client/bulk-progress.ts';
import { openReport } from '../../../client/bulk-report.ts';
import type { Deployment } from '../../../client/deployment.ts';
import { type ListedJob, listJobs } from '../../../client/operate/job-list.ts';
import { stopBulkJob } from '../../../client/operate/stop-job.ts';
import { UserError } from '../../../client/user-error.ts';
import type { Waiting } from '../../../lib/platform/backoff.ts';
import type { FailuresAnswer, JobAnswer, JobsAnswer, StopAnswer } from '../../api/imports.ts';
import type { ConsoleContext } from '../console-context.ts';
import { readFailures, repairManifest } from '../job-failures.ts';
import { createJobRates } from '../job-rates.ts';

const MAX_JOBS = 10_000;
const CSV = 'text/csv; charset=utf-8';
const NDJSON = 'application/x-ndjson; charset=utf-8';

const jobsQuery = z.object({ count: z.coerce.number().int().min(1).max(MAX_JOBS).default(50) });
const jobQuery = z.object({ job: z.string().regex(/^[0-9a-f]{64}$/, 'must be the id of a job') });

/** Bulk jobs: the list, one job, its failures and its files, and the stop of a job. */
export function addImportsRoutes(api: Hono, { stage, clock, signal }: ConsoleContext): void {
  const waiting: Waiting = { clock, random: Math.random, signal };
  const rates = createJobRates();
  const withRate = <Job extends BulkProgress>(job: Job) => {
    const rate = rates.note(job, clock.nowMs());
    return rate === undefined ? {} : { rate };
  };

  api.get('/jobs', async (request) => {
    const { count } = jobsQuery.parse(request.req.query());
    const { jobs, hasMore } = await stage.use((deployment) => newestJobs(count, deployment, waiting));
    const views = jobs.map(({ manifest: _, name: __, ...job }) => ({ ...job, ...withRate(job) }));
    return request.json({ jobs: views, hasMore } satisfies JobsAnswer);
  });
  api.get('/job', async (request) => {
    const { job } = jobQuery.parse(request.req.query());
    const progress = await stage.use((deployment) => readJob(job, deployment));
    const canStop = progress.state === 'refused' ? openRows(progress) > 0 : !hasEnded(progress);
    const facts = {
      hasReport: progress.state === 'announced',
      canStop: canStop && progress.state !== 'waiting' && progress.stoppedAt === undefined,
    };
    return request.json({ progress, ...facts, ...withRate(progress) } satisfies JobAnswer);
  });
  api.get('/job/failures', async (request) => {
    const { job } = jobQuery.parse(request.req.query());
    const failures = await stage.use((deployment) => readFailures(deployment, job, signal));
    return request.json(failures satisfies FailuresAnswer);
  });
  api.get('/job/failed-rows', async (request) => {
    const { job } = jobQuery.parse(request.req.query());
    const rows = await stage.use((deployment) => repairManifest(deployment, job, signal));
    return request.body(rows, 200, { 'Content-Type': NDJSON });
  });
  api.get('/job/report', async (request) => {
    const { job } = jobQuery.parse(request.req.query());
    const csv = await stage.use(async (deployment) => text(await openReport(deployment, job, 'csv', signal)));
    return request.body(csv, 200, { 'Content-Type': CSV });
  });
  api.post('/job/stop', async (request) => {
    const { job } = jobQuery.parse(await request.req.json());
    const stopped = await stage.use(async (deployment) => {
      await readJob(job, deployment);
      return stopBulkJob(deployment, job, { clock, signal });
    });
    return request.json(stopped satisfies StopAnswer);
  });
}

async function newestJobs(count: number, deployment: Deployment, waiting: Waiting) {
  const jobs: ListedJob[] = [];
  for await (const page of listJobs(deployment, waiting)) {
    jobs.push(...page);
    if (jobs.length > count) break;
  }
  return { jobs: jobs.slice(0, count), hasMore: jobs.length > count };
}

/** @throws UserError if the id is that of a live event */
async function readJob(jobId: string, deployment: Deployment): Promise<BulkProgress> {
  const progress = await readBulkProgress(deployment, jobId);
  if (progress === undefined) throw new UserError(`${jobId} is a live event, not a bulk job`);
  return progress;
}
