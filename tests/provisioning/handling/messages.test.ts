import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Bench, createBench, DAY_MS, START_MS } from '../../support/memory-bench.ts';

const REQUEST = { idempotencyKey: 'key', room: { name: 'hall' }, tenant: 'arena' };
const BULK_ARN = 'arn:aws:sqs:eu-west-1:000000000000:bulk';

let bench: Bench;
beforeEach(() => {
  bench = createBench();
});

const attributes = () => bench.messaging.published.map(({ attributes: each }) => each);

describe('the completion of an invalid request with a readable key', () => {
  test('has the valid fields of the request, and the ledger is not touched', async () => {
    const body = { ...REQUEST, correlationId: 'c', roster: 'r', room: { name: 5 } };
    const outcome = await bench.handle(bench.memberRecord(body, { eventSourceARN: BULK_ARN }));
    const [completion] = bench.completions();
    expect(outcome).toEqual({
      kind: 'answered',
      how: 'invalid',
      completionId: completion.id,
      failure: 'invalid-request',
    });
    expect(completion).toMatchObject({ source: '/greenroom/simulation', time: '2026-01-01T00:00:00.000Z' });
    expect(completion.data).toMatchObject({ idempotencyKey: 'key', tenant: 'arena', reason: 'invalid-request' });
    expect(attributes()).toEqual([expect.objectContaining({ lane: 'bulk', correlationId: 'c', roster: 'r' })]);
    expect(bench.callNames()).toEqual(['Publish']);
  });

  test('has no attributes that the request does not have', async () => {
    await bench.handle(bench.record({ ...REQUEST, room: 5 }));
    expect(attributes()[0]).not.toHaveProperty('correlationId');
    expect(attributes()[0]).not.toHaveProperty('roster');
    expect(bench.callsOf('Publish')[0]?.input).toMatchObject({
      TopicArn: bench.config.completionTopicArn,
      'MessageAttributes.entry.1.Value.DataType': 'String',
    });
  });
});

describe('a completion', () => {
  test('has the lane, roster and correlation id of the message that it answers', async () => {
    const body = { ...REQUEST, correlationId: 'c', roster: 'r' };
    await bench.handle(bench.memberRecord(body, { eventSourceARN: BULK_ARN }));
    expect(attributes()).toEqual([
      expect.objectContaining({ lane: 'bulk', correlationId: 'c', roster: 'r', outcome: 'created' }),
    ]);
  });

  test('has no roster and no correlation id if the message has none', async () => {
    await bench.handle(bench.record(REQUEST));
    expect(attributes()[0]).toMatchObject({ lane: 'interactive' });
    expect(attributes()[0]).not.toHaveProperty('correlationId');
    expect(attributes()[0]).not.toHaveProperty('roster');
  });

  test('of another payload that this worker finishes has no attributes of this message', async () => {
    await bench.crash(bench.record({ ...REQUEST, neededBy: new Date(START_MS - 1).toISOString() }), 'Publish');
    bench.pass(90_001);
    const other = { ...REQUEST, room: { name: 'studio' }, correlationId: 'mine', roster: 'r' };
    expect(await bench.handle(bench.memberRecord(other))).toMatchObject({ kind: 'answered', how: 'created' });
    expect(bench.completions().map(({ data }) => [data.outcome, data.generation])).toEqual([
      ['failed', 0],
      ['created', 1],
    ]);
    const [finished, own] = attributes();
    expect(finished).toMatchObject({ lane: 'interactive' });
    expect(finished).not.toHaveProperty('correlationId');
    expect(own).toMatchObject({ correlationId: 'mine', roster: 'r' });
  });

  test('has only characters that SQS accepts, whatever the key', async () => {
    const idempotencyKey = 'a\ufffeb\uffffc\ufffed\uffff';
    await bench.handle(bench.record({ ...REQUEST, idempotencyKey }));
    expect(bench.messaging.published[0]?.body).not.toMatch(/[\ufffe\uffff]/);
    expect(bench.completions()[0].subject).toBe(idempotencyKey);
  });

  test('that SNS does not accept is published by the next delivery, and IVS Chat is not called again', async () => {
    bench.fail('Publish');
    const outcome = await bench.handle(bench.record(REQUEST));
    expect(outcome).toEqual({
      kind: 'postponed',
      reason: 'publish-failed',
      untilMs: START_MS + 1_950,
      mayHaveRoom: false,
      cause: expect.objectContaining({ message: 'out of order' }),
    });
    expect(bench.stored('key')).toMatchObject({ status: 'INPROGRESS', decision: 'room', lease_end: 0 });
    bench.pass(5_000);
    expect(await bench.handle(bench.record(REQUEST))).toMatchObject({ kind: 'answered', how: 'replayed' });
    expect([bench.callsOf('CreateRoom').length, bench.callsOf('Publish').length]).toEqual([1, 2]);
    expect(bench.stored('key').status).toBe('COMPLETED');
  });
});

describe('the time for which a room is needed counts from the arrival of the message in SQS', () => {
  test.each([
    [
      'if an event is replayed from an archive a month later',
      { 'detail-type': 'Room Requested', source: 'x', detail: REQUEST },
    ],
    [
      'if the time of a CloudEvent is that of an earlier occurrence',
      { specversion: '1.0', type: 'greenroom.room.requested.v1', id: '1', source: '/x', data: REQUEST },
    ],
  ])('%s', async (_what, event) => {
    const monthAgo = new Date(START_MS - 30 * DAY_MS).toISOString();
    expect(await bench.handle(bench.record({ ...event, time: monthAgo }))).toMatchObject({ how: 'created' });
    expect(bench.stored('key').needed_by).toBe(START_MS + DAY_MS);
    // The message was old when it arrived, so the metric of the wait does not count its age.
    expect(bench.measures.at(-1)).toEqual(['noteCompletion', { lane: 'interactive', sinceArrivalMs: 0 }]);
  });
});
