import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Bench, createBench, START_MS } from '../../support/memory-bench.ts';

const REQUEST = { idempotencyKey: 'key', room: { name: 'hall' } };
let bench: Bench;
beforeEach(() => {
  bench = createBench();
});

describe('a request without failures', () => {
  test('takes one slot, four ledger writes, one CreateRoom and one publication', async () => {
    const outcome = await bench.handle(bench.record(REQUEST));
    expect(bench.callNames()).toEqual([
      'UpdateItem',
      'UpdateItem',
      'UpdateItem',
      'CreateRoom',
      'UpdateItem',
      'Publish',
      'UpdateItem',
    ]);
    const [completion] = bench.completions();
    expect(outcome).toEqual({ kind: 'answered', how: 'created', completionId: completion.id });
    expect(bench.item('key')).toMatchObject({ status: 'COMPLETED', decided_at: START_MS });
  });
});

// The example of tests/README.md.
test('a room that IVS Chat refuses is a failed completion', async () => {
  const bench = createBench();
  bench.ivsChat.inject({ operation: 'CreateRoom', fault: { error: 'ValidationException' } });
  await bench.handle(bench.record({ idempotencyKey: 'key', room: {} }));
  expect(bench.completions()).toMatchObject([{ data: { outcome: 'failed', reason: 'refused' } }]);
});
