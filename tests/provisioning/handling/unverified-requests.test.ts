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

/** As the last release began it, whoever asked: its room is made, and the answer is lost. */
async function begin(request: object): Promise<void> {
  bench.ivsChat.inject({ operation: 'CreateRoom', fault: { lostResponse: true } });
  expect(await bench.handle(bench.memberRecord(request))).toMatchObject({ kind: 'postponed', reason: 'unsettled' });
  bench.pass(90_000);
}

/** As `redrive` of the last release sent requests back: to their lane, by an operator. */
const byOldRedrive = (): Partial<IncomingRecord> => ({
  messageAttributes: {
    'greenroom-sent-at': { dataType: 'String', stringValue: new Date(bench.clock.nowMs()).toISOString() },
  },
});

const noted = () => JSON.parse(bench.messaging.parked.at(-1)?.note ?? '{}');

/** What `greenroom redrive` makes of what was parked last, as it comes out of the redrive queue. */
function redriven(): IncomingRecord {
  const { body = '', note = '' } = bench.messaging.parked.at(-1) ?? {};
  const received = {
    MessageId: 'parked',
    Body: body,
    Attributes: { SentTimestamp: String(bench.clock.nowMs()) },
    MessageAttributes: { 'greenroom-parked': { DataType: 'String', StringValue: note } },
  };
  const parked = readParkedMessage(received, 'eu-west-1');
  if (parked.note) parked.note.sourceQueue = 'arn:aws:sqs:eu-west-1:000000000000:greenroom-prod-bulk';
  const back = returnMessage(parked, { stage: 'prod' });
  if (back.kind !== 'sendable') throw new Error(back.problem);
  const attributes = Object.entries(back.message.MessageAttributes ?? {});
  return bench.record(body, {
    eventSourceARN: REDRIVE_ARN,
    messageAttributes: Object.fromEntries(attributes.map(([name, each]) => [name, { stringValue: each.StringValue }])),
  });
}

describe('nobody knows whether a member that', () => {
  test.each([
    ['an operator sent back with the last release', byOldRedrive, false],
    ['is a dead letter which lost its sender', () => ({ attributes: { SenderId: undefined } as never }), true],
  ])('%s is one: it is parked unanswered, and comes back as what it was', async (_which, changes, deadLetters) => {
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
  });

  test('was sent again without a trace is one: what is begun is brought to its end, and the roster hears of it later', async () => {
    await begin(MEMBER);
    const outcome = await bench.handle(bench.record(MEMBER));
    expect(outcome).toMatchObject({ kind: 'parked', reason: 'unverified', completionId: bench.completions()[0].id });
    expect(bench.completions()[0].data).toMatchObject({ outcome: 'adopted' });
    expect(bench.messaging.published[0]?.attributes).not.toHaveProperty('roster');
    expect(await bench.handle(redriven())).toMatchObject({ how: 'replayed' });
    expect(bench.messaging.published[1]?.attributes).toMatchObject({ roster: 'r' });
  });
});

describe('a request with a reserved key that nothing says it may have', () => {
  test('and that is begun gets the room that it has, and not the answer that it is invalid', async () => {
    await begin(UPSTREAM);
    expect(await bench.handle(bench.record(UPSTREAM))).toMatchObject({ kind: 'answered', how: 'adopted' });
    expect(bench.item(UPSTREAM.idempotencyKey)).toMatchObject({ status: 'COMPLETED', decision: 'room' });
    expect(bench.completions().map(({ data }) => data.outcome)).toEqual(['adopted']);
    expect(await bench.handle(bench.record(UPSTREAM))).toMatchObject({ how: 'replayed' });
    expect(bench.messaging.parked).toEqual([]);
  });

  test('keeps nobody’s room wanted for longer', async () => {
    bench.fail('CreateRoom', 100);
    await bench.handle(bench.memberRecord(UPSTREAM));
    bench.pass(3_600_000);
    const neededBy = new Date(START_MS + 6 * DAY_MS).toISOString();
    expect(await bench.handle(bench.record({ ...UPSTREAM, neededBy }))).toMatchObject({ kind: 'postponed' });
    expect(bench.stored(UPSTREAM.idempotencyKey).needed_by).toBe(START_MS + DAY_MS);
  });

  test('waits while another works on it', async () => {
    await bench.crash(bench.memberRecord(UPSTREAM), 'Publish');
    expect(await bench.handle(bench.record(UPSTREAM))).toMatchObject({ kind: 'postponed', reason: 'busy' });
  });

  test('does not take a failed key again', async () => {
    bench.ivsChat.inject({ operation: 'CreateRoom', fault: { error: 'ValidationException' } });
    await bench.handle(bench.memberRecord(UPSTREAM));
    const before = bench.stored(UPSTREAM.idempotencyKey);
    bench.pass(60_000);
    expect(await bench.handle(bench.record(UPSTREAM))).toMatchObject({ how: 'invalid' });
    expect(bench.completions().map(({ data }) => data.reason)).toEqual(['refused', 'invalid-request']);
    expect(bench.stored(UPSTREAM.idempotencyKey)).toEqual(before);
  });

  test('and that is sent back without the word of its note parks no more', async () => {
    await begin(MEMBER);
    const record = bench.record(MEMBER, { eventSourceARN: REDRIVE_ARN });
    expect(await bench.handle(record)).toMatchObject({ kind: 'answered', how: 'adopted' });
    expect(bench.messaging.parked).toEqual([]);
  });
});

test('key-reused is one completion with one id, however often its message is delivered and the failed key is taken again', async () => {
  const first = { idempotencyKey: 'k', room: { name: 'a' } };
  const earlier = { ApproximateReceiveCount: 1, SentTimestamp: START_MS - 1 };
  const other = bench.record({ idempotencyKey: 'k', room: { name: 'other' } }, { attributes: earlier });
  bench.ivsChat.inject({ operation: 'CreateRoom', fault: { error: 'ValidationException' } });
  await bench.handle(bench.record(first));
  await bench.handle(other); // Its acknowledgement is lost.
  bench.pass(10_000);
  await bench.handle(bench.record(first));
  expect(bench.item('k')).toMatchObject({ generation: 1 });
  await bench.handle(other);
  const reused = bench.completions().filter(({ data }) => data.reason === 'key-reused-with-different-payload');
  expect(reused).toHaveLength(2);
  const [{ time: _, ...once }, { time: __, ...again }] = reused;
  expect(again).toEqual(once);
});
