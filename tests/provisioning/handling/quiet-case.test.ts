import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Bench, createBench, START_MS } from '../../support/memory-bench.ts';

const REQUEST = { idempotencyKey: 'key', room: { name: 'hall' } };
let bench: Bench;
beforeEach(() => {
  bench = createBench();
});

describe('the quiet case', () => {
  test('is one slot, four ledger writes, one CreateRoom, one publication', async () => {
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
