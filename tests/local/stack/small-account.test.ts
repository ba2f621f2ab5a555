import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { hasEnded, readBulkProgress } from '../../../client/bulk-progress.ts';
import { connectLocally, type Deployment } from '../../../client/deployment.ts';
import { uploadManifest } from '../../../client/upload-manifest.ts';
import { type Stack, startStack } from '../../../local/stack.ts';
import { queueAttributes, sendAll, until } from '../../support/gateway-clients.ts';
import { must } from '../../support/must.ts';
import { openServiceFolder } from '../../support/service-folder.ts';

/** Lower than the sum of the concurrencies of the event sources for small accounts, which is 18. */
const ACCOUNT_CONCURRENCY = 2;
const REQUESTS = 40;
const LIMIT_MS = 120_000;

const service = openServiceFolder();
let stack: Stack;
let deployment: Deployment;

beforeAll(async () => {
  const { status } = service.serverless('package', '--stage', 'local', '--param', 'accountSize=small');
  expect(status).toBe(0);
  const { templateFile } = service;
  const account = { accountConcurrency: ACCOUNT_CONCURRENCY };
  stack = await startStack({ templateFile, seed: 3, calm: true, isolation: 'thread', ...account });
  stack.ivsChat.setQuotas({ tps: { CreateRoom: 10_000, ListRooms: 10_000 }, burst: 10_000 });
  deployment = connectLocally({ endpoint: stack.endpoint, region: 'eu-west-1' });
}, LIMIT_MS);
afterAll(async () => {
  deployment.close();
  await stack.stop();
  service.remove();
});

test(
  'in an account whose functions are throttled, requests and a bulk job get all rooms, and no message becomes a dead letter',
  async () => {
    const bodies = Array.from({ length: REQUESTS }, (_, index) =>
      JSON.stringify({
        idempotencyKey: `key-${index}`,
        room: {},
        neededBy: new Date(Date.now() + LIMIT_MS).toISOString(),
      }),
    );
    await sendAll(
      deployment.sqs,
      await deployment.queueUrl('interactive'),
      bodies.map((body) => ({ body })),
    );
    const settings = { allOrNothing: false, now: new Date(), signal: new AbortController().signal };
    const fileName = resolve('events/samples/rooms.ndjson');
    const jobId = await uploadManifest(deployment, { fileName, content: readFileSync(fileName) }, settings);

    const progress = await until(async () => {
      const look = must(await readBulkProgress(deployment, jobId));
      return hasEnded(look) && stack.ivsChat.rooms().length >= REQUESTS + look.provisioned ? look : undefined;
    }, LIMIT_MS);
    expect(progress.failed).toBe(0);
    expect(stack.ivsChat.rooms()).toHaveLength(REQUESTS + progress.provisioned);
    expect(stack.throttles()).toBeGreaterThan(0);
    for (const name of ['Interactive', 'Bulk', 'Manifest', 'Roster', 'LiveEvents']) {
      const url = must(stack.outputs[`${name}DeadLetterQueue`]);
      expect((await queueAttributes(deployment.sqs, url)).ApproximateNumberOfMessages).toBe('0');
    }
  },
  2 * LIMIT_MS,
);
