import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import {
  DescribeTimeToLiveCommand,
  GetItemCommand,
  PutItemCommand,
  TransactWriteItemsCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import {
  CreateBucketCommand,
  GetObjectCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { CreateTopicCommand, PublishCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import { ChangeMessageVisibilityCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startGateway } from '../../../emulator/gateway/gateway.ts';
import {
  connect,
  createQueue,
  createTable,
  OPEN_TO_SERVICES,
  receive,
  receiveAll,
  sendAll,
  until,
} from '../../support/gateway-clients.ts';
import { must } from '../../support/must.ts';

const SCRIPT = join(import.meta.dirname, '../../support/gateway-process.ts');

let dataDir: string;
const children: ChildProcess[] = [];
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'gateway-'));
});
afterEach(async () => {
  await Promise.all(children.splice(0).map(kill));
  await rm(dataDir, { recursive: true });
});

function spawnGateway(): ChildProcess {
  const child = spawn(process.execPath, [SCRIPT, dataDir], { stdio: ['ignore', 'pipe', 'pipe'], env: {} });
  children.push(child);
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

/** A gateway in its own process, on the test's directory. */
async function openProcess() {
  const child = spawnGateway();
  for await (const endpoint of createInterface({ input: must(child.stdout ?? undefined) })) {
    const clients = connect(endpoint);
    return {
      ...clients,
      pid: child.pid,
      async kill() {
        await kill(child);
        clients.disconnect();
      },
    };
  }
  throw new Error(`No gateway: ${await text(must(child.stderr ?? undefined))}`);
}

/** Keeps four writers busy, and kills the process after `count` acknowledgements, in the middle of writes. @returns the acknowledged ids */
async function writeUntilKilled(
  gateway: Awaited<ReturnType<typeof openProcess>>,
  count: number,
  write: (id: string) => Promise<unknown>,
): Promise<string[]> {
  const acknowledged: string[] = [];
  const enough = Promise.withResolvers<void>();
  const writers = Array.from({ length: 4 }, async (_, writer) => {
    for (let index = 0; ; index += 1) {
      const id = `${writer}-${index}`;
      try {
        await write(id);
      } catch {
        return;
      }
      acknowledged.push(id);
      if (acknowledged.length === count) enough.resolve();
    }
  });
  await enough.promise;
  await gateway.kill();
  await Promise.all(writers);
  return acknowledged;
}

describe('after kill -9', () => {
  test('every acknowledged message exists, and the queue can be reached at its old URL and at its new one', async () => {
    const first = await openProcess();
    const queue = await createQueue(first.sqs);
    const sent = await writeUntilKilled(first, 100, (id) =>
      first.sqs.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody: id, MessageGroupId: 'tenant' })),
    );

    const second = await openProcess();
    expect(second.endpoint).not.toBe(first.endpoint);
    const messages = await receiveAll(second.sqs, queue.url);
    expect(messages.map(({ Body }) => Body)).toEqual(expect.arrayContaining(sent));
    expect(messages[0]?.Attributes?.MessageGroupId).toBe('tenant');
    expect(await receive(second.sqs, queue.url.replace(first.endpoint, second.endpoint))).toEqual([]);
    await second.kill();
  });

  test('messages in flight become visible when their visibility timeout ends, and keep their receive counts', async () => {
    const first = await openProcess();
    const queue = await createQueue(first.sqs);
    await sendAll(first.sqs, queue.url, [{ body: 'held' }]);
    const [held] = await receive(first.sqs, queue.url);
    await sendAll(first.sqs, queue.url, [{ body: 'brief' }]);
    await receive(first.sqs, queue.url, { visibilityTimeoutSeconds: 1 });
    await first.kill();

    const second = await openProcess();
    const brief = await until(async () => (await receive(second.sqs, queue.url))[0]);
    expect([brief.Body, brief.Attributes?.ApproximateReceiveCount]).toEqual(['brief', '2']);
    await second.sqs.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: queue.url,
        ReceiptHandle: held?.ReceiptHandle,
        VisibilityTimeout: 0,
      }),
    );
    await second.kill();

    const third = await openProcess();
    const [back] = await receive(third.sqs, queue.url);
    expect([back?.Body, back?.Attributes?.ApproximateReceiveCount]).toEqual(['held', '2']);
    await third.kill();
  });

  test('no message is lost on its way to the dead-letter queue', async () => {
    const first = await openProcess();
    const deadLetters = await createQueue(first.sqs);
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: deadLetters.arn, maxReceiveCount: 1 });
    const queue = await createQueue(first.sqs, { RedrivePolicy, VisibilityTimeout: '0' });
    const bodies = Array.from({ length: 200 }, (_, index) => String(index));
    await sendAll(
      first.sqs,
      queue.url,
      bodies.map((body) => ({ body })),
    );
    await writeUntilKilled(first, 12, () => receive(first.sqs, queue.url, { maximum: 5 }));

    const second = await openProcess();
    for (let received = 1; received > 0; ) received = (await receive(second.sqs, queue.url)).length;
    const dead = await receiveAll(second.sqs, deadLetters.url);
    expect(dead.map(({ Body }) => Body).toSorted()).toEqual(bodies.toSorted());
    expect(new Set(dead.map(({ Attributes }) => Attributes?.DeadLetterQueueSourceArn))).toEqual(new Set([queue.arn]));
    await second.kill();
  });

  test('every acknowledged item exists, and no transaction is half written', async () => {
    const first = await openProcess();
    const TableName = await createTable(first.dynamoDb);
    await first.dynamoDb.send(
      new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: { AttributeName: 'expiry', Enabled: true } }),
    );
    const halves = (id: string) => [`${id}-left`, `${id}-right`];
    const written = await writeUntilKilled(first, 100, async (id) => {
      await first.dynamoDb.send(new PutItemCommand({ TableName, Item: { id: { S: id } } }));
      const TransactItems = halves(id).map((half) => ({ Put: { TableName, Item: { id: { S: half } } } }));
      await first.dynamoDb.send(new TransactWriteItemsCommand({ TransactItems }));
    });

    const second = await openProcess();
    const exists = async (id: string) =>
      (await second.dynamoDb.send(new GetItemCommand({ TableName, Key: { id: { S: id } } }))).Item !== undefined;
    for (const id of written) expect(await Promise.all([id, ...halves(id)].map(exists))).toEqual([true, true, true]);
    for (const writer of [0, 1, 2, 3]) {
      const unacknowledged = `${writer}-${written.filter((id) => id.startsWith(`${writer}-`)).length}`;
      const [left, right] = await Promise.all(halves(unacknowledged).map(exists));
      expect(left).toBe(right);
    }
    const { TimeToLiveDescription } = await second.dynamoDb.send(new DescribeTimeToLiveCommand({ TableName }));
    expect(TimeToLiveDescription?.AttributeName).toBe('expiry');
    await second.kill();
  });

  const openQueue = (sqs: SQSClient) => createQueue(sqs, { Policy: OPEN_TO_SERVICES });
  test('topics, subscriptions, objects and notifications exist', async () => {
    const first = await openProcess();
    const [topicQueue, bucketQueue] = [await openQueue(first.sqs), await openQueue(first.sqs)];
    const { TopicArn } = await first.sns.send(new CreateTopicCommand({ Name: 'completions' }));
    await first.sns.send(
      new SubscribeCommand({
        TopicArn,
        Protocol: 'sqs',
        Endpoint: topicQueue.arn,
        Attributes: { RawMessageDelivery: 'true' },
      }),
    );
    await first.s3.send(new CreateBucketCommand({ Bucket: 'manifests' }));
    await first.s3.send(new PutObjectCommand({ Bucket: 'manifests', Key: 'old', Body: 'old content' }));
    await first.s3.send(
      new PutBucketNotificationConfigurationCommand({
        Bucket: 'manifests',
        NotificationConfiguration: {
          QueueConfigurations: [{ QueueArn: bucketQueue.arn, Events: ['s3:ObjectCreated:*'] }],
        },
      }),
    );
    await receiveAll(first.sqs, bucketQueue.url);
    await first.kill();

    const second = await openProcess();
    await second.sns.send(new PublishCommand({ TopicArn, Message: 'published' }));
    expect((await receiveAll(second.sqs, topicQueue.url)).map(({ Body }) => Body)).toEqual(['published']);
    const { Body } = await second.s3.send(new GetObjectCommand({ Bucket: 'manifests', Key: 'old' }));
    expect(await must(Body).transformToString()).toBe('old content');
    await second.s3.send(new PutObjectCommand({ Bucket: 'manifests', Key: 'new', Body: 'new content' }));
    expect(await receiveAll(second.sqs, bucketQueue.url)).toHaveLength(1);
    await second.kill();
  });
});

describe('a data directory', () => {
  test('cannot be opened by a second process, and the error names the directory and the pid of the first process', async () => {
    const first = await openProcess();
    const refusal = new RegExp(`${dataDir} is in use by process ${first.pid}`);
    await expect(startGateway({ dataDir, seed: 1, services: {} })).rejects.toThrow(refusal);
    await expect(openProcess()).rejects.toThrow(refusal);

    await first.kill();
    const second = await openProcess();
    expect(second.pid).not.toBe(first.pid);
    await second.kill();
  });

  test('cannot be opened by a second gateway in the same process until the first one has closed', async () => {
    const options = { dataDir, seed: 1, services: {} };
    const first = await startGateway(options);
    await expect(startGateway(options)).rejects.toThrow(`in use by process ${process.pid}`);
    await first.close();
    await (await startGateway(options)).close();
  });
});

test('if the port is taken, the gateway does not start, and the data directory stays free', async () => {
  const first = await startGateway({ seed: 1, services: {} });
  const port = Number(new URL(first.endpoint).port);
  await expect(startGateway({ port, dataDir, seed: 1, services: {} })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await (await startGateway({ dataDir, seed: 1, services: {} })).close();
  await first.close();
});
