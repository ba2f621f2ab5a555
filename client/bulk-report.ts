import type { Readable } from 'node:stream';
import * as z from 'zod';
import { reportKeys } from '../lib/rosters/report.ts';
import type { Deployment } from './deployment.ts';
import { linesOf } from './lines.ts';
import { openObject } from './stored-object.ts';
import { UserError } from './user-error.ts';

export type ReportFormat = keyof ReturnType<typeof reportKeys>;

const lineSchema = z.looseObject({
  row: z.number(),
  key: z.string().optional(),
  outcome: z.string(),
  reason: z.string().optional(),
  region: z.string().optional(),
});

/** A row of a report with all of its fields. */
export type ReportRow = z.infer<typeof lineSchema>;

/** Opens the report of a job that has ended. @throws UserError if the report does not exist */
export async function openReport(
  deployment: Deployment,
  jobId: string,
  format: ReportFormat,
  signal: AbortSignal,
): Promise<Readable> {
  const address = { bucket: await deployment.manifestBucket(), key: reportKeys(jobId)[format] };
  const report = await openObject(deployment, address, signal);
  if (report === undefined)
    throw new UserError(`The report s3://${address.bucket}/${address.key} does not exist: it was deleted`);
  return report.body;
}

/** The rows of a job's report, in their order. @throws UserError if there is no report */
export async function* reportRows(
  deployment: Deployment,
  jobId: string,
  signal: AbortSignal,
): AsyncGenerator<ReportRow> {
  const report = await openReport(deployment, jobId, 'ndjson', signal);
  for await (const line of linesOf(report.setEncoding('utf8'))) yield lineSchema.parse(JSON.parse(line));
}

/** Those rows of a job's report that have no room. @throws UserError if there is no report */
export async function* rowsWithoutRoom(
  deployment: Deployment,
  jobId: string,
  signal: AbortSignal,
): AsyncGenerator<ReportRow> {
  for await (const row of reportRows(deployment, jobId, signal))
    if (row.outcome !== 'created' && row.outcome !== 'adopted') yield row;
}
