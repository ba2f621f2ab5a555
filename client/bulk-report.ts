import type { Readable } from 'node:stream';
import * as z from 'zod';
import { reportKeys } from '../lib/rosters/report.ts';
import type { Deployment } from './deployment.ts';
import { linesOf } from './lines.ts';
import { openObject } from './stored-object.ts';
import { UserError } from './user-error.ts';

export type ReportFormat = keyof ReturnType<typeof reportKeys>;

const lineSchema = z.object({
  row: z.number(),
  key: z.string().optional(),
  outcome: z.string(),
  reason: z.string().optional(),
  region: z.string().optional(),
});

export type ReportedRow = z.infer<typeof lineSchema>;

/** Opens the report of a job that has ended. @throws UserError if there is none */
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

/** The rows of a job's report that got no room, in their order. @throws UserError if there is no report */
export async function* rowsWithoutRoom(
  deployment: Deployment,
  jobId: string,
  signal: AbortSignal,
): AsyncGenerator<ReportedRow> {
  const report = await openReport(deployment, jobId, 'ndjson', signal);
  for await (const line of linesOf(report.setEncoding('utf8'))) {
    const row = lineSchema.parse(JSON.parse(line));
    if (row.outcome !== 'created' && row.outcome !== 'adopted') yield row;
  }
}
