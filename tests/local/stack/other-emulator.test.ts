import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, expect, test } from '@jest/globals';
import { withCompletionFeed } from '../../../client/completion-feed.ts';
import { connectLocally, type Deployment } from '../../../client/deployment.ts';
import { type RequestLine, readRequestLines } from '../../../client/request-lines.ts';
import { uploadManifest } from '../../../client/upload-manifest.ts';
import { ACCOUNT_ID } from '../../../emulator/account.ts';
import { createPrincipals } from '../../../emulator/gateway/principals.ts';
import { roleIdOf } from '../../../emulator/template/role-id.ts';
import { ledgerKey } from '../../../lib/contract/keys.ts';
import type { RosterEvent } from '../../../lib/contract/roster-event.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { sendMessages } from '../../../lib/platform/send-messages.ts';
import { reportKeys } from '../../../lib/rosters/report.ts';
import { startStack } from '../../../local/stack.ts';
import { differences, type Expectation, readExpectations } from '../../../local/start/compare-outcomes.ts';
import { templateFile } from '../../../local/start/make-package.ts';
import { openRunRecord, type RunRecord } from '../../../local/start/run-record.ts';
import { startOneAtATimeProxy } from '../../support/one-at-a-time-proxy.ts';
import { startSenderNamingProxy } from '../../support/sender-naming-proxy.ts';

const ROOT = join(import.meta.dirname, '../../..');
const PROGRAMME = join(ROOT, 'events/samples/programme.ndjson');
const REGION = 'eu-west-1';
const LOGGING_CONFIGURATION = `arn:aws:ivschat:${REGION}:123456789012:logging-configuration/ProgrammeLog`;
const LIMIT_MS = 60_000;

/** Lines of the programme: every envelope, several regions, repeats (18, 37), a reused key (42), invalid (28, 48) and cut off (51). */
const LINES = [1, 5, 8, 13, 18, 22, 24, 27, 28, 37, 42, 43, 44, 45, 48, 51, 53, 55, 56, 60];
const CUT_OFF_LINE = 51;

const isInstalled = spawnSync('moto_server', ['--help']).status === 0;
if (!isInstalled) console.log('Skipped: there is no moto_server on the PATH (pip install "moto[server]")');
const testWithMoto = isInstalled ? test : test.skip;

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

testWithMoto(
  "with moto's SQS, SNS, S3 and DynamoDB, every request has the same outcome as with greenroom's emulators",
  async () => {
    const { stack, deployment, dynamodb, errors } = await startOnMoto();
    const lines = await readLines();
    const record = openRunRecord(REGION, undefined, { file: PROGRAMME, lines });
    await sendAndFollow(record, deployment);

    const expectations = readExpectations(join(ROOT, 'events/samples/programme.expected.json')).filter(({ line }) =>
      LINES.includes(line),
    );
    expect(differences(expectations, record.requests)).toEqual([]);
    const madeFor = stack.ivsChat.rooms().map(({ tags }) => tags['greenroom:key']);
    expect(madeFor.sort()).toEqual(provisionedKeys(expectations));
    // A message is announced first and parked afterwards, so it may not have arrived yet.
    const parked = new ReceiveMessageCommand({ QueueUrl: stack.outputs.ParkedQueue, WaitTimeSeconds: 20 });
    const { Messages = [] } = await deployment.sqs.send(parked);
    expect(Messages.map(({ Body }) => Body)).toEqual([lines.find(({ number }) => number === CUT_OFF_LINE)?.body]);
    // Claim, intent, checkpoint, completion and the slot show that greenroom used moto's ledger.
    expect(dynamodb.forwardedCount).toBeGreaterThanOrEqual(5 * madeFor.length);
    expect(errors).toEqual([]);
  },
  LIMIT_MS,
);

testWithMoto(
  "a manifest in moto's S3 becomes a bulk job with its rooms and its report",
  async () => {
    const { stack, deployment, errors } = await startOnMoto();
    const directory = mkdtempSync(join(tmpdir(), 'greenroom-moto-'));
    closers.push(() => rmSync(directory, { recursive: true }));
    const file = join(directory, 'rooms.csv');
    writeFileSync(file, 'key,name\nbulk/1,one\nbulk/2,two\nbulk/2,two\nbulk/3,three\n');
    const signal = AbortSignal.timeout(LIMIT_MS - 10_000);
    const { jobId, event } = await announced(deployment, signal, () =>
      uploadManifest(
        deployment,
        { fileName: file, content: readFileSync(file) },
        { allOrNothing: true, now: new Date(), signal },
      ),
    );
    // If no event arrives, the errors say why.
    expect({ event, errors }).toMatchObject({
      event: { type: 'greenroom.roster.completed.v1', data: { members: { provisioned: 3 } } },
      errors: [],
    });
    const madeFor = stack.ivsChat.rooms().map(({ tags }) => tags['greenroom:key']);
    expect(madeFor.sort()).toEqual(['bulk/1', 'bulk/2', 'bulk/3'].map(ledgerKey).sort());
    const report = await deployment.s3.send(
      new GetObjectCommand({ Bucket: await deployment.manifestBucket(), Key: reportKeys(jobId).csv }),
    );
    expect((await report.Body?.transformToString())?.trimEnd().split('\r\n')).toHaveLength(5);
    expect(errors).toEqual([]);
  },
  LIMIT_MS,
);

/** Starts the packaged functions and the emulator of IVS Chat. The other services are moto's. */
async function startOnMoto() {
  const moto = await startMoto();
  closers.push(moto.stop);
  // moto answers requests in threads without locks. It checks the condition of a write to DynamoDB in a step of its own, and loses a message that
  // arrives in a queue while another one is deleted.
  const { endpoint, close } = await startOneAtATimeProxy(moto.endpoint);
  closers.push(close);
  const dynamodb = await startOneAtATimeProxy(endpoint);
  closers.push(dynamodb.close);
  // moto names the same sender for all messages, but greenroom accepts a roster's requests only from its own functions.
  const principals = createPrincipals();
  const sqs = await startSenderNamingProxy(endpoint, principals.senderIdOf);
  closers.push(sqs.close);
  const errors: unknown[] = [];
  const stack = await startStack({
    templateFile: templateFile(ROOT),
    seed: 1,
    calm: true,
    isolation: 'thread',
    region: REGION,
    endpoints: { sqs: sqs.endpoint, sns: endpoint, s3: endpoint, dynamodb: dynamodb.endpoint },
    onError: (error) => errors.push(error),
  });
  closers.push(stack.stop);
  for (const { definition } of stack.functions)
    if (definition.roleArn !== undefined)
      principals.openSession(roleIdOf(definition.roleArn.replace(/^.*\//, '')), definition.name);
  stack.ivsChat.seedLoggingConfiguration(LOGGING_CONFIGURATION);
  const deployment = connectLocally({ endpoint, region: REGION });
  closers.push(deployment.close);
  return { stack, deployment, dynamodb, errors };
}

async function startMoto(): Promise<{ endpoint: string; stop(): Promise<void> }> {
  // With port 0, moto takes any free port and prints it.
  const child = spawn('moto_server', ['-H', '127.0.0.1', '-p', '0'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    // The account id is a part of the bucket's name.
    env: { ...process.env, MOTO_ACCOUNT_ID: ACCOUNT_ID },
  });
  const ended = once(child, 'close');
  const running = Promise.withResolvers<string>();
  createInterface({ input: child.stderr }).on('line', (line) => {
    const endpoint = /Running on (http:\/\/127\.0\.0\.1:\d+)/.exec(line)?.[1];
    if (endpoint !== undefined) running.resolve(endpoint);
  });
  void ended.then(() => running.reject(new Error('moto_server ended before it was ready')));
  return {
    endpoint: await running.promise,
    async stop() {
      child.kill();
      await ended;
    },
  };
}

/** The event that is published at the end of the bulk job that `upload` begins. */
async function announced(deployment: Deployment, signal: AbortSignal, upload: () => Promise<string>) {
  const events: RosterEvent[] = [];
  const heard = new AbortController();
  const onRosterEvent = (event: RosterEvent) => {
    events.push(event);
    heard.abort();
  };
  const settings = { onUnreadable: (problem: string) => expect(problem).toBe(''), onRosterEvent };
  return withCompletionFeed(deployment, settings, async (feed) => {
    const jobId = await upload();
    for await (const _ of feed.completions(AbortSignal.any([signal, heard.signal]))) if (events.length > 0) break;
    return { jobId, event: events.find(({ data }) => 'roster' in data && data.roster === jobId) };
  });
}

async function readLines(): Promise<RequestLine[]> {
  const lines: RequestLine[] = [];
  for await (const line of readRequestLines(createReadStream(PROGRAMME), () => new Date())) {
    if (LINES.includes(line.number)) lines.push(line);
  }
  return lines;
}

/** Sends all requests of a run, and records completions until each request has one. */
async function sendAndFollow(record: RunRecord, deployment: Deployment): Promise<void> {
  const signal = AbortSignal.timeout(LIMIT_MS - 10_000);
  const unreadable: string[] = [];
  await withCompletionFeed(deployment, { onUnreadable: (problem) => unreadable.push(problem) }, async (feed) => {
    const queueUrl = await deployment.queueUrl('interactive');
    const sending = { sqs: deployment.sqs, queueUrl, clock: systemClock, random: Math.random, signal };
    const requests = record.requests.map(({ request }) => request);
    for await (const results of sendMessages(requests, sending)) {
      expect(results.filter(({ problem }) => problem !== undefined)).toEqual([]);
    }
    for await (const { completion } of feed.completions(signal)) {
      record.note(completion, Date.now());
      if (record.openCount === 0) return;
    }
  });
  expect(unreadable).toEqual([]);
}

function provisionedKeys(expectations: Expectation[]): string[] {
  const keys = expectations.flatMap(({ expect: wanted, idempotencyKey }) =>
    wanted === 'provisioned' && idempotencyKey !== undefined ? [ledgerKey(idempotencyKey)] : [],
  );
  return keys.sort();
}
