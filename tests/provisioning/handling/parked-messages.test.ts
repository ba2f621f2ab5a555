import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Bench, createBench, DAY_MS, START_MS } from '../../support/memory-bench.ts';

const REQUEST = { idempotencyKey: 'key', room: { name: 'hall' }, tenant: 'arena' };
const BULK_ARN = 'arn:aws:sqs:eu-west-1:000000000000:bulk';

let bench: Bench;
beforeEach(() => {
  bench = createBench();
});

const parkedNotes = () => bench.messaging.parked.map(({ note }) => JSON.parse(note));

describe('an unreadable message', () => {
  test('is announced and then parked unchanged, with a note of what is known about it', async () => {
    const body = ' no json\n';
    const outcome = await bench.handle(bench.record(body, { messageId: 'm1' }));
    expect(outcome).toEqual({
      kind: 'parked',
      reason: 'unparseable',
      detail: 'has no readable key',
      failure: 'unparseable',
    });
    expect(bench.callNames()).toEqual(['Publish', 'SendMessage']);
    expect(bench.completions()[0].data).toMatchObject({ reason: 'unparseable' });
    expect(bench.messaging.parked.map((parked) => parked.body)).toEqual([body]);
    expect(parkedNotes()).toEqual([
      {
        reason: 'unparseable',
        detail: 'has no readable key',
        isFromRoster: false,
        wishedAt: '2026-01-01T00:00:00.000Z',
        sourceQueue: 'arn:aws:sqs:eu-west-1:000000000000:interactive',
        messageId: 'm1',
        sentAt: '2026-01-01T00:00:00.000Z',
        receiveCount: 1,
        parkedAt: '2026-01-01T00:00:00.000Z',
        originalAttributes: {},
      },
    ]);
    expect(bench.callsOf('SendMessage')[0]?.input).toMatchObject({
      QueueUrl: bench.config.parkedQueueUrl,
      MessageAttributes: { 'greenroom-parked': { DataType: 'String' } },
    });
  });

  test('has a note that names its first queue and the time when it was sent', async () => {
    const DeadLetterQueueSourceArn = BULK_ARN;
    const record = bench.record('', {
      attributes: { ApproximateReceiveCount: 7, SentTimestamp: START_MS - 1_000, DeadLetterQueueSourceArn },
    });
    bench.pass(2_000);
    await bench.handle(record);
    expect(parkedNotes()).toEqual([
      expect.objectContaining({
        sourceQueue: BULK_ARN,
        sentAt: '2025-12-31T23:59:59.000Z',
        receiveCount: 7,
        parkedAt: '2026-01-01T00:00:02.000Z',
      }),
    ]);
  });

  test.each([
    ['not announced', 'Publish', 'publish-failed', ['Publish']],
    ['not parked', 'SendMessage', 'park-failed', ['Publish', 'SendMessage']],
  ])('waits in its queue if it is %s', async (_what, call, reason, calls) => {
    bench.fail(call);
    const outcome = await bench.handle(bench.record('?'));
    expect(outcome).toEqual({
      kind: 'postponed',
      reason,
      untilMs: START_MS + 1_950,
      mayHaveRoom: false,
      cause: expect.any(Error),
    });
    expect(outcome).toHaveProperty('cause.message', 'out of order');
    expect(bench.callNames()).toEqual(calls);
  });
});

describe('a parked message fits into the parked queue', () => {
  const MAX_BYTES = 1_048_576;
  const NOTE_BYTES = 100;
  const attribute = { origin: { stringValue: 'ü' } };
  const park = async (body: string) => {
    await bench.handle(bench.record(body, { messageAttributes: attribute }));
    return parkedNotes().at(-1);
  };
  const bytesOf = (text: string) => Buffer.byteLength(text);

  test('to the byte, with its attributes if there is room for them', async () => {
    expect(await park('x')).toHaveProperty('originalAttributes', attribute);
    const note = bench.messaging.parked[0]?.note ?? '';
    const free = MAX_BYTES - NOTE_BYTES - bytesOf(note);
    expect(await park('x'.repeat(free - 1))).toHaveProperty('originalAttributes', attribute);
    const full = await park('x'.repeat(free));
    expect(full).not.toHaveProperty('originalAttributes');
    expect(full).toHaveProperty('originalAttributesOmitted', true);
    expect(bench.messaging.parked.at(-1)?.body).toHaveLength(free);
  });
});

describe('a dead letter', () => {
  test('is answered and then parked with the id of its completion', async () => {
    const outcome = await bench.handle(bench.record(REQUEST), { deadLetters: true });
    const [completion] = bench.completions();
    expect(completion.data).toMatchObject({
      reason: 'dead-lettered',
      error: { name: 'DeadLettered', message: 'Every attempt to handle the request crashed.' },
      retryable: true,
    });
    expect(outcome).toEqual({
      kind: 'parked',
      reason: 'dead-lettered',
      detail: 'crashed its function; answered: failed',
      completionId: completion.id,
      failure: 'dead-lettered',
    });
    expect(parkedNotes()).toEqual([expect.objectContaining({ reason: 'dead-lettered' })]);
    expect(bench.callsOf('CreateRoom')).toEqual([]);
  });

  test('is not parked before it is answered', async () => {
    await bench.crash(bench.record(REQUEST), 'CreateRoom');
    expect(await bench.handle(bench.record(REQUEST), { deadLetters: true })).toMatchObject({ reason: 'busy' });
    expect(bench.messaging.parked).toEqual([]);
  });
});

describe('a message that waits until two days before its queue would delete it', () => {
  const ARRIVED_MS = START_MS - 8 * DAY_MS;
  const outcomeUnknown = (last: string) => ({
    kind: 'parked',
    reason: 'outcome-unknown',
    detail: `it is unknown whether its room exists; ${last}`,
  });
  const unfinished = (last: string) => ({
    kind: 'parked',
    reason: 'unfinished',
    detail: `it waited so long that its queue would soon have deleted it; ${last}`,
  });
  const deliver = (arrivedMs = ARRIVED_MS, body: object | string = REQUEST, options = {}) =>
    bench.handle(bench.record(body, { attributes: { ApproximateReceiveCount: 9, SentTimestamp: arrivedMs } }), options);

  const intentStands = async () => {
    await bench.crash(bench.record(REQUEST), 'CreateRoom');
    bench.pass(90_001);
  };
  test.each([
    ['unsettled', intentStands],
    [
      'reconcile-failed',
      async () => {
        await intentStands();
        bench.ivsChat.inject({ operation: 'ListRooms', fault: { error: 'AccessDeniedException' } });
      },
    ],
    [
      'no-slot',
      async () => {
        await intentStands();
        await bench.setPace('ListRooms', { free_at: START_MS + 500_000 });
      },
    ],
    ['busy', () => bench.crash(bench.record(REQUEST), 'CreateRoom')],
    ['ledger-unavailable', async () => bench.fail('UpdateItem', 99)],
  ])(
    'with an intent or an unreadable ledger is parked as outcome-unknown, although its last reason is %s',
    async (reason, prepare) => {
      await prepare();
      expect(await deliver(bench.clock.nowMs() - 8 * DAY_MS - 1)).toEqual(outcomeUnknown(reason));
      expect(bench.messaging.parked).toHaveLength(1);
      expect(bench.completions()).toEqual([]);
      if (reason !== 'ledger-unavailable') expect(bench.stored('key').create_started_at).toBe(START_MS);
    },
  );

  test.each([
    ['a request', REQUEST],
    ['an unreadable message', 'no json'],
  ])('without an intent is parked as unfinished: %s', async (_what, body) => {
    bench.fail('Publish');
    expect(await deliver(ARRIVED_MS - 1, body)).toEqual(unfinished('publish-failed'));
    expect(bench.messaging.parked).toHaveLength(1);
  });

  test('continues to wait as long as it is younger', async () => {
    bench.fail('Publish');
    // The request has expired, and its failure is published in the next second.
    expect(await deliver(ARRIVED_MS + 1_000)).toMatchObject({ kind: 'postponed', reason: 'publish-failed' });
    expect(bench.messaging.parked).toEqual([]);
  });

  test('waits four days longer in a dead-letter queue, which keeps messages four days longer', async () => {
    const age = (days: number) => bench.clock.nowMs() - days * DAY_MS;
    bench.fail('Publish', 2);
    expect(await deliver(age(12) + 1_000, REQUEST, { deadLetters: true })).toMatchObject({ reason: 'publish-failed' });
    bench.pass(90_001);
    expect(await deliver(age(12) - 1, REQUEST, { deadLetters: true })).toEqual(unfinished('publish-failed'));
  });

  test('is not acknowledged if the parked queue does not accept it', async () => {
    bench.before('Publish', () => {
      throw new Error('out of order');
    });
    bench.fail('SendMessage');
    expect(await deliver(ARRIVED_MS - 1)).toMatchObject({ kind: 'postponed', reason: 'park-failed' });
  });
});
