import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sendAll } from '../../support/gateway-clients.ts';
import { BUCKET, openRosters, type Rosters } from '../../support/rosters.ts';

/** The lowest value that may be configured. */
const LANE_STOP = 1_000;

let stack: Rosters;
beforeAll(async () => {
  stack = await openRosters({ laneStop: LANE_STOP });
});
afterAll(() => stack.close());

test('a job that has sent nothing, because the lane was full, takes the name of the second upload of its manifest', async () => {
  const rows = 'name,region\nr1,eu-west-1\nr2,eu-west-1\n';
  await sendAll(
    stack.sqs,
    stack.urlOf('bulk'),
    Array.from({ length: LANE_STOP }, () => ({ body: 'x' })),
  );
  const first = await stack.putManifest('rooms.csv', rows, { 'greenroom-name': 'season-2026' });
  expect(await stack.handle('manifests', first.notices)).toEqual([]);
  await stack.s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'manifests/rooms.csv' }));
  expect(await stack.handle('manifests', first.notices)).toHaveLength(1);
  expect((await stack.events())[0]?.data).toMatchObject({ problemsTotal: 1 });
  await stack.purge();
  const again = await stack.putManifest('rooms.csv', rows, { 'greenroom-name': 'season-2027' });
  expect(again.jobId).toBe(first.jobId);
  expect(await stack.handle('manifests', again.notices)).toHaveLength(1);
  const requests = await stack.requests();
  expect(requests.map(({ request }) => request.roster)).toEqual([first.jobId, first.jobId]);
  for (const { request } of requests) expect(request.idempotencyKey).toMatch(/^bulk\/season-2027\//);
}, 60_000);
