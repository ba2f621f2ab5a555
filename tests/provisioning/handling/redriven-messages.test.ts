import { beforeEach, describe, expect, test } from '@jest/globals';
import type { IncomingRecord } from '../../../lib/platform/incoming-record.ts';
import { type Bench, createBench, DAY_MS, REDRIVE_ARN, START_MS } from '../../support/memory-bench.ts';

const REQUEST = { idempotencyKey: 'key', room: { name: 'hall' } };
const DEAD_LETTERS_ARN = 'arn:aws:sqs:eu-west-1:000000000000:interactive';

let bench: Bench;
beforeEach(() => {
  bench = createBench();
});

const textAttributes = (texts: Record<string, string>) =>
  Object.fromEntries(Object.entries(texts).map(([name, stringValue]) => [name, { stringValue }]));
const sentBack = (texts: Record<string, string> = {}, changes: Partial<IncomingRecord> = {}) => ({
  eventSourceARN: REDRIVE_ARN,
  messageAttributes: textAttributes(texts),
  ...changes,
});
const isoAt = (ms: number) => new Date(ms).toISOString();
const eventAt = (ms: number) => ({ 'detail-type': 'Room Requested', source: 'x', detail: REQUEST, time: isoAt(ms) });
const refuse = () => bench.ivsChat.inject({ operation: 'CreateRoom', fault: { error: 'ValidationException' } });

describe('a message of the redrive queue', () => {
  test('counts as sent when SQS received it, so that it claims its failed key again', async () => {
    refuse();
    const event = eventAt(START_MS);
    await bench.handle(bench.record(event));
    bench.pass(60_000);
    // The same message is the old request in its lane, and a new request in the redrive queue.
    expect(await bench.handle(bench.record(event))).toMatchObject({ how: 'replayed' });
    expect(await bench.handle(bench.record(event, sentBack()))).toMatchObject({ how: 'created' });
  });

  test('needs its room by the operator’s deadline, or within the default time from now on', async () => {
    const record = bench.record({ ...REQUEST, neededBy: isoAt(START_MS - 1) }, sentBack());
    expect(await bench.handle(record)).toMatchObject({ how: 'failed' });
    const neededBy = isoAt(bench.clock.nowMs() + 2 * DAY_MS);
    const again = bench.record(
      { ...REQUEST, neededBy: isoAt(START_MS - 1) },
      sentBack({ 'greenroom-needed-by': neededBy }),
    );
    expect(await bench.handle(again)).toMatchObject({ how: 'created' });
    expect(bench.stored('key').needed_by).toBe(Date.parse(neededBy));
    const other = bench.record({ idempotencyKey: 'other', room: {} }, sentBack({ 'greenroom-needed-by': 'soon' }));
    await bench.handle(other);
    expect(bench.stored('other').needed_by).toBe(other.attributes.SentTimestamp + DAY_MS);
  });

  test.each([
    ['bulk', 'bulk'],
    ['interactive', 'interactive'],
    ['urgent', 'interactive'],
    [undefined, 'interactive'],
  ])(
    'with the lane %s belongs to the lane %s, so that no message is lost because of that attribute',
    async (said, lane) => {
      await bench.handle(bench.record(REQUEST, sentBack(said === undefined ? {} : { 'greenroom-lane': said })));
      expect(bench.messaging.published[0]?.attributes).toMatchObject({ lane });
    },
  );

  test('is postponed in the redrive queue, whatever its lane', async () => {
    bench.fail('Publish', 3);
    const lanes = [sentBack({ 'greenroom-lane': 'bulk' }), sentBack(), {}];
    const records = lanes.map((changes, index) => ({
      ...bench.record({ ...REQUEST, idempotencyKey: `key ${index}` }, changes),
      messageId: `message ${index}`,
    }));
    const { batchItemFailures } = await bench.handleBatch(records);
    expect(batchItemFailures).toHaveLength(3);
    const given = bench
      .callsOf('ChangeMessageVisibilityBatch')
      .map(({ input }) => [input.QueueUrl.split('/').at(-1), input.Entries.length]);
    expect(given.sort()).toEqual([
      ['interactive', 1],
      ['redrive', 2],
    ]);
  });

  test('keeps its time, its lane and its origin as a dead letter of the interactive queue', async () => {
    refuse();
    await bench.handle(bench.record(eventAt(START_MS)));
    bench.pass(60_000);
    const attributes = {
      ApproximateReceiveCount: 250,
      SentTimestamp: bench.clock.nowMs(),
      DeadLetterQueueSourceArn: REDRIVE_ARN,
    };
    const texts = { 'greenroom-lane': 'bulk', 'greenroom-from-roster': 'true' };
    const record = bench.record(
      { ...eventAt(START_MS), detail: { ...REQUEST, roster: 'r' } },
      sentBack(texts, { eventSourceARN: DEAD_LETTERS_ARN, attributes }),
    );
    expect(await bench.handle(record, { deadLetters: true })).toMatchObject({
      kind: 'parked',
      reason: 'dead-lettered',
    });
    expect(bench.completions().at(-1).data).toMatchObject({ generation: 1, reason: 'dead-lettered' });
    expect(bench.messaging.published.at(-1)?.attributes).toMatchObject({ lane: 'bulk', roster: 'r' });
    const [{ note = '' } = {}] = bench.messaging.parked;
    expect(JSON.parse(note)).toMatchObject({ sourceQueue: REDRIVE_ARN, isFromRoster: true });
  });
});

test('no other sender can set the time, the lane or the deadline of its message', async () => {
  const texts = {
    'greenroom-sent-at': '2099-01-01T00:00:00Z',
    'greenroom-needed-by': '2026-01-05T00:00:00Z',
    'greenroom-lane': 'bulk',
  };
  refuse();
  await bench.handle(bench.record(REQUEST, { messageAttributes: textAttributes(texts) }));
  expect(bench.stored('key')).toMatchObject({ needed_by: START_MS + DAY_MS, decided_at: START_MS });
  expect(bench.messaging.published[0]?.attributes).toMatchObject({ lane: 'interactive' });
  bench.pass(60_000);
  expect(await bench.handle(bench.record(REQUEST))).toMatchObject({ how: 'created' });
});
