import { describe, expect, test } from '@jest/globals';
import type { DeliveredCompletion } from '../../client/completion-feed.ts';
import { outcomesOf } from '../../client/outcomes-of-key.ts';
import type { Completion } from '../../lib/contract/completion.ts';
import { createBench } from '../support/memory-bench.ts';

const KEY = 'key';
const request = { idempotencyKey: KEY, room: {} };

/** A subscribed queue: the completions that are published from now on, in the order in which they are consumed. */
async function* delivered(completions: readonly Completion[]): AsyncGenerator<DeliveredCompletion> {
  for (const completion of completions) yield { completion, attributes: {} };
}

async function outcomes(bench: ReturnType<typeof createBench>, queue: readonly Completion[], onlyNew = false) {
  const ledger = { dynamodb: bench.services.clients.dynamodb, ledgerTable: 'ledger' };
  const found = [];
  for await (const { id } of outcomesOf(KEY, delivered(queue), ledger, { onlyNew })) found.push(id);
  return found;
}

describe('the outcomes of a key', () => {
  test('begin with the stored one, which is not repeated if it arrives in the queue too', async () => {
    const bench = createBench();
    await bench.handle(bench.record(request));
    const [completion] = bench.completions();
    expect(await outcomes(bench, [])).toEqual([completion.id]);
    expect(await outcomes(bench, [completion, completion])).toEqual([completion.id]);
  });

  test('that is decided only after the ledger was read comes from the queue, and those of other keys are left out', async () => {
    const bench = createBench();
    await bench.handle(bench.record({ ...request, idempotencyKey: 'other' }));
    await bench.handle(bench.record(request));
    const [other, own] = bench.completions();
    expect(await outcomes(createBench(), [other, own])).toEqual([own.id]);
  });

  test('include a decision whose publication the ledger does not confirm yet, because it may have been published already', async () => {
    const bench = createBench();
    await bench.crash(bench.record(request), 'Publish');
    expect(bench.completions()).toEqual([]);
    const { id } = JSON.parse(String(bench.stored(KEY).completion));
    expect(await outcomes(bench, [])).toEqual([id]);
  });

  test('do not come before a person has repaired a damaged item, so nobody waits for them', async () => {
    const bench = createBench();
    await bench.handle(bench.record(request));
    await bench.changeItem(KEY, { version: 'two' });
    await expect(outcomes(bench, [])).rejects.toThrow('The ledger item of key is damaged');
  });

  test('of a failed key continue with that of the next request', async () => {
    const bench = createBench();
    bench.ivsChat.inject({ operation: 'CreateRoom', times: 1, fault: { error: 'ValidationException' } });
    await bench.handle(bench.record(request));
    const [failed] = bench.completions();
    const next = { ...failed, id: 'next' };
    expect(await outcomes(bench, [failed, next])).toEqual([failed.id, 'next']);
    expect(await outcomes(bench, [failed, next], true)).toEqual(['next']);
  });
});
