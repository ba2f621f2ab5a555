import { beforeEach, describe, expect, test } from '@jest/globals';
import { toLambdaRecord } from '../../simulation/lambda-record.ts';
import { createMemoryMessaging } from '../../simulation/memory-messaging.ts';
import { MemoryQueue, type QueueSettings } from '../../simulation/memory-queue.ts';
import { createVirtualClock, type VirtualClock } from '../../simulation/virtual-clock.ts';

const ARN = 'arn:aws:sqs:eu-west-1:000000000000:';
const ALL_DONE = { batchItemFailures: [] };

let time: VirtualClock;
beforeEach(() => {
  time = createVirtualClock(1_000);
});

const open = (settings: Partial<QueueSettings> = {}, name = 'lane') =>
  new MemoryQueue(name, time.nowMs, { visibilityTimeoutMs: 30_000, ...settings });
const bodies = (queue: MemoryQueue) => queue.messages().map(({ body }) => body);

describe('a queue in memory', () => {
  test('delivers messages in the order of sending, and again after the visibility timeout if they are not done', () => {
    const queue = open();
    for (const body of ['a', 'b', 'c']) queue.send(body);
    expect(queue.receive(2).map(({ body }) => body)).toEqual(['a', 'b']);
    expect(queue.receive(2).map(({ body }) => body)).toEqual(['c']);
    expect([queue.receive(1), queue.nextVisibleMs(), queue.counts()]).toEqual([
      [],
      31_000,
      { visible: 0, inFlight: 3 },
    ]);
    time.pass(30_000);
    expect(queue.receive(1)).toMatchObject([{ body: 'a', receiveCount: 2, firstReceivedMs: 1_000, sentAtMs: 1_000 }]);
  });

  test('delivers no message before the end of its delay, or before the time to which it is postponed', () => {
    const queue = open();
    queue.send('late', { delaySeconds: 5 });
    queue.send('postponed', { id: 'p' });
    expect(queue.receive(10).map(({ body }) => body)).toEqual(['postponed']);
    queue.postpone('p', 4_000);
    expect(queue.nextVisibleMs()).toBe(4_000);
    time.pass(5_000);
    expect(queue.receive(10)).toHaveLength(2);
  });

  test('deletes the messages of a batch that are not reported as failed', () => {
    const queue = open();
    const [a, b] = ['a', 'b'].map((body) => queue.send(body));
    queue.finish(queue.receive(10), { batchItemFailures: [{ itemIdentifier: b?.id ?? '' }] });
    expect([a?.gone, b?.gone, bodies(queue)]).toEqual(['done', undefined, ['b']]);
  });

  test('moves a message that has been received as often as allowed to the dead-letter queue, with its age and receive count', () => {
    const deadLetters = open({}, 'dead-letters');
    const queue = open({ maxReceiveCount: 2, deadLetters });
    const message = queue.send('a');
    for (let round = 0; round < 2; round++) {
      expect(queue.receive(10)).toHaveLength(1);
      time.pass(30_000);
    }
    expect([queue.receive(10), bodies(queue), deadLetters.receive(10)]).toEqual([[], [], [message]]);
    expect(toLambdaRecord(message, `${ARN}dead-letters`).attributes).toEqual({
      ApproximateReceiveCount: '3',
      SentTimestamp: '1000',
      ApproximateFirstReceiveTimestamp: '1000',
      DeadLetterQueueSourceArn: `${ARN}lane`,
    });
    // The worker that received the message in the lane may still finish it.
    queue.finish([message], ALL_DONE);
    expect([message.gone, bodies(deadLetters)]).toEqual(['done', []]);
  });

  test('deletes messages that are older than its retention', () => {
    const queue = open({ retentionMs: 60_000 });
    const message = queue.send('a');
    time.pass(60_000);
    expect(queue.visible()).toEqual([message]);
    time.pass(1);
    expect([queue.visible(), message.gone]).toEqual([[], 'deleted by retention']);
  });
});

describe('SQS and SNS in memory', () => {
  const call = (action: string, input: object) => {
    const headers = { 'x-amz-target': `AmazonSQS.${action}` };
    const body = Buffer.from(JSON.stringify({ QueueUrl: 'https://sqs/000000000000/lane', ...input }));
    return { method: 'POST', path: '/', query: new URLSearchParams(), region: 'eu-west-1', headers, body };
  };

  test('send to the queue whose name is at the end of the URL, and change the visibility of its messages', () => {
    const messaging = createMemoryMessaging(time.nowMs);
    const MessageAttributes = { roster: { DataType: 'String', StringValue: 'r' } };
    messaging.sqs(call('SendMessageBatch', { Entries: [{ Id: '0', MessageBody: 'a', MessageAttributes }] }));
    const [message] = messaging.queue('lane').receive(10);
    expect(message).toMatchObject({ body: 'a', attributes: { roster: 'r' }, visibleAtMs: 361_000 });
    const entry = { Id: '0', ReceiptHandle: message?.id, VisibilityTimeout: 20 };
    messaging.sqs(call('ChangeMessageVisibilityBatch', { Entries: [entry] }));
    expect(message?.visibleAtMs).toBe(21_000);
  });

  test('refuse characters that SQS does not accept', () => {
    const messaging = createMemoryMessaging(time.nowMs);
    expect(() => messaging.sqs(call('SendMessage', { MessageBody: '\u0000' }))).toThrow('characters');
    const body = Buffer.from(new URLSearchParams({ Action: 'Publish', Message: '\uFFFF' }).toString());
    expect(() => messaging.sns({ ...call('', {}), body })).toThrow('characters');
    expect(messaging.published).toEqual([]);
  });
});
