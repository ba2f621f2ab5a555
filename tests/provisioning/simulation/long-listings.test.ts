import { beforeEach, describe, expect, test } from '@jest/globals';
import { shareOfAgeMs } from '../../../lib/platform/waits.ts';
import { type Bench, createBench, DAY_MS, START_MS } from '../../support/memory-bench.ts';
import { REGION } from '../../support/memory-services.ts';

const REQUEST = { idempotencyKey: 'key', room: { name: 'hall' } };
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** The maximum number of rooms that an account can create in a region each second. */
const QUOTA = 5;
const ROOMS = 20_000;
/** How often a request may be received in the ten days for which its queue keeps it. */
const MAX_RECEIVES = 235;

let bench: Bench;
let nowMs: () => number;
beforeEach(() => {
  bench = createBench({ listingLagMs: MINUTE_MS });
  ({ nowMs } = bench.clock);
});

/** Delivers a message once to the handler. @returns when it returns; undefined if it is answered */
async function deliver(receiveCount: number): Promise<number | undefined> {
  const waitsBefore = bench.callsOf('ChangeMessageVisibilityBatch').length;
  const attributes = { ApproximateReceiveCount: receiveCount, SentTimestamp: START_MS };
  const {
    attributes: { ApproximateReceiveCount, SentTimestamp },
    ...record
  } = bench.record(REQUEST, { attributes });
  const system = { ApproximateReceiveCount: String(ApproximateReceiveCount), SentTimestamp: String(SentTimestamp) };
  const { batchItemFailures } = await bench.handleBatch([{ ...record, attributes: system }]);
  if (batchItemFailures.length === 0) return undefined;
  const [wait] = bench.callsOf('ChangeMessageVisibilityBatch').slice(waitsBefore);
  return nowMs() + wait?.input.Entries[0].VisibilityTimeout * 1000;
}

/** Delivers a message whenever it is due, until it is answered. @returns how often it was delivered */
async function deliverUntilAnswered(receivesBefore = 0): Promise<number> {
  for (let receives = 1; receives <= MAX_RECEIVES; receives++) {
    const backAtMs = await deliver(receivesBefore + receives);
    if (backAtMs === undefined) return receives;
    bench.pass(backAtMs - nowMs());
  }
  throw new Error('It is never answered');
}

/** The other rooms are listed immediately, but greenroom's room as late as possible, so that as many rooms as possible precede it. */
function others(count: number, sinceMs: number, untilMs: number): void {
  bench.ivsChat.seedRooms({ region: REGION, name: 'hall', count, sinceMs, untilMs, lagMs: 0 });
}

const lists = () => bench.callsOf('ListRooms').length;
const outcome = () => bench.completions().map(({ data }) => data.outcome);

describe('one lost response among 20,000 rooms of one name', () => {
  test('is found by the early search with 11 calls, although rooms of that name are created all the time', async () => {
    others(ROOMS, START_MS - (ROOMS / QUOTA) * 1000, START_MS);
    bench.ivsChat.inject({ operation: 'CreateRoom', fault: { lostResponse: true } });
    const backAtMs = (await deliver(1)) ?? 0;
    expect([backAtMs - START_MS, lists()]).toEqual([90_000, 1]);
    bench.pass(backAtMs - nowMs());
    others((QUOTA * (backAtMs - START_MS)) / 1000, START_MS + 1, backAtMs);
    expect(await deliver(2)).toBeUndefined();
    expect(outcome()).toEqual(['adopted']);
    expect(lists()).toBe(1 + 10);
  }, 30_000);

  /** The response is lost, and ListRooms fails for a day, in which all the other rooms are created. */
  async function nothingListedForADay(fault: { lostResponse: true } | { unsent: true }): Promise<number> {
    bench.ivsChat.inject({ operation: 'CreateRoom', fault });
    bench.before('ListRooms', () => {
      if (nowMs() < START_MS + DAY_MS) throw Object.assign(new Error('out of order'), { name: 'ServiceUnavailable' });
    });
    let receives = 0;
    while (nowMs() < START_MS + DAY_MS) {
      receives += 1;
      const backAtMs = (await deliver(receives)) ?? Number.NaN;
      bench.pass(backAtMs - nowMs());
    }
    others(ROOMS, START_MS + HOUR_MS, START_MS + DAY_MS - HOUR_MS);
    return receives;
  }

  test('is found behind all other rooms by several invocations with 401 calls', async () => {
    const receivesBefore = await nothingListedForADay({ lostResponse: true });
    const before = lists();
    const receives = await deliverUntilAnswered(receivesBefore);
    expect(outcome()).toEqual(['adopted']);
    expect(lists() - before).toBe(401);
    expect(receives).toBe(2);
    expect(receivesBefore + receives).toBeLessThan(MAX_RECEIVES);
    expect(bench.stored('key')).not.toHaveProperty('listing');
    expect(bench.ivsChat.rooms().filter(({ tags }) => tags['greenroom:key'])).toHaveLength(1);
  }, 60_000);

  test('is proved to have created no room after the same number of calls and a last look', async () => {
    const receivesBefore = await nothingListedForADay({ unsent: true });
    const before = lists();
    await deliverUntilAnswered(receivesBefore);
    // By now, the room is no longer needed. The request is given up, which was not possible while the intent was open.
    expect(outcome()).toEqual(['failed']);
    expect(lists() - before).toBe(401);
  }, 60_000);

  test('is found even if the service refuses the token of the first invocation', async () => {
    const receivesBefore = await nothingListedForADay({ lostResponse: true });
    const before = lists();
    const backAtMs = (await deliver(receivesBefore + 1)) ?? Number.NaN;
    const inOneInvocation = lists() - before;
    expect(bench.stored('key').listing).toMatchObject({ intent: START_MS, started_at: expect.any(Number) });
    bench.ivsChat.refuseTokens();
    bench.pass(backAtMs - nowMs());
    await deliverUntilAnswered(receivesBefore + 1);
    expect(outcome()).toEqual(['adopted']);
    expect(lists() - before).toBe(inOneInvocation + 1 + 401);
  }, 60_000);
});

describe('one listing', () => {
  test('serves all requests of a batch that search for rooms with the same name', async () => {
    const keys = Array.from({ length: 10 }, (_, number) => `key-${number}`);
    const record = (idempotencyKey: string) => ({
      ...bench.record({ ...REQUEST, idempotencyKey }),
      messageId: idempotencyKey,
      attributes: { ApproximateReceiveCount: '1', SentTimestamp: String(START_MS) },
    });
    bench.ivsChat.inject({ operation: 'CreateRoom', times: 5, fault: { lostResponse: true } });
    bench.ivsChat.inject({ operation: 'CreateRoom', times: 5, fault: { unsent: true } });
    await bench.handleBatch(keys.map(record));
    others(170, nowMs(), nowMs() + HOUR_MS);
    bench.pass(HOUR_MS);
    const before = lists();
    expect(await bench.handleBatch(keys.map(record))).toEqual({ batchItemFailures: [] });
    expect(outcome().toSorted()).toEqual([...Array(5).fill('adopted'), ...Array(5).fill('created')]);
    // Four pages with 170 rooms and those of the requests, and one last look.
    expect(lists() - before).toBe(5);
  });
});

describe('235 receives', () => {
  /** How many messages are handled at a time: 15 invocations with 10 messages each. */
  const AT_A_TIME = 150;
  const LISTS_MS = 47_000;

  test('suffice for all requests that are handled at a time if each has its own name with 50,000 rooms', () => {
    const pagesOfOne = (QUOTA * LISTS_MS) / 1000;
    let [receives, pages, ageMs] = [0, 0, 0];
    for (; pages < 50_000 / 50 + 1; receives++) {
      const waitMs = shareOfAgeMs(ageMs, () => 0);
      // A request that waits leaves its slots to the others.
      const listing = Math.max(1, (AT_A_TIME * LISTS_MS) / (LISTS_MS + waitMs));
      pages += pagesOfOne / listing;
      ageMs += LISTS_MS + waitMs;
    }
    expect(receives).toBeLessThan(50);
    expect(ageMs).toBeLessThan(12 * HOUR_MS);
  });
});
