import { beforeEach, describe, expect, test } from '@jest/globals';
import { payloadHash } from '../../../lib/contract/keys.ts';
import { roomSchema } from '../../../lib/contract/room.ts';
import { caseOf, type LedgerCase, recorded } from '../../compatibility/release.ts';
import { type Bench, createBench, START_MS } from '../../support/memory-bench.ts';

const FUNCTION = 'arn:aws:lambda:us-east-1:123456789012:function:review';
const ROOM = { name: 'hall', messageReviewHandler: { uri: FUNCTION } };
const REFUSED = {
  outcome: 'failed',
  reason: 'invalid-request',
  problems: [{ path: 'room.messageReviewHandler.uri', message: expect.stringMatching(/^is a function in us-east-1/) }],
};

let bench: Bench;
beforeEach(() => {
  bench = createBench();
});

test('a request with a function of another region is answered without calls to IVS Chat or a ledger item', async () => {
  expect(await bench.handle(bench.record({ idempotencyKey: 'k', room: ROOM }))).toMatchObject({ how: 'invalid' });
  expect(bench.completions()).toMatchObject([{ data: REFUSED }]);
  expect(bench.callsOf('CreateRoom')).toEqual([]);
  expect(bench.item('k')).toBeUndefined();
});

test('a request with the region that the problem names gets its room', async () => {
  const request = { idempotencyKey: 'k', room: ROOM, region: 'us-east-1' };
  expect(await bench.handle(bench.record(request))).toMatchObject({ how: 'created' });
});

test('a member with such a function fails in its roster', async () => {
  const member = { idempotencyKey: 'live/e/1', room: ROOM, roster: 'live/e/1' };
  expect(await bench.handle(bench.memberRecord(member))).toMatchObject({ how: 'invalid' });
  expect(bench.messaging.published).toMatchObject([{ attributes: { roster: 'live/e/1' } }]);
});

describe('such a request that release 0.1.0 has begun is continued:', () => {
  const payload_hash = { S: payloadHash({ room: roomSchema.parse(ROOM), region: 'eu-west-1' }) };

  /** Stores the item that the release would have left for this room. */
  async function restore(name: string): Promise<LedgerCase & { request: { idempotencyKey: string } }> {
    const found = caseOf(recorded('ledger'), name);
    await bench.putItem('ledger', { ...found.item, payload_hash });
    bench.pass(found.recordedAtMs - START_MS);
    return { ...found, request: { ...JSON.parse(found.message.body), room: ROOM } };
  }

  test.each(['completed, created', 'completed, adopted', 'completed, failed: refused'])(
    'if its item is "%s", its completion is published again',
    async (name) => {
      const { item, message, request } = await restore(name);
      const again = { ...message, body: JSON.stringify(request) };
      expect(await bench.handle(again)).toMatchObject({ how: 'replayed' });
      expect(bench.completions()).toEqual([JSON.parse(item.completion?.S ?? '')]);
    },
  );

  test('if it was released without an intent, its room is created', async () => {
    const { message, request } = await restore('released, without an intent');
    bench.pass(91_000);
    expect(await bench.handle({ ...message, body: JSON.stringify(request) })).toMatchObject({ how: 'created' });
  });

  test('if it failed and is sent again later, it does not claim the key again', async () => {
    const { request } = await restore('completed, failed: refused');
    bench.pass(60_000);
    expect(await bench.handle(bench.record(request))).toMatchObject({ how: 'invalid' });
    expect(bench.completions()).toMatchObject([{ data: REFUSED }]);
    expect(bench.callsOf('CreateRoom')).toEqual([]);
  });
});
