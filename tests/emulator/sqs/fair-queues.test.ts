import { DeleteMessageBatchCommand, type Message } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createQueue, openGateway, receive, type Stack, sendAll } from '../../support/gateway-clients.ts';
import { type StoppedDate, stopDate } from '../../support/stopped-date.ts';

/*
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues-detailed.html:
 * "A tenant is marked as a noisy neighbor when either of the following is true: Concurrency share: the tenant accounts for more than 10%
 * of in-flight messages in the queue and has at least 30 of its own messages in flight. Processing time share: the tenant's recent share
 * of total consumer processing time exceeds 10%." Then quiet tenants' messages come first whenever there are any. Of several noisy
 * tenants, the one with the fewest messages in flight comes first. A tenant is quiet again when its backlog is gone, or when it has sent
 * nothing for five minutes. "Each message without a MessageGroupId is treated as belonging to its own distinct tenant."
 */

let stack: Stack;
/** Only the clock stands still. Calls are answered as usual. */
let date: StoppedDate;
beforeAll(async () => {
  stack = await openGateway();
});
beforeEach(() => {
  date = stopDate(Date.parse('2026-12-18T12:00:00Z'));
});
afterEach(() => {
  date.restore();
});
afterAll(() => stack.close());

const passSeconds = (seconds: number) => date.set(Date.now() + seconds * 1000);
const of = (group: string | undefined, count: number) =>
  Array.from({ length: count }, () => ({ body: group ?? 'alone', ...(group !== undefined && { group }) }));

/** A queue whose messages stay in flight for longer than these tests last. */
async function openQueue() {
  const { url } = await createQueue(stack.sqs, { VisibilityTimeout: '43200' });
  const inFlight: Message[] = [];
  return {
    send: (...messages: { body: string; group?: string }[][]) => sendAll(stack.sqs, url, messages.flat()),
    /** Receives the next messages. @returns their bodies, which name their groups */
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
    /** Deletes all messages in flight. */
    async finish(): Promise<void> {
      for (let messages = inFlight.splice(0, 10); messages.length > 0; messages = inFlight.splice(0, 10)) {
        const Entries = messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
        await stack.sqs.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries }));
      }
    },
  };
}

describe('messages in flight', () => {
  test('make a group noisy if it has at least 30 of them and more than a tenth: later messages from other groups come first', async () => {
    const queue = await openQueue();
    await queue.send(of('import', 200), of('few', 5));
    expect(await queue.next(30)).toEqual(Array(30).fill('import'));
    expect(await queue.next(10)).toEqual([...Array(5).fill('few'), ...Array(5).fill('import')]);
  });

  test('do not make a group noisy if it has only 29: groups do not take turns, so later messages wait for earlier ones', async () => {
    const queue = await openQueue();
    await queue.send(of('import', 200), of('few', 5));
    await queue.next(29);
    expect(await queue.next(10)).toEqual(Array(10).fill('import'));
  });

  test('do not make a group noisy if it has exactly a tenth of them, however many these are', async () => {
    const queue = await openQueue();
    await queue.send(of(undefined, 270), of('steady', 30));
    await queue.next(300);
    await queue.send(of('steady', 10), of('few', 1));
    expect(await queue.next(5)).toContain('steady');
  });

  test('decide between two noisy groups: the group with fewer comes first', async () => {
    const queue = await openQueue();
    await queue.send(of('large', 60));
    await queue.next(60);
    await queue.send(of('small', 30));
    await queue.next(30);
    await queue.send(of('large', 40), of('small', 40));
    expect(await queue.next(30)).toEqual(Array(30).fill('small'));
    // From now on, both groups have 60 messages in flight and are served alternately.
    const balanced = await queue.next(10);
    expect(balanced.filter((body) => body === 'large')).toHaveLength(5);
  });
});

describe('processing time', () => {
  test('makes a group noisy if the group uses more than a tenth of it, even with few messages in flight', async () => {
    const queue = await openQueue();
    await queue.send(of('slow', 1));
    await queue.next(1);
    passSeconds(10);
    await queue.finish();
    await queue.send(of('slow', 20), of('few', 3));
    expect(await queue.next(3)).toEqual(Array(3).fill('few'));
  });

  test('leaves twenty groups quiet if they use equal parts of it: they are served in the order of arrival', async () => {
    const queue = await openQueue();
    const groups = Array.from({ length: 20 }, (_, index) => `tenant-${index}`);
    await queue.send(...groups.map((group) => of(group, 1)));
    await queue.next(20);
    passSeconds(10);
    await queue.finish();
    await queue.send(of('tenant-0', 30), of('newcomer', 1));
    expect(await queue.next(10)).toEqual(Array(10).fill('tenant-0'));
  });

  test('counts less the older it is: a group that was slow once is quiet again after others have used it for a long time', async () => {
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

  test('stays noisy while it sends and has a backlog, even if it no longer has messages in flight', async () => {
    const queue = await noisyImport();
    await queue.finish();
    passSeconds(290);
    // By now, only the time of the other groups counts.
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

  test('is quiet again when it no longer has a backlog', async () => {
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

test('messages without a group are separate tenants: a thousand of them are not a noisy neighbour', async () => {
  const queue = await openQueue();
  await queue.send(of(undefined, 200), of('few', 5));
  await queue.next(100);
  expect(await queue.next(10)).toEqual(Array(10).fill('alone'));
});
