import { SQSClient } from '@aws-sdk/client-sqs';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { delaySeconds, postponeRecords } from '../../../lib/platform/postpone.ts';
import { createBench, START_MS } from '../../support/memory-bench.ts';

const QUEUE = 'https://sqs.eu-west-1.amazonaws.com/000000000000/bulk';

let bench: ReturnType<typeof createBench>;
beforeEach(() => {
  bench = createBench();
});

/** Records m0, m1, …, each of which returns a second later than the one before. */
function records(count: number) {
  return Array.from({ length: count }, (_, index) => ({
    record: bench.record('', { messageId: `m${index}`, receiptHandle: `r${index}` }),
    untilMs: START_MS + index * 1000 + 500,
  }));
}

describe('postponing', () => {
  test('sets the time of each message, ten messages in a call', async () => {
    await postponeRecords(QUEUE, records(21), bench.services);
    const inputs = bench.callsOf('ChangeMessageVisibilityBatch').map(({ input }) => input);
    expect(inputs.map(({ QueueUrl, Entries }) => [QueueUrl, Entries.length])).toEqual([
      [QUEUE, 10],
      [QUEUE, 10],
      [QUEUE, 1],
    ]);
    const entries = inputs.flatMap(({ Entries }) => Entries);
    expect(entries.map(({ ReceiptHandle, VisibilityTimeout }) => [ReceiptHandle, VisibilityTimeout])).toEqual(
      Array.from({ length: 21 }, (_, index) => [`r${index}`, index + 1]),
    );
    expect(inputs.map(({ Entries }) => new Set(Entries.map(({ Id }: { Id: string }) => Id)).size)).toEqual([10, 10, 1]);
    expect(bench.lines).toEqual([]);
  });

  test('no messages makes no call', async () => {
    await postponeRecords(QUEUE, [], bench.services);
    expect(bench.calls).toEqual([]);
  });

  test('that SQS does not accept is reported, and continues with the next batch', async () => {
    bench.fail('ChangeMessageVisibilityBatch');
    await postponeRecords(QUEUE, records(11), bench.services);
    expect(bench.callsOf('ChangeMessageVisibilityBatch')).toHaveLength(2);
    expect(bench.lines).toEqual([
      expect.objectContaining({ level: 'warn', fields: { count: 10, error: expect.stringContaining('out of order') } }),
    ]);
  });

  const refused = (Id: string) => ({ Id, Code: 'ReceiptHandleIsInvalid', SenderFault: true });

  test.each([
    ['names the messages that SQS refuses', { Successful: [{ Id: '0' }], Failed: [refused('1')] }, ['m1']],
    ['reports a refusal without a known message', { Failed: [refused('7')] }, [undefined]],
    ['reports nothing if SQS refuses no message', { Successful: [{ Id: '0' }, { Id: '1' }] }, []],
  ])('%s', async (_what, answer, messageIds) => {
    const { clients } = bench.services;
    await postponeRecords(QUEUE, records(2), { ...bench.services, clients: { ...clients, sqs: answering(answer) } });
    expect(bench.lines).toEqual(
      messageIds.map((messageId) =>
        expect.objectContaining({ level: 'warn', fields: { messageId, code: 'ReceiptHandleIsInvalid' } }),
      ),
    );
  });

  test('does not wait for SQS between two batches, because the largest batch has ten calls', async () => {
    let calls = 0;
    const all = Promise.withResolvers<void>();
    const sqs = answering({ Successful: [] }, () => {
      calls += 1;
      if (calls === 10) all.resolve();
      return all.promise;
    });
    await postponeRecords(QUEUE, records(100), { ...bench.services, clients: { ...bench.services.clients, sqs } });
    expect(calls).toBe(10);
  });

  /** @param until is called for each request; the answer follows when its promise resolves */
  function answering(answer: object, until = () => Promise.resolve()): SQSClient {
    const headers = { 'content-type': 'application/x-amz-json-1.0' };
    const response = { statusCode: 200, headers, body: Buffer.from(JSON.stringify(answer)) };
    const handle = () => until().then(() => ({ response }));
    return new SQSClient({
      region: 'eu-west-1',
      credentials: { accessKeyId: 'AKID', secretAccessKey: 'SECRET' },
      requestHandler: { handle } as unknown as SQSClient['config']['requestHandler'],
    });
  }
});

describe('a delay', () => {
  test.each([
    [-5_000, 1],
    [0, 1],
    [1_000, 1],
    [1_001, 2],
    [42_300_000, 42_300],
    [42_300_001, 42_300],
    [86_400_000, 42_300],
  ])('of %i ms is %i whole seconds, from one second to the maximum of SQS', (ms, seconds) => {
    expect(delaySeconds(ms)).toBe(seconds);
  });
});
