import { CreateRoomCommand } from '@aws-sdk/client-ivschat';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Bench, createBench, START_MS } from '../../support/memory-bench.ts';
import { REGION } from '../../support/memory-services.ts';

const HOUR_MS = 3_600_000;
const REQUEST = { idempotencyKey: 'key', room: { name: 'hall' } };
const QUOTA = { error: 'ServiceQuotaExceededException' };

let bench: Bench;
/** A call with an unknown outcome that had no effect. An hour later, 2,000 other rooms have the same name, which are 41 pages. */
beforeEach(async () => {
  bench = createBench({ listingLagMs: 60_000 });
  bench.ivsChat.inject({ operation: 'CreateRoom', fault: { unsent: true } });
  await deliver();
  bench.pass(HOUR_MS);
  const untilMs = bench.clock.nowMs() - 600_000;
  bench.ivsChat.seedRooms({ region: REGION, name: 'hall', count: 2_000, sinceMs: START_MS + 1, untilMs, lagMs: 0 });
});

const deliver = () =>
  bench.handle(bench.record(REQUEST, { attributes: { ApproximateReceiveCount: 1, SentTimestamp: START_MS } }));
const listings = () => bench.callsOf('ListRooms').length;
const closeRegion = () => bench.ivsChat.inject({ operation: 'CreateRoom', times: 1_000, fault: QUOTA });
/** How many pages the next delivery reads. */
async function pagesOfNext(): Promise<number> {
  const before = listings();
  await deliver();
  return listings() - before;
}

describe('the proof that a settled intent has no room is found once, and stays valid', () => {
  test('while the region is closed: the list is read once, and then only its first page at each receive', async () => {
    closeRegion();
    expect(await pagesOfNext()).toBeGreaterThan(40);
    for (const _receive of Array(8)) {
      bench.pass(HOUR_MS);
      expect(await pagesOfNext()).toBe(1);
    }
  });

  test('after a call that was refused: the replaced intent is restored together with its proof', async () => {
    await bench.setPace('CreateRoom', { free_at: 0 });
    bench.ivsChat.inject({ operation: 'CreateRoom', fault: QUOTA });
    await deliver();
    const { create_started_at, listing } = bench.stored('key');
    expect(listing).toEqual({ intent: create_started_at, started_at: expect.any(Number), none: true });
    bench.pass(3 * HOUR_MS);
    expect(await pagesOfNext()).toBe(1);
    expect(bench.completions()).toMatchObject([{ data: { outcome: 'created' } }]);
  });

  test('even if reading the first page fails', async () => {
    closeRegion();
    await deliver();
    bench.pass(3 * HOUR_MS);
    bench.ivsChat.inject({ operation: 'ListRooms', fault: { error: 'InternalServerException', status: 500 } });
    expect(await deliver()).toMatchObject({ kind: 'postponed', reason: 'reconcile-failed' });
    bench.pass(HOUR_MS);
    expect(await pagesOfNext()).toBe(1);
  });

  test('only for that intent: after the next call without an answer, the list is read again', async () => {
    closeRegion();
    await deliver();
    const { listing } = bench.stored('key');
    const next = bench.clock.nowMs();
    await bench.changeItem('key', { create_started_at: next });
    bench.pass(2 * HOUR_MS);
    await deliver();
    expect(bench.stored('key').listing).toMatchObject({ intent: next });
    expect(listing).toMatchObject({ none: true });
  });

  test('but a room that appears later than every bound is still found, because it is at the top of the list', async () => {
    bench.ivsChat.inject({ operation: 'CreateRoom', fault: QUOTA });
    await deliver();
    const tags = { 'greenroom:claim': `${bench.stored('key').claim_id}.0` };
    await bench.services.clients.ivsChat(REGION).send(new CreateRoomCommand({ name: 'hall', tags }));
    bench.pass(3 * HOUR_MS);
    expect(await deliver()).toMatchObject({ kind: 'answered', how: 'adopted' });
  });
});
