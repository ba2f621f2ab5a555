import { beforeEach, describe, expect, test } from '@jest/globals';
import { ledgerKey } from '../../../lib/contract/keys.ts';
import { type Bench, createBench, START_MS } from '../../support/memory-bench.ts';

const BULK_ARN = 'arn:aws:sqs:eu-west-1:000000000000:bulk';

let bench: Bench;
beforeEach(() => {
  bench = createBench();
});

/** A record as SQS delivers it. Its message id and receipt handle contain its key. */
const message = (key: string, changes: object = {}) => {
  const body = { idempotencyKey: key, room: { name: key } };
  return bench.record(body, { messageId: `m-${key}`, receiptHandle: `r-${key}`, ...changes });
};
const notDone = (...keys: string[]) => ({ batchItemFailures: keys.map((key) => ({ itemIdentifier: `m-${key}` })) });
const postponements = () =>
  bench
    .callsOf('ChangeMessageVisibilityBatch')
    .map(({ input: { QueueUrl, Entries } }) => [
      QueueUrl.split('/').at(-1),
      ...Entries.map(({ ReceiptHandle, VisibilityTimeout }: Record<string, unknown>) => [
        ReceiptHandle,
        VisibilityTimeout,
      ]),
    ]);

describe('a batch', () => {
  test('of messages that are all done has no failures, and nothing is postponed', async () => {
    expect(await bench.handleBatch([message('a'), message('b'), bench.record('?')])).toEqual(notDone());
    expect(bench.ivsChat.rooms()).toHaveLength(2);
    expect(bench.messaging.parked).toHaveLength(1);
    expect(postponements()).toEqual([]);
  });

  test('postpones each waiting message in its own queue for its own time, and handles the others', async () => {
    await bench.crash(message('x'), 'CreateRoom');
    await bench.crash(message('y'), 'CreateRoom');
    bench.pass(87_000);
    const later = bench.record(
      { idempotencyKey: 'x', room: { name: 'x' } },
      { messageId: 'm-x', receiptHandle: 'r-x' },
    );
    const bulk = { eventSourceARN: BULK_ARN };
    expect(await bench.handleBatch([later, message('a'), message('y', bulk), message('b', bulk)])).toEqual(
      notDone('x', 'y'),
    );
    // The lease lasts three more seconds, and half of the two seconds of jitter is added, less the time that the others took.
    expect(postponements()).toEqual([
      ['interactive', ['r-x', 4]],
      ['bulk', ['r-y', 4]],
    ]);
    expect(
      bench
        .completions()
        .map(({ subject }) => subject)
        .toSorted(),
    ).toEqual(['a', 'b']);
  });

  test('with a bug in one message logs it, leaves that message to its queue, and handles the others', async () => {
    await bench.setPace('CreateRoom', { free_at: 'soon' });
    expect(await bench.handleBatch([message('a'), bench.record('?')])).toEqual(notDone('a'));
    expect(bench.messaging.parked).toHaveLength(1);
    expect(postponements()).toEqual([]);
    expect(bench.lines).toContainEqual({
      level: 'error',
      text: 'A message failed with an unexpected error',
      fields: expect.objectContaining({
        messageId: 'm-a',
        ledgerKey: ledgerKey('a'),
        error: expect.objectContaining({ name: '$ZodError' }),
      }),
    });
  });

  test('has dead letters only if the function says so', async () => {
    await bench.handleBatch([message('a')]);
    await bench.handleBatch([message('b')], { deadLetters: true });
    expect(bench.completions().map(({ data }) => data.outcome)).toEqual(['created', 'failed']);
    expect(bench.messaging.parked).toHaveLength(1);
  });

  test('leaves no timer for its end behind', async () => {
    bench.before('CreateRoom', () => expect(bench.openInvocations()).toBe(1));
    await bench.handleBatch([message('a')]);
    expect([bench.callsOf('CreateRoom').length, bench.openInvocations()]).toEqual([1, 0]);
  });

  test('is refused if it has no messages of SQS, because the event-source mapping is wrong', async () => {
    await expect(bench.handleBatch([{}])).rejects.toThrow(/messageId/);
  });
});

describe('the metrics of a batch are', () => {
  test('the age of the oldest message of each lane, and they are published once', async () => {
    const sentAt = (SentTimestamp: number) => ({ attributes: { ApproximateReceiveCount: 1, SentTimestamp } });
    await bench.handleBatch([
      message('a', sentAt(START_MS - 1_000)),
      message('b', sentAt(START_MS - 3_000)),
      message('c', { ...sentAt(START_MS + 1_000), eventSourceARN: BULK_ARN }),
    ]);
    const names = bench.measures.map(([name]) => name);
    expect(bench.measures.slice(0, 2)).toEqual([
      ['noteOldest', 'interactive', 3_000],
      ['noteOldest', 'bulk', 0],
    ]);
    expect([names.at(-1), names.filter((name) => name === 'publish').length]).toEqual(['publish', 1]);
  });

  test('no age of dead letters, because their queues have their own alarms', async () => {
    await bench.handleBatch([message('a')], { deadLetters: true });
    expect(bench.measures.map(([name]) => name)).not.toContain('noteOldest');
  });

  test('how long a request waited for its slot and for its completion', async () => {
    const record = message('a');
    bench.pass(5_000);
    await bench.handle(record);
    expect(bench.measures).toEqual([
      ['noteSlot', { region: 'eu-west-1', waitedMs: 0, rate: 5 * 0.995 }],
      ['noteCompletion', { lane: 'interactive', sinceArrivalMs: 5_000 }],
    ]);
  });

  test('how long the second of two requests waited', async () => {
    await bench.handle(message('a'));
    bench.measures.length = 0;
    await bench.handle(message('b', { eventSourceARN: BULK_ARN }));
    expect(bench.measures).toEqual([
      ['noteSlot', { region: 'eu-west-1', waitedMs: expect.closeTo(301, 0), rate: 5 * 0.995 }],
      ['noteCompletion', { lane: 'bulk', sinceArrivalMs: expect.closeTo(301, 0) }],
    ]);
  });

  test('never negative, whatever the clocks say', async () => {
    await bench.handle(message('a', { attributes: { ApproximateReceiveCount: 1, SentTimestamp: START_MS + 9_000 } }));
    expect(bench.measures.at(-1)).toEqual(['noteCompletion', { lane: 'interactive', sinceArrivalMs: 0 }]);
  });

  test('how long a failed request and one with an adopted room waited, too', async () => {
    bench.ivsChat.inject({ operation: 'CreateRoom', fault: { lostResponse: true } });
    await bench.handle(message('a'));
    bench.ivsChat.inject({
      operation: 'CreateRoom',
      fault: { error: 'ValidationException', members: { reason: 'OTHER' } },
    });
    await bench.handle(message('b'));
    expect(bench.measures.filter(([name]) => name === 'noteCompletion')).toHaveLength(2);
    expect(bench.completions().map(({ data }) => data.outcome)).toEqual(['adopted', 'failed']);
  });

  test.each([
    ['a replay', () => message('a')],
    ['a reused key', () => bench.record({ idempotencyKey: 'a', room: { name: 'other' } })],
    ['an invalid request', () => bench.record({ idempotencyKey: 'a', room: 5 })],
    ['an unreadable message', () => bench.record('?')],
  ])('not the wait for %s', async (_what, again) => {
    await bench.handle(message('a'));
    bench.measures.length = 0;
    await bench.handle(again());
    expect(bench.measures.filter(([name]) => name !== 'countFailure')).toEqual([]);
  });

  test.each(['CreateRoom', 'ListRooms', 'GetRoom'] as const)(
    'a throttle of %s, which cuts the rate',
    async (operation) => {
      if (operation !== 'CreateRoom') bench.ivsChat.inject({ operation: 'CreateRoom', fault: { lostResponse: true } });
      bench.ivsChat.inject({ operation, fault: { error: 'ThrottlingException' } });
      await bench.handle(message('a'));
      expect(bench.measures.filter(([name]) => name === 'countThrottle')).toEqual([['countThrottle', 'eu-west-1']]);
      const cuts = bench.callsOf('UpdateItem').filter(({ input }) => input.UpdateExpression.startsWith('SET rate ='));
      expect(cuts.map(({ input }) => input.Key.id.S)).toEqual([`eu-west-1#${operation}`]);
    },
  );

  test('not a throttle if the error is another one', async () => {
    bench.ivsChat.inject({ operation: 'CreateRoom', fault: { lostResponse: true } });
    bench.ivsChat.inject({ operation: 'ListRooms', fault: { error: 'AccessDeniedException' } });
    await bench.handle(message('a'));
    expect(bench.measures.map(([name]) => name)).toEqual(['noteSlot']);
  });

  test('a completion that SNS did not accept', async () => {
    bench.fail('Publish');
    await bench.handle(message('a'));
    expect(bench.measures.map(([name]) => name)).toEqual(['noteSlot', 'countPublishFailure']);
  });
});
