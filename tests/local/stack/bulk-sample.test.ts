import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { packageUnlimited } from '../../../bench/bulk/unlimited-package.ts';
import { hasEnded, readBulkProgress } from '../../../client/bulk-progress.ts';
import { connectLocally, type Deployment } from '../../../client/deployment.ts';
import { uploadManifest } from '../../../client/upload-manifest.ts';
import { reportKeys } from '../../../lib/rosters/report.ts';
import { type Stack, startStack } from '../../../local/stack.ts';
import { templateFile } from '../../../local/start/make-package.ts';
import { until } from '../../support/gateway-clients.ts';
import { must } from '../../support/must.ts';

const SAMPLE = resolve('events/samples/rooms.csv');
const LIMIT_MS = 120_000;

let stack: Stack;
let deployment: Deployment;
let packaged: ReturnType<typeof packageUnlimited>;

/** With the default faults but without the quota, because each run would take forty seconds at five rooms a second. */
beforeAll(async () => {
  packaged = packageUnlimited(templateFile(resolve()));
  stack = await startStack({ templateFile: packaged.templateFile, seed: 7, calm: false, isolation: 'thread' });
  stack.ivsChat.setQuotas({ tps: { CreateRoom: 10_000, ListRooms: 10_000, GetRoom: 10_000 }, burst: 10_000 });
  deployment = connectLocally({ endpoint: stack.endpoint, region: 'eu-west-1' });
});
afterAll(async () => {
  deployment.close();
  await stack.stop();
  packaged.remove();
});

async function run() {
  const settings = { allOrNothing: false, now: new Date(), signal: new AbortController().signal };
  const jobId = await uploadManifest(deployment, { fileName: SAMPLE, content: readFileSync(SAMPLE) }, settings);
  const progress = await until(async () => {
    const look = must(await readBulkProgress(deployment, jobId));
    return hasEnded(look) ? look : undefined;
  }, LIMIT_MS);
  const Bucket = await deployment.manifestBucket();
  const { Body } = await deployment.s3.send(new GetObjectCommand({ Bucket, Key: reportKeys(jobId).ndjson }));
  const lines = (await must(Body).transformToString()).trim().split('\n');
  return { progress, report: lines.map((line) => JSON.parse(line)) };
}

test(
  'of the 500 rows of the sample, 490 get a room and 10 a reason; the same file again creates no room',
  async () => {
    expect(readFileSync(SAMPLE, 'utf8').trim().split('\n')).toHaveLength(501);
    const first = await run();
    expect(first.progress).toMatchObject({
      rows: 500,
      invalid: 10,
      members: 490,
      provisioned: 490,
      existing: 0,
      failed: 0,
    });
    expect(first.report.map(({ row }) => row)).toEqual(Array.from({ length: 500 }, (_, index) => index + 2));
    const rooms = stack.ivsChat.rooms().map(({ arn }) => arn);
    const reported = first.report.flatMap(({ arn }) => arn ?? []);
    expect(reported.sort()).toEqual(rooms.sort());
    const reasons = first.report.filter(({ outcome }) => outcome === 'invalid').map(({ reason }) => reason);
    expect(new Set(reasons.map((reason) => reason.split(' ')[0])).size).toBeGreaterThanOrEqual(8);
    expect(reasons).toHaveLength(10);

    const second = await run();
    expect(second.progress).toMatchObject({ rows: 500, provisioned: 490, existing: 490, failed: 0 });
    expect(second.report.flatMap(({ arn }) => arn ?? []).sort()).toEqual(rooms);
    expect(stack.ivsChat.rooms()).toHaveLength(490);
  },
  2 * LIMIT_MS,
);
