import { beforeEach, describe, expect, test } from '@jest/globals';
import { readParkedMessage } from '../../../client/operate/parked-message.ts';
import { returnMessage } from '../../../client/operate/return-message.ts';
import type { IncomingRecord } from '../../../lib/platform/incoming-record.ts';
import { type Bench, createBench, DAY_MS, REDRIVE_ARN, START_MS } from '../../support/memory-bench.ts';

const MEMBER = { idempotencyKey: 'bulk/rooms/1', room: { name: 'hall' }, roster: 'r' };
const UPSTREAM = { idempotencyKey: 'live/mine/1', room: { name: 'hall' } };

let bench: Bench;
beforeEach(() => {
  bench = createBench({ listingLagMs: 60_000 });
});

/** Begins a request as the last release did for every sender: its room is created, and the response is lost. */
async function begin(request: object): Promise<void> {
  bench.ivsChat.inject({ operation: 'CreateRoom', fault: { lostResponse: true } });
  expect(await bench.handle(bench.memberRecord(request))).toMatchObject({ kind: 'postponed', reason: 'unsettled' });
  bench.pass(90_000);
}

/** The attributes with which `redrive` of the last release sent requests back to their lanes, for an operator. */
const byOldRedrive = (): Partial<IncomingRecord> => ({
  messageAttributes: {
    'greenroom-sent-at': { dataType: 'String', stringValue: new Date(bench.clock.nowMs()).toISOString() },
  },
});

const noted = () => JSON.parse(bench.messaging.parked.at(-1)?.note ?? '{}');

/** The last parked message as `greenroom redrive` sends it to the redrive queue. */
function redriven(): IncomingRecord {
  const { body = '', note = '' } = bench.messaging.parked.at(-1) ?? {};
  const received = {
    MessageId: 'parked',
    Body: body,
    Attributes: { SentTimestamp: String(bench.clock.nowMs()) },
    MessageAttributes: { 'greenroom-parked': { DataType: 'String', StringValue: note } },
  };
  const parked = readParkedMessage(received);
  if (parked.note) parked.note.sourceQueue = 'arn:aws:sqs:eu-west-1:000000000000:greenroom-prod-bulk';
  const back = returnMessage(parked, { stage: 'prod' });
  if (back.kind !== 'sendable') throw new Error(back.problem);
  const attributes = Object.entries(back.message.MessageAttributes ?? {});
  return bench.record(body, {
    eventSourceARN: REDRIVE_ARN,
    messageAttributes: Object.fromEntries(attributes.map(([name, each]) => [name, { stringValue: each.StringValue }])),
  });
}

describe('a member whose sender is unknown, because it', () => {
  test.each([
    ['was sent back by an operator with the last release', byOldRedrive, false],
    ['is a dead letter that has lost its sender id', () => ({ attributes: { SenderId: undefined } as never }), true],
  ])(
    '%s, is parked without an answer, and keeps its origin when it is sent back',
    async (_which, changes, deadLetters) => {
      await begin(MEMBER);
      expect(await bench.handle(bench.record(MEMBER, changes()), { deadLetters })).toMatchObject({
        kind: 'parked',
        reason: 'unverified',
      });
      expect(bench.messaging.published).toEqual([]);
      expect(noted()).not.toHaveProperty('isFromRoster');
      expect(await bench.handle(redriven())).toMatchObject({ kind: 'answered', how: 'adopted' });
      expect(bench.messaging.published.map(({ attributes }) => attributes)).toMatchObject([
        { roster: 'r', lane: 'bulk' },
      ]);
      expect(bench.ivsChat.rooms()).toHaveLength(1);
    },
  );

  test('was sent again without a trace, is fulfilled if it has begun, and the roster counts it after it is sent back', async () => {
    await begin(MEMBER);
    const outcome = await bench.handle(bench.record(MEMBER));
    expect(outcome).toMatchObject({ kind: 'parked', reason: 'unverified', completionId: bench.completions()[0].id });
    expect(bench.completions()[0].data).toMatchObject({ outcome: 'adopted' });
    expect(bench.messaging.published[0]?.attributes).not.toHaveProperty('roster');
    expect(await bench.handle(redriven())).toMatchObject({ how: 'replayed' });
    expect(bench.messaging.published[1]?.attributes).toMatchObject({ roster: 'r' });
  });
});

describe('a request with a reserved key from an unverified sender', () => {
  test('gets its room instead of a failure if it has already begun', async () => {
    await begin(UPSTREAM);
    expect(await bench.handle(bench.record(UPSTREAM))).toMatchObject({ kind: 'answered', how: 'adopted' });
    expect(bench.item(UPSTREAM.idempotencyKey)).toMatchObject({ status: 'COMPLETED', decision: 'room' });
    expect(bench.completions().map(({ data }) => data.outcome)).toEqual(['adopted']);
    expect(await bench.handle(bench.record(UPSTREAM))).toMatchObject({ how: 'replayed' });
    expect(bench.messaging.parked).toEqual([]);
  });

  test('does not extend the time for which the room is needed', async () => {
    bench.fail('CreateRoom', 100);
    await bench.handle(bench.memberRecord(UPSTREAM));
    bench.pass(3_600_000);
    const neededBy = new Date(START_MS + 6 * DAY_MS).toISOString();
    expect(await bench.handle(bench.record({ ...UPSTREAM, neededBy }))).toMatchObject({ kind: 'postponed' });
    expect(bench.stored(UPSTREAM.idempotencyKey).needed_by).toBe(START_MS + DAY_MS);
  });

  test('waits while another worker has the key', async () => {
    await bench.crash(bench.memberRecord(UPSTREAM), 'Publish');
    expect(await bench.handle(bench.record(UPSTREAM))).toMatchObject({ kind: 'postponed', reason: 'busy' });
  });

  test('does not claim a failed key again', async () => {
    bench.ivsChat.inject({ operation: 'CreateRoom', fault: { error: 'ValidationException' } });
    await bench.handle(bench.memberRecord(UPSTREAM));
    const before = bench.stored(UPSTREAM.idempotencyKey);
    bench.pass(60_000);
    expect(await bench.handle(bench.record(UPSTREAM))).toMatchObject({ how: 'invalid' });
    expect(bench.completions().map(({ data }) => data.reason)).toEqual(['refused', 'invalid-request']);
    expect(bench.stored(UPSTREAM.idempotencyKey)).toEqual(before);
  });

  test('is not parked again if it is sent back without its origin', async () => {
    await begin(MEMBER);
    const record = bench.record(MEMBER, { eventSourceARN: REDRIVE_ARN });
    expect(await bench.handle(record)).toMatchObject({ kind: 'answered', how: 'adopted' });
    expect(bench.messaging.parked).toEqual([]);
  });
});

test('a reused key has one completion with one id, however often its message is delivered and the failed key is claimed again', async () => {
  const first = { idempotencyKey: 'k', room: { name: 'a' } };
  const earlier = { ApproximateReceiveCount: 1, SentTimestamp: START_MS - 1 };
  const other = bench.record({ idempotencyKey: 'k', room: { name: 'other' } }, { attributes: earlier });
  bench.ivsChat.inject({ operation: 'CreateRoom', fault: { error: 'ValidationException' } });
  await bench.handle(bench.record(first));
  await bench.handle(other); // The acknowledgement of this message is lost.
  bench.pass(10_000);
  await bench.handle(bench.record(first));
  expect(bench.item('k')).toMatchObject({ generation: 1 });
  await bench.handle(other);
  const reused = bench.completions().filter(({ data }) => data.reason === 'key-reused-with-different-payload');
  expect(reused).toHaveLength(2);
  const [{ time: _, ...once }, { time: __, ...again }] = reused;
  expect(again).toEqual(once);
});
