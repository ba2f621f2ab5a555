import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { GetObjectCommand, NoSuchKey } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { reportKeys } from '../lib/rosters/report.ts';
import type { Deployment } from './deployment.ts';
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
  signal?: AbortSignal,
): Promise<Readable> {
  const Bucket = await deployment.manifestBucket();
  const Key = reportKeys(jobId)[format];
  try {
    const { Body } = await deployment.s3.send(new GetObjectCommand({ Bucket, Key }), signal && { abortSignal: signal });
    if (!(Body instanceof Readable)) throw new Error('GetObject returned no body');
    return Body;
  } catch (error) {
    if (!(error instanceof NoSuchKey)) throw error;
    throw new UserError(`The report s3://${Bucket}/${Key} does not exist: it was deleted`, { cause: error });
  }
}

/** The rows of a job's report that got no room, in their order. @throws UserError if there is no report */
export async function* rowsWithoutRoom(deployment: Deployment, jobId: string): AsyncGenerator<ReportedRow> {
  for await (const line of createInterface({ input: await openReport(deployment, jobId, 'ndjson') })) {
    const row = lineSchema.parse(JSON.parse(line));
    if (row.outcome !== 'created' && row.outcome !== 'adopted') yield row;
  }
}
