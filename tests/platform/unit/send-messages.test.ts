import { SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, expect, test } from '@jest/globals';
import { type Outgoing, type SendResult, sendMessages } from '../../../lib/platform/send-messages.ts';
import { type ServedService, serveService } from '../../support/serve-service.ts';

interface Entry {
  Id: string;
  MessageBody: string;
  MessageGroupId: string;
}

let served: ServedService | undefined;
let sqs: SQSClient | undefined;

afterEach(async () => {
  sqs?.destroy();
  await served?.close();
});

/** A queue that refuses the messages for which `refuse` returns a failure, with its calls and the waits between them. */
async function startQueue(refuse: (entry: Entry, call: number) => { Code: string; SenderFault: boolean } | undefined) {
  const calls: Entry[][] = [];
  const waitsMs: number[] = [];
  served = await serveService(async ({ body }) => {
    const { Entries: entries } = JSON.parse(body.toString()) as { Entries: Entry[] };
    calls.push(entries);
    const failed = entries.flatMap((entry) => {
      const failure = refuse(entry, calls.length);
      return failure ? [{ Id: entry.Id, Message: 'refused by the test', ...failure }] : [];
    });
    const successful = entries.map(({ Id }) => ({ Id, MessageId: Id, MD5OfMessageBody: '' }));
    const answer = {
      Failed: failed,
      Successful: successful.filter(({ Id }) => !failed.some((each) => each.Id === Id)),
    };
    return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: JSON.stringify(answer) };
  });
  sqs = new SQSClient({
    endpoint: served.url,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    md5: false,
  });
  const settings = {
    sqs,
    queueUrl: `${served.url}/000000000000/requests`,
    clock: { nowMs: () => 0, sleep: async (ms: number) => void waitsMs.push(ms) },
    random: () => 0.5,
    signal: new AbortController().signal,
  };
  const send = async (messages: Outgoing[]): Promise<SendResult<Outgoing>[]> => {
    const results: SendResult<Outgoing>[] = [];
    for await (const batch of sendMessages(messages, settings)) results.push(...batch);
    return results;
  };
  return { calls, waitsMs, send };
}

function messages(count: number, body = 'body'): Outgoing[] {
  return Array.from({ length: count }, (_, index) => ({ body: `${body} ${index + 1}`, tenant: `tenant-${index % 2}` }));
}

test('a message with a known region is in the message group of its tenant and region', async () => {
  const queue = await startQueue(() => undefined);
  await queue.send([{ body: 'body', tenant: 'sports', region: 'us-east-1' }]);
  expect(queue.calls).toMatchObject([[{ MessageGroupId: 'sports/us-east-1' }]]);
});

test('messages are sent in batches of ten, each in the message group of its tenant', async () => {
  const queue = await startQueue(() => undefined);
  const results = await queue.send(messages(23));
  expect(queue.calls.map((call) => call.length)).toEqual([10, 10, 3]);
  expect(queue.calls[0]?.slice(0, 2)).toMatchObject([
    { MessageBody: 'body 1', MessageGroupId: 'tenant-0' },
    { MessageBody: 'body 2', MessageGroupId: 'tenant-1' },
  ]);
  expect(results.filter(({ problem }) => problem === undefined)).toHaveLength(23);
});

test('a batch is no larger than 1 MiB', async () => {
  const queue = await startQueue(() => undefined);
  await queue.send(messages(5, 'ü'.repeat(200_000)));
  expect(queue.calls.map((call) => call.length)).toEqual([2, 2, 1]);
});

test('a message that is too large for the queue is not sent, but the others in its batch are', async () => {
  const queue = await startQueue(() => undefined);
  const results = await queue.send([...messages(1), { body: 'x'.repeat(983_041), tenant: 'default' }, ...messages(1)]);
  expect(results.map(({ problem }) => problem)).toEqual([
    undefined,
    'It is 983041 bytes long; the queue accepts at most 983040',
    undefined,
  ]);
  expect(queue.calls.flat()).toHaveLength(2);
});

test('only temporarily refused messages are sent again, after a growing wait', async () => {
  const queue = await startQueue((entry, call) =>
    entry.MessageBody === 'body 2' && call <= 3 ? { Code: 'InternalError', SenderFault: false } : undefined,
  );
  const results = await queue.send(messages(3));
  expect(queue.calls.map((call) => call.map(({ MessageBody }) => MessageBody))).toEqual([
    ['body 1', 'body 2', 'body 3'],
    ['body 2'],
    ['body 2'],
    ['body 2'],
  ]);
  expect(queue.waitsMs).toEqual([100, 200, 400]);
  expect(results.map(({ problem }) => problem)).toEqual([undefined, undefined, undefined]);
});

test('a message that is refused five times is given up with the reason, and the next batch is sent', async () => {
  const queue = await startQueue((entry) =>
    entry.MessageBody === 'body 2' ? { Code: 'InternalError', SenderFault: false } : undefined,
  );
  const results = await queue.send(messages(11));
  expect(queue.calls.map((call) => call.length)).toEqual([10, 1, 1, 1, 1, 1]);
  expect(results.filter(({ problem }) => problem !== undefined)).toEqual([
    { message: { body: 'body 2', tenant: 'tenant-1' }, problem: 'InternalError: refused by the test' },
  ]);
});

test("a message that is refused because of the sender's fault is not sent again", async () => {
  const queue = await startQueue((entry) =>
    entry.MessageBody === 'body 1' ? { Code: 'InvalidMessageContents', SenderFault: true } : undefined,
  );
  const results = await queue.send(messages(2));
  expect(queue.calls).toHaveLength(1);
  expect(results.map(({ problem }) => problem)).toEqual(['InvalidMessageContents: refused by the test', undefined]);
});
