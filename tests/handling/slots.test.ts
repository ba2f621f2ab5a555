import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Bench, createBench, START_MS } from '../support/memory-bench.ts';

const REQUEST = { idempotencyKey: 'key', room: { name: 'hall' } };

let bench: Bench;
beforeEach(() => {
  bench = createBench();
});

const deliver = (receiveCount = 1) =>
  bench.handle(
    bench.record(REQUEST, { attributes: { ApproximateReceiveCount: receiveCount, SentTimestamp: START_MS } }),
  );

describe('a request for which there is no slot in time', () => {
  test.each([
    // Half of a quarter of the wait and of a second is added.
    [1, 113_000],
    [2, 114_125],
    [3, 117_500],
    [500, 4_163_000],
  ])('received %i times, comes back at its turn, later each time and never with all others', async (count, ms) => {
    await bench.setPace('CreateRoom', { free_at: START_MS + 100_000 });
    expect(await deliver(count)).toMatchObject({ kind: 'postponed', reason: 'no-slot', untilMs: START_MS + ms });
    expect(bench.callsOf('CreateRoom')).toEqual([]);
    expect(bench.item('key')).not.toHaveProperty('create_started_at');
    expect(bench.measures).toEqual([]);
  });

  test('while the breaker is open, comes back when it is probed', async () => {
    await bench.setPace('CreateRoom', { free_at: 0, open_until: START_MS + 50_000, opened_by: 'x', open_step: 1 });
    expect(await deliver()).toMatchObject({ reason: 'breaker-open', untilMs: START_MS + 50_000 + 6_750 });
    expect(bench.measures).toEqual([['countBreakerOpen', 'eu-west-1']]);
    expect(bench.callsOf('CreateRoom')).toEqual([]);
  });

  test('of ListRooms either, looks later', async () => {
    await bench.crash(bench.record(REQUEST), 'CreateRoom');
    bench.pass(90_001);
    await bench.setPace('ListRooms', { free_at: START_MS + 190_001 });
    expect(await deliver()).toMatchObject({ reason: 'no-slot', untilMs: START_MS + 190_001 + 13_000 });
    expect(bench.callsOf('ListRooms')).toEqual([]);
  });
});

describe('a worker that comes too late for its slot', () => {
  /** The write of the intent takes so long, once. */
  function intentTakes(ms: number): void {
    let done = false;
    bench.before('UpdateItem', ({ input }) => {
      if (done || !isIntent(input)) return;
      done = true;
      bench.pass(ms);
    });
  }
  const isIntent = (input: Record<string, unknown>) =>
    String(input.UpdateExpression).includes('#create_started_at = :now');
  const intents = () => bench.callsOf('UpdateItem').filter(({ input }) => isIntent(input)).length;
  const slots = () => bench.callsOf('UpdateItem').filter(({ input }) => input.TableName === 'pace').length;

  test('does not send, takes its intent back and takes another slot at once', async () => {
    intentTakes(101);
    expect(await deliver()).toMatchObject({ kind: 'answered', how: 'created' });
    expect(bench.callsOf('CreateRoom').map(({ atMs }) => Math.round(atMs - START_MS))).toEqual([301]);
    expect(slots()).toBe(2);
    expect(bench.stored('key').version).toBe(6);
  });

  test('sends if it is just in time', async () => {
    intentTakes(100);
    await deliver();
    expect([bench.callsOf('CreateRoom').length, slots()]).toEqual([1, 1]);
  });

  test('sends late when it has been late three times, but not any more after fifty calls in time', async () => {
    const { services } = bench;
    let keys = 0;
    const deliverNext = async () => {
      keys += 1;
      const before = intents();
      await bench.handle(bench.record({ ...REQUEST, idempotencyKey: `key-${keys}` }), { services });
      return intents() - before;
    };
    const deliverLate = () => {
      intentTakes(101);
      return deliverNext();
    };
    const inARow = async (times: number, deliverOne: () => Promise<number>) => {
      const taken: number[] = [];
      for (let time = 0; time < times; time++) taken.push(await deliverOne());
      return taken;
    };
    expect(await inARow(4, deliverLate)).toEqual([2, 2, 2, 1]);
    expect(await inARow(50, deliverNext)).toEqual(Array(50).fill(1));
    expect(await deliverLate()).toBe(2);
  });
});
