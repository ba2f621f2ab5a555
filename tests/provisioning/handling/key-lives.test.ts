import { beforeEach, expect, test } from '@jest/globals';
import { type Bench, createBench, DAY_MS } from '../../support/memory-bench.ts';

const REQUEST = { idempotencyKey: 'key', room: { name: 'hall' } };
const OTHER = { idempotencyKey: 'key', room: { name: 'studio' } };

let bench: Bench;
beforeEach(() => {
  bench = createBench();
});

/** The same requests in one life of a key: the outcome, a replay, and another payload that fails because of the outcome. */
async function live(): Promise<void> {
  for (const record of [REQUEST, REQUEST, OTHER].map((body) => bench.record(body))) await bench.handle(record);
}

test.each([
  ['created', () => undefined],
  [
    'failed',
    () => bench.ivsChat.inject({ operation: 'CreateRoom', fault: { error: 'ValidationException' }, times: 2 }),
  ],
])(
  'no completion of a key’s next life has an id of an earlier life, because consumers would drop it (%s)',
  async (how, prepare) => {
    prepare();
    await live();
    bench.pass(91 * DAY_MS);
    await bench.removeItem('key');
    await live();

    const [first, replay, reused, next, nextReplay, nextReused] = bench.completions();
    expect([first, next].map(({ data }) => [data.outcome, data.generation])).toEqual([
      [how, 0],
      [how, 0],
    ]);
    expect(new Set([first, reused, next, nextReused].map(({ id }) => id)).size).toBe(4);
    expect([replay.id, nextReplay.id]).toEqual([first.id, next.id]);
    expect(next.data.claimId).toBe(bench.stored('key').claim_id);
    expect(nextReused.data).toMatchObject({ reason: 'key-reused-with-different-payload', claimId: next.data.claimId });
  },
);

test('a completion that an earlier release has stored keeps its id and its text', async () => {
  await bench.handle(bench.record(REQUEST));
  const { claimId, ...data } = bench.completions()[0].data;
  const stored = { ...bench.completions()[0], id: 'ab'.repeat(32), data };
  await bench.changeItem('key', { completion: JSON.stringify(stored) });
  await bench.handle(bench.record(REQUEST));
  expect(bench.completions().at(-1)).toEqual(stored);
});
