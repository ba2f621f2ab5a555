import { beforeEach, describe, expect, test } from '@jest/globals';
import { ledgerKey } from '../../../lib/contract/keys.ts';
import { caseOf, recorded } from '../../compatibility/release.ts';
import { type Bench, createBench, START_MS } from '../../support/memory-bench.ts';

const KEY = 'fixture-1\u00a0';

let bench: Bench;
beforeEach(() => {
  bench = createBench();
});

const send = (idempotencyKey: string) => bench.handle(bench.record({ idempotencyKey, room: { name: 'hall' } }));

test('a new key with white space at its end is refused, and no room is created under it or under the trimmed key', async () => {
  expect(await send(KEY)).toMatchObject({ how: 'invalid' });
  expect(bench.completions()).toMatchObject([
    {
      subject: KEY,
      data: {
        reason: 'invalid-request',
        problems: [{ path: 'idempotencyKey', message: expect.stringMatching(/^ends with a no-break space/) }],
      },
    },
  ]);
  expect(bench.callsOf('CreateRoom')).toEqual([]);
  expect([bench.item(KEY), bench.item(KEY.trim())]).toEqual([undefined, undefined]);
});

describe('a requester that has used such a key with release 0.1.0', () => {
  /** Stores an item of the release under the untrimmed key. */
  async function restore(name: string) {
    const found = caseOf(recorded('ledger'), name);
    const renamed = { id: { S: ledgerKey(KEY) }, idempotency_key: { S: KEY } };
    await bench.putItem('ledger', { ...found.item, ...renamed });
    bench.pass(found.recordedAtMs - START_MS + 91_000);
    return { ...found.message, body: JSON.stringify({ ...JSON.parse(found.message.body), idempotencyKey: KEY }) };
  }

  test('gets the stored completion again, and no second room', async () => {
    expect(await bench.handle(await restore('completed, created'))).toMatchObject({ how: 'replayed' });
    expect(bench.callsOf('CreateRoom')).toEqual([]);
  });

  test('gets the room that was begun', async () => {
    expect(await bench.handle(await restore('released, without an intent'))).toMatchObject({ how: 'created' });
    expect(bench.ivsChat.rooms()).toHaveLength(1);
  });

  test('is refused if the key has failed, and is sent again', async () => {
    await restore('completed, failed: refused');
    bench.pass(60_000);
    expect(await send(KEY)).toMatchObject({ how: 'invalid' });
    expect(bench.callsOf('CreateRoom')).toEqual([]);
  });
});
