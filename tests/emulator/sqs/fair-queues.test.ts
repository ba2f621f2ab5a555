import { DeleteMessageBatchCommand, type Message } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createQueue, openGateway, receive, type Stack, sendAll } from '../../support/gateway-clients.ts';

/*
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues-detailed.html:
 * "A tenant is marked as a noisy neighbor when either of the following is true: Concurrency share: the tenant accounts for more than 10%
 * of in-flight messages in the queue and has at least 30 of its own messages in flight. Processing time share: the tenant's recent share
 * of total consumer processing time exceeds 10%." Then quiet tenants' messages come first whenever there are any. Of several noisy
 * tenants, the one with the fewest messages in flight comes first. A tenant is quiet again when its backlog is gone, or when it has sent
 * nothing for five minutes on end. "Each message without a MessageGroupId is treated as belonging to its own distinct tenant."
 */

/** Only the clock stands still; what waits for an answer goes on. */
const NOT_FAKED = [
  'hrtime',
  'nextTick',
  'performance',
  'queueMicrotask',
  'setImmediate',
  'clearImmediate',
  'setInterval',
  'clearInterval',
  'setTimeout',
  'clearTimeout',
] as const;

let stack: Stack;
beforeAll(async () => {
  stack = await openGateway();
});
beforeEach(() => {
  jest.useFakeTimers({ now: Date.parse('2026-12-18T12:00:00Z'), doNotFake: [...NOT_FAKED] });
});
afterEach(() => {
  jest.useRealTimers();
});
afterAll(() => stack.close());

const passSeconds = (seconds: number) => jest.setSystemTime(Date.now() + seconds * 1000);
const of = (group: string | undefined, count: number) =>
  Array.from({ length: count }, () => ({ body: group ?? 'alone', ...(group !== undefined && { group }) }));

/** A queue whose messages stay in flight for longer than these tests last. */
async function openQueue() {
  const { url } = await createQueue(stack.sqs, { VisibilityTimeout: '43200' });
  const inFlight: Message[] = [];
  return {
    send: (...messages: { body: string; group?: string }[][]) => sendAll(stack.sqs, url, messages.flat()),
    /** Whose messages the next ones are. They are in flight from now on. */
    async next(count: number): Promise<string[]> {
      const received: Message[] = [];
      while (received.length < count) {
        const messages = await receive(stack.sqs, url, { maximum: Math.min(10, count - received.length) });
        if (messages.length === 0) break;
        received.push(...messages);
      }
      inFlight.push(...received);
      return received.map(({ Body = '' }) => Body);
    },
    /** Ends all flights. */
    async finish(): Promise<void> {
      for (let messages = inFlight.splice(0, 10); messages.length > 0; messages = inFlight.splice(0, 10)) {
        const Entries = messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
        await stack.sqs.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries }));
      }
    },
  };
}

describe('messages in flight', () => {
  test('30 of a group, more than a tenth of all, make it noisy: the messages of others that came later go first', async () => {
    const queue = await openQueue();
    await queue.send(of('import', 200), of('few', 5));
    expect(await queue.next(30)).toEqual(Array(30).fill('import'));
    expect(await queue.next(10)).toEqual([...Array(5).fill('few'), ...Array(5).fill('import')]);
  });

  test('29 of a group do not: there are no turns, and who came later waits for all that came before', async () => {
    const queue = await openQueue();
    await queue.send(of('import', 200), of('few', 5));
    await queue.next(29);
    expect(await queue.next(10)).toEqual(Array(10).fill('import'));
  });

  test('a tenth of all is not too much, however many they are', async () => {
    const queue = await openQueue();
    await queue.send(of(undefined, 270), of('steady', 30));
    await queue.next(300);
    await queue.send(of('steady', 10), of('few', 1));
    expect(await queue.next(5)).toContain('steady');
  });

  test('of two noisy groups, the one with fewer in flight goes first', async () => {
    const queue = await openQueue();
    await queue.send(of('large', 60));
    await queue.next(60);
    await queue.send(of('small', 30));
    await queue.next(30);
    await queue.send(of('large', 40), of('small', 40));
    expect(await queue.next(30)).toEqual(Array(30).fill('small'));
    // From here on both have 60, and are balanced.
    const balanced = await queue.next(10);
    expect(balanced.filter((body) => body === 'large')).toHaveLength(5);
  });
});

describe('processing time', () => {
  test('more than a tenth of it makes a group noisy that has few messages in flight', async () => {
    const queue = await openQueue();
    await queue.send(of('slow', 1));
    await queue.next(1);
    passSeconds(10);
    await queue.finish();
    await queue.send(of('slow', 20), of('few', 3));
    expect(await queue.next(3)).toEqual(Array(3).fill('few'));
  });

  test('twenty groups that take as much each are all quiet, and are served as they come', async () => {
    const queue = await openQueue();
    const groups = Array.from({ length: 20 }, (_, index) => `tenant-${index}`);
    await queue.send(...groups.map((group) => of(group, 1)));
    await queue.next(20);
    passSeconds(10);
    await queue.finish();
    await queue.send(of('tenant-0', 30), of('newcomer', 1));
    expect(await queue.next(10)).toEqual(Array(10).fill('tenant-0'));
  });

  test('counts for less and less: a group that was slow once is quiet again when others have worked for long', async () => {
    const queue = await openQueue();
    await queue.send(of('slow', 1));
    await queue.next(1);
    passSeconds(10);
    await queue.finish();
    await queue.send(of(undefined, 10));
    await queue.next(10);
    passSeconds(200);
    await queue.send(of('slow', 10), of('few', 1));
    expect(await queue.next(9)).toContain('slow');
  });
});

describe('a noisy group', () => {
  async function noisyImport() {
    const queue = await openQueue();
    await queue.send(of('import', 100));
    await queue.next(40);
    await queue.send(of('few', 1));
    expect(await queue.next(1)).toEqual(['few']);
    return queue;
  }

  test('stays noisy while it sends and has a backlog, although nothing of it is in flight any more', async () => {
    const queue = await noisyImport();
    await queue.finish();
    passSeconds(290);
    // The others' time is all that counts by now.
    await queue.send(of(undefined, 20));
    await queue.next(20);
    passSeconds(9);
    await queue.send(of('few', 3));
    expect(await queue.next(3)).toEqual(Array(3).fill('few'));
  });

  test('is quiet again when it has sent nothing for five minutes, however large its backlog and its share are', async () => {
    const queue = await noisyImport();
    passSeconds(300);
    await queue.send(of('few', 3));
    expect(await queue.next(10)).toContain('import');
    await queue.send(of('import', 1), of('other', 3));
    expect(await queue.next(3)).not.toContain('import');
  });

  test('is quiet again when its backlog is gone', async () => {
    const queue = await noisyImport();
    await queue.next(60);
    await queue.finish();
    passSeconds(290);
    await queue.send(of(undefined, 50));
    await queue.next(50);
    passSeconds(60);
    await queue.send(of('import', 20), of('few', 3));
    expect(await queue.next(5)).toContain('import');
  });
});

test('each message without a group is a tenant of its own: a thousand of them are no noisy neighbour', async () => {
  const queue = await openQueue();
  await queue.send(of(undefined, 200), of('few', 5));
  await queue.next(100);
  expect(await queue.next(10)).toEqual(Array(10).fill('alone'));
});
