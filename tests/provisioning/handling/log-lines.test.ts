import { beforeEach, describe, expect, test } from '@jest/globals';
import { ledgerKey } from '../../../lib/contract/keys.ts';
import { type Bench, createBench } from '../../support/memory-bench.ts';

const REQUEST = { idempotencyKey: 'key', room: { name: 'hall' }, tenant: 'arena', correlationId: 'c' };
const ids = {
  messageId: 'message',
  receiveCount: 1,
  lane: 'interactive',
  ledgerKey: ledgerKey('key'),
  tenant: 'arena',
  correlationId: 'c',
  region: 'eu-west-1',
};

let bench: Bench;
beforeEach(() => {
  bench = createBench();
});

describe('every message has one final log line, with its ids and without its body:', () => {
  test('answered, with the outcome', async () => {
    await bench.handle(bench.record(REQUEST));
    const [completion] = bench.completions();
    expect(bench.lines).toEqual([
      {
        level: 'info',
        text: 'Message done',
        fields: { ...ids, outcome: 'created', completionId: completion.id, sinceArrivalMs: expect.any(Number) },
      },
    ]);
  });

  test('postponed, with the reason and the time', async () => {
    bench.ivsChat.inject({ operation: 'CreateRoom', fault: { error: 'PendingVerification' } });
    await bench.handle(bench.record(REQUEST));
    expect(bench.lines).toEqual([
      {
        level: 'info',
        text: 'Message postponed',
        fields: { ...ids, outcome: 'postponed', reason: 'blocked', until: '2026-01-01T00:06:45.500Z' },
      },
    ]);
  });

  test('postponed because of an error of AWS, with the error', async () => {
    bench.fail('Publish');
    await bench.handle(bench.record(REQUEST));
    expect(bench.lines[0]?.fields).toMatchObject({
      reason: 'publish-failed',
      error: { name: 'OutOfOrder', message: 'out of order' },
    });
  });

  test('parked, with the reason', async () => {
    await bench.handle(bench.record('?', { messageId: 'm7' }));
    expect(bench.lines).toEqual([
      {
        level: 'info',
        text: 'Message done',
        fields: {
          messageId: 'm7',
          receiveCount: 1,
          lane: 'interactive',
          outcome: 'parked',
          reason: 'unparseable',
          failure: 'unparseable',
        },
      },
    ]);
  });

  test('parked as a dead letter, with its completion', async () => {
    await bench.handle(bench.record(REQUEST), { deadLetters: true });
    const [completion] = bench.completions();
    expect(bench.lines[0]?.fields).toMatchObject({
      reason: 'dead-lettered',
      failure: 'dead-lettered',
      completionId: completion.id,
    });
  });

  test('invalid, with the key that could be read', async () => {
    await bench.handle(bench.record({ ...REQUEST, room: 5 }));
    expect(bench.lines[0]?.fields).toMatchObject({ ...ids, outcome: 'invalid', failure: 'invalid-request' });
  });

  // As docs/operations.md describes: the ledger has no item for an invalid message, and none for the second payload of a key.
  test('invalid or a reused key, which counts again if the same message is delivered again', async () => {
    await bench.handle(bench.record(REQUEST));
    const reused = bench.record({ ...REQUEST, room: { name: 'another' } });
    const invalid = bench.record({ ...REQUEST, room: 5 });
    for (const record of [reused, reused, invalid, invalid]) await bench.handle(record);
    const ids = bench.completions().map(({ id }: { id: string }) => id);
    // Nevertheless, all copies of a completion have the same id.
    expect(new Set(ids).size).toBe(3);
    expect(bench.measures.filter(([name]) => name === 'countFailure').map(([, reason]) => reason)).toEqual([
      'key-reused-with-different-payload',
      'key-reused-with-different-payload',
      'invalid-request',
      'invalid-request',
    ]);
  });

  test('failed, with the reason, which a replay does not have, so that each failure counts once', async () => {
    bench.ivsChat.inject({ operation: 'CreateRoom', fault: { error: 'ValidationException' } });
    const record = bench.record(REQUEST);
    await bench.handle(record);
    await bench.handle(record);
    expect(bench.lines.map(({ fields: { outcome, failure } }) => [outcome, failure])).toEqual([
      ['failed', 'refused'],
      ['replayed', undefined],
    ]);
    expect(bench.measures.filter(([name]) => name === 'countFailure')).toEqual([['countFailure', 'refused']]);
  });
});
