import { beforeEach, describe, expect, test } from '@jest/globals';
import { ledgerKey } from '../../../lib/contract/keys.ts';
import { type Bench, createBench } from '../../support/memory-bench.ts';

const REQUEST = { idempotencyKey: 'key', room: { name: 'hall' }, tenant: 'arena', correlationId: 'c' };
const ids = { messageId: 'message', receiveCount: 1, ledgerKey: ledgerKey('key'), tenant: 'arena', correlationId: 'c' };

let bench: Bench;
beforeEach(() => {
  bench = createBench();
});

describe('every message ends in one line, with its ids and nothing of its body', () => {
  test('answered: what became of it', async () => {
    await bench.handle(bench.record(REQUEST));
    const [completion] = bench.completions();
    expect(bench.lines).toEqual([
      {
        level: 'info',
        text: 'Message done',
        fields: { ...ids, outcome: 'created', completionId: completion.id },
      },
    ]);
  });

  test('postponed: why and until when', async () => {
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

  test('postponed by a failure of AWS: which one', async () => {
    bench.fail('Publish');
    await bench.handle(bench.record(REQUEST));
    expect(bench.lines[0]?.fields).toMatchObject({
      reason: 'publish-failed',
      error: { name: 'OutOfOrder', message: 'out of order' },
    });
  });

  test('parked: for which reason', async () => {
    await bench.handle(bench.record('?', { messageId: 'm7' }));
    expect(bench.lines).toEqual([
      {
        level: 'info',
        text: 'Message done',
        fields: { messageId: 'm7', receiveCount: 1, outcome: 'parked', reason: 'unparseable' },
      },
    ]);
  });

  test('parked as a dead letter: with its answer', async () => {
    await bench.handle(bench.record(REQUEST), { deadLetters: true });
    const [completion] = bench.completions();
    expect(bench.lines[0]?.fields).toMatchObject({ reason: 'dead-lettered', completionId: completion.id });
  });

  test('invalid: by the key that could be read', async () => {
    await bench.handle(bench.record({ ...REQUEST, room: 5 }));
    expect(bench.lines[0]?.fields).toMatchObject({ ...ids, outcome: 'invalid' });
  });
});
