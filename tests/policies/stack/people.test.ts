import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import {
  DeleteMessageCommand,
  GetQueueUrlCommand,
  ListMessageMoveTasksCommand,
  SendMessageCommand,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Stack, startStack } from '../../../local/stack.ts';
import { type CommandRunner, createCommandRunner } from '../../support/command-runner.ts';
import { connect, queueAttributes, until } from '../../support/gateway-clients.ts';
import { must } from '../../support/must.ts';
import { REGION } from '../paths/world.ts';
import { filledPolicy, STAGE } from '../policy-files.ts';
import { copyAsStage } from '../stage-copy.ts';

const PROGRAM = resolve('dist/cli/greenroom.js');
const SAMPLES = resolve('events/samples');

let copy: ReturnType<typeof copyAsStage>;
let stack: Stack;
let directory: string;
let runner: CommandRunner;

beforeAll(async () => {
  runner = createCommandRunner(PROGRAM);
  copy = copyAsStage();
  stack = await startStack({ templateFile: copy.templateFile, seed: 1, calm: true, isolation: 'thread' });
  directory = mkdtempSync(join(tmpdir(), 'greenroom-people-'));
  writeFileSync(join(directory, 'waiting.csv'), 'key,name\npeople-3,studio\n');
  writeFileSync(join(directory, 'rooms.csv'), `key,name\npeople-1,hall\npeople-2,${'x'.repeat(200)}\n`);
  const soon = {
    liveEventId: 'soon',
    revision: 1,
    startsAt: new Date(Date.now() + 20 * 60_000),
    rooms: [{ key: 'a', room: {} }],
  };
  writeFileSync(join(directory, 'soon.json'), JSON.stringify({ ...soon, leadTime: 'PT30M' }));
});
afterAll(async () => {
  await runner.close();
  await stack.stop();
  copy.remove();
  rmSync(directory, { recursive: true });
});

/** A user with a policy of the repository, and with nothing else. */
function become(name: string) {
  const accessKeyId = stack.iam.putUser(name, filledPolicy(name));
  const env = { AWS_ENDPOINT_URL: stack.endpoint, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: 'local' };
  const start = (...args: string[]) =>
    runner.start([...args, '--stage', STAGE, '--region', REGION], { cwd: directory, env });
  return {
    start,
    /** Runs a command to its end. @returns what it printed */
    async run(...args: string[]): Promise<string> {
      const child = start(...args);
      const code = await child.ended;
      const printed = child.stdout + child.stderr;
      expect({ args, code, printed }).toEqual({ args, code: 0, printed });
      return printed;
    },
    clients: connect(stack.endpoint, accessKeyId),
    unused: () =>
      stack.iam
        .unusedGrants()
        .filter(({ holder }) => holder === name)
        .map(({ grant }) => `${grant.sid}: ${grant.action} on ${grant.resource}`),
  };
}

const arn = (queue: string) => `arn:aws:sqs:${REGION}:000000000000:greenroom-${STAGE}-${queue}`;
const urlOf = (queue: string) => `${stack.endpoint}/000000000000/greenroom-${STAGE}-${queue}`;
const REFUSED = { name: 'AccessDenied' };

/** Uploads the manifest with an invalid row. @returns the id of its job */
async function jobOf(user: ReturnType<typeof become>): Promise<string> {
  const child = user.start('bulk', 'rooms.csv');
  expect(await child.ended).toBe(1);
  return must(/job ([0-9a-f]{64})/.exec(child.stderr)?.[1]);
}

describe('sender.json', () => {
  test('suffices for the commands that send and follow requests, and permits nothing that they do not need', async () => {
    const sender = become('sender');
    await sender.run('send', join(SAMPLES, 'bare.json'));
    await sender.run('send', join(SAMPLES, 'cloudevent.json'), '--lane', 'bulk');
    await sender.run('schedule', join(SAMPLES, 'live-event.json'), '--dry-run');
    await sender.run('schedule', join(SAMPLES, 'live-event.json'));
    await sender.run('schedule', 'soon.json');
    await until(async () => /ready .*soon/.test(await sender.run('events')) || undefined, 30_000);
    await sender.run('events', 'soon');
    await sender.run('cancel', 'final-2026', '--yes');
    await sender.run('release', '--event', 'soon', '--keep');
    const job = await jobOf(sender);
    await sender.run('release', '--job', job, '--at', '2099-01-01T00:00:00Z', '--yes');
    await sender.run('env');
    expect(await sender.run('jobs')).toContain(job.slice(0, 8));
    expect(await sender.run('bulk', 'report', job.slice(0, 8), '--failed')).toContain('"key":"people-2"');
    const dryRun = sender.start('bulk', 'rooms.csv', '--dry-run');
    expect([await dryRun.ended, dryRun.stdout]).toEqual([1, expect.stringContaining('find 1 existing room')]);
    const watching = sender.start('watch', job);
    expect([await watching.ended, watching.stderr]).toEqual([1, expect.stringContaining('row 3')]);
    expect(sender.unused()).toEqual([]);
    sender.clients.disconnect();
  }, 120_000);

  test('permits neither sending to the queues of operators and functions nor viewing parked messages', async () => {
    const { clients, start } = become('sender');
    for (const queue of ['redrive', 'rosters', 'manifests', 'parked', 'interactive-dead-letters']) {
      const command = new SendMessageCommand({ QueueUrl: urlOf(queue), MessageBody: '{}' });
      await expect(clients.sqs.send(command)).rejects.toMatchObject(REFUSED);
    }
    const parked = start('parked');
    expect([await parked.ended, parked.stderr]).toEqual([1, expect.stringContaining('not authorized')]);
    clients.disconnect();
  });
});

test('watcher.json suffices for watching completions, and the temporary queue is removed', async () => {
  const [watcher, admin] = [become('watcher'), connect(stack.endpoint)];
  const watching = watcher.start('watch', '--count', '2');
  await watching.printed(/Watching/);
  const send = (idempotencyKey: string) => {
    const MessageBody = JSON.stringify({ idempotencyKey, room: {} });
    return admin.sqs.send(new SendMessageCommand({ QueueUrl: urlOf('interactive'), MessageBody }));
  };
  await send('watched');
  await watching.printed(/watched/);
  // A message is deleted when the next one is requested.
  await send('watched-too');
  expect([await watching.ended, watching.stdout]).toEqual([0, expect.stringContaining('watched-too')]);
  expect(await watcher.run('watch', '--key', 'watched')).toContain('created');
  expect(watcher.unused()).toEqual([]);
  admin.disconnect();
  watcher.clients.disconnect();
}, 60_000);

describe('operator.json', () => {
  test('suffices for the commands of operators, and permits nothing that they do not need', async () => {
    const [operator, admin] = [become('operator'), connect(stack.endpoint)];
    for (const queue of ['interactive', 'live-events', 'manifests', 'rosters'])
      await admin.sqs.send(new SendMessageCommand({ QueueUrl: urlOf(queue), MessageBody: `cannot be read: ${queue}` }));
    const parkedCount = async () =>
      Number((await queueAttributes(admin.sqs, urlOf('parked'))).ApproximateNumberOfMessages);
    await until(async () => (await parkedCount()) === 4 || undefined);
    await operator.run('parked');
    expect(await operator.run('redrive', '--all', '--yes')).toContain('Sent back 4 of 4 messages');
    await operator.run('pace');
    await operator.run('pace', 'pause', REGION, '--for', '1m');
    await operator.run('pace', 'resume', REGION);
    await operator.run('top', '--once');
    await operator.run('env');
    await operator.run('events', '--all');
    await operator.run('events', 'soon');
    await operator.run('jobs');
    await operator.run('status', 'watched');
    const room = must(stack.ivsChat.rooms().find(({ name }) => name === 'hall'));
    await operator.run('status', room.arn);
    await operator.run('status', '--name', 'hall');
    const job = await jobOf(become('sender'));
    await operator.run('bulk', 'report', job, '--failed');
    const watching = operator.start('watch', job);
    expect([await watching.ended, watching.stderr]).toEqual([1, expect.stringContaining('row 3')]);
    // A job that has ended is not stopped any more.
    await operator.run('pace', 'pause', REGION, '--lane', 'bulk');
    const waiting = become('sender').start('bulk', 'waiting.csv');
    await waiting.printed(/job [0-9a-f]{64}/);
    const waitingJob = must(/job ([0-9a-f]{64})/.exec(waiting.stdout + waiting.stderr)?.[1]);
    await operator.run('bulk', 'stop', waitingJob, '--yes', '--no-wait');
    await operator.run('pace', 'resume', REGION, '--lane', 'bulk');
    expect(await waiting.ended).toBe(1);
    expect(await operator.run('release', '--job', job, '--dry-run')).toContain('people-1');
    await operator.run('release', '--stop');
    await operator.run('release', '--resume');
    for (const queue of ['manifests-dead-letters', 'rosters-dead-letters']) {
      await operator.clients.sqs.send(new StartMessageMoveTaskCommand({ SourceArn: arn(queue) }));
      await operator.clients.sqs.send(new ListMessageMoveTasksCommand({ SourceArn: arn(queue) }));
    }
    // tests/policies/unit/operator-commands.test.ts and tests/cli/stack/doctor.test.ts cover the statements for the AWS CLI and for doctor.
    expect(operator.unused().filter((grant) => !/^(Runbook|Doctor|Console)/.test(grant))).toEqual([]);
    operator.clients.disconnect();
    admin.disconnect();
  }, 120_000);

  test('permits neither sending to the lanes without the redrive queue nor deleting requests from them', async () => {
    const { clients } = become('operator');
    for (const queue of ['interactive', 'bulk']) {
      const sending = new SendMessageCommand({ QueueUrl: urlOf(queue), MessageBody: '{}' });
      await expect(clients.sqs.send(sending)).rejects.toMatchObject(REFUSED);
      const deleting = new DeleteMessageCommand({ QueueUrl: urlOf(queue), ReceiptHandle: 'any' });
      await expect(clients.sqs.send(deleting)).rejects.toMatchObject(REFUSED);
    }
    clients.disconnect();
  });
});

test('restorer.json suffices for rebuilding the ledger after a restore, and permits nothing else', async () => {
  const [restorer, admin] = [become('restorer'), connect(stack.endpoint)];
  const room = must(stack.ivsChat.rooms().find(({ name }) => name === 'hall'));
  const Key = { id: { S: must(room.tags['greenroom:key']) } };
  await admin.dynamoDb.send(new DeleteItemCommand({ TableName: `greenroom-${STAGE}-ledger`, Key }));
  const backupTime = new Date(Date.now() - 60_000).toISOString();
  const printed = await restorer.run('rebuild-ledger', '--backup-time', backupTime, '--confirm');
  expect(printed).toContain('Rebuilt 1 items');
  expect(restorer.unused()).toEqual([]);
  admin.disconnect();
  restorer.clients.disconnect();
}, 60_000);

test('a permission that a policy lacks is found: without the name of the queue, nothing can be sent', async () => {
  const policy = JSON.parse(JSON.stringify(filledPolicy('sender')).replaceAll('sqs:GetQueueUrl', 'sqs:Nothing'));
  const { sqs, disconnect } = connect(stack.endpoint, stack.iam.putUser('crippled', policy));
  const QueueName = `greenroom-${STAGE}-interactive`;
  await expect(sqs.send(new GetQueueUrlCommand({ QueueName }))).rejects.toMatchObject(REFUSED);
  disconnect();
});
