import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import * as z from 'zod';
import type { Deployment } from '../../client/deployment.ts';
import { reportKeys } from '../../lib/rosters/report.ts';

const lineSchema = z.object({ key: z.string(), arn: z.string() });

/** How many keys of a job's report have a room, and how many different rooms these are. */
export async function countReport(deployment: Deployment, jobId: string): Promise<{ keys: number; rooms: number }> {
  const Bucket = await deployment.manifestBucket();
  const { Body } = await deployment.s3.send(new GetObjectCommand({ Bucket, Key: reportKeys(jobId).ndjson }));
  if (!(Body instanceof Readable)) throw new Error('GetObject answered without a body');
  const keys = new Set<string>();
  const rooms = new Set<string>();
  for await (const line of createInterface({ input: Body })) {
    const { key, arn } = lineSchema.parse(JSON.parse(line));
    keys.add(key);
    rooms.add(arn);
  }
  return { keys: keys.size, rooms: rooms.size };
}
