import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import * as z from 'zod';
import type { Deployment } from '../../client/deployment.ts';
import { reportKeys } from '../../lib/rosters/report.ts';

const lineSchema = z.object({
  row: z.number(),
  key: z.string().optional(),
  outcome: z.string(),
  reason: z.string().optional(),
});

export type ReportedRow = z.infer<typeof lineSchema>;

/** The rows of a job's report that got no room, in their order. @throws NoSuchKey if there is no report yet */
export async function* rowsWithoutRoom(deployment: Deployment, jobId: string): AsyncGenerator<ReportedRow> {
  const Bucket = await deployment.manifestBucket();
  const { Body } = await deployment.s3.send(new GetObjectCommand({ Bucket, Key: reportKeys(jobId).ndjson }));
  if (!(Body instanceof Readable)) throw new Error('GetObject returned no body');
  for await (const line of createInterface({ input: Body })) {
    const row = lineSchema.parse(JSON.parse(line));
    if (row.outcome === 'failed' || row.outcome === 'invalid') yield row;
  }
}
