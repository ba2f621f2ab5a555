import { beforeEach, describe, expect, test } from '@jest/globals';
import { Postponement } from '../../../lib/provisioning/postponement.ts';
import { type Bench, createBench, START_MS } from '../../support/memory-bench.ts';

const REQUEST = { idempotencyKey: 'key', room: { name: 'hall' } };

let bench: Bench;
beforeEach(() => {
  bench = createBench();
});

const deliver = () =>
  bench.handle(bench.record(REQUEST, { attributes: { ApproximateReceiveCount: 40, SentTimestamp: START_MS } }));

/** Changes the item as if the key had been postponed for these reasons. */
async function postponedBefore(waits: object): Promise<void> {
  await deliver();
  await bench.changeItem('key', { waits });
}

describe('a request for which there is no slot in time', () => {
  test.each([
    // The jitter adds half of a quarter of the wait, and half a second.
    ['first', undefined, 113_000],
    ['second', { first: START_MS - 9, last: START_MS - 1, count: 1 }, 114_125],
    ['third', { first: START_MS - 9, last: START_MS - 1, count: 2 }, 117_500],
    ['five-hundredth', { first: START_MS - 9, last: START_MS - 7_199_999, count: 499 }, 4_500_500],
    ['first for two hours', { first: START_MS - 9, last: START_MS - 7_200_000, count: 499 }, 113_000],
  ])(
    'for the %s time returns at its turn, later each time and never together with all others',
    async (_nth, noSlot, ms) => {
      await bench.setPace('CreateRoom', { free_at: START_MS + 100_000 });
      if (noSlot) await postponedBefore({ 'no-slot': noSlot });
      expect(await deliver()).toMatchObject({ kind: 'postponed', reason: 'no-slot', untilMs: START_MS + ms });
      expect(bench.callsOf('CreateRoom')).toEqual([]);
      expect(bench.item('key')).not.toHaveProperty('create_started_at');
      expect(bench.measures).toEqual([]);
    },
  );

  test('while the breaker is open, returns when the region is probed', async () => {
    await bench.setPace('CreateRoom', { free_at: 0, open_until: START_MS + 50_000, opened_by: 'x', open_step: 1 });
    expect(await deliver()).toMatchObject({ reason: 'breaker-open', untilMs: START_MS + 50_000 + 6_750 });
    expect(bench.measures).toEqual([['countBreakerOpen', 'eu-west-1']]);
    expect(bench.callsOf('CreateRoom')).toEqual([]);
  });

  test('while its lane is paused, returns after a fraction of the time for which it has waited', async () => {
    await bench.setPace('CreateRoom', { interactive_paused_until: 8.64e15 });
    await postponedBefore({ paused: { first: START_MS - 600_000, last: START_MS - 1, count: 9 } });
    const outcome = await deliver();
    expect(outcome).toMatchObject({ kind: 'postponed', reason: 'paused' });
    const waitMs = outcome.kind === 'postponed' ? outcome.untilMs - START_MS : 0;
    expect(waitMs).toBeGreaterThan(150_000);
    expect(waitMs).toBeLessThan(250_000);
    expect(bench.callsOf('CreateRoom')).toEqual([]);
    expect(bench.item('key')).not.toHaveProperty('create_started_at');
  });

  test('while its lane is paused, returns soon after a known end', async () => {
    await bench.setPace('CreateRoom', { interactive_paused_until: START_MS + 5_000 });
    await postponedBefore({ paused: { first: START_MS - 600_000, last: START_MS - 1, count: 9 } });
    expect(await deliver()).toMatchObject({ reason: 'paused', untilMs: START_MS + 5_000 + 1_125 });
  });

  test('while the other lane is paused, does not wait', async () => {
    await bench.setPace('CreateRoom', { bulk_paused_until: 8.64e15 });
    expect(await deliver()).toMatchObject({ kind: 'answered' });
  });

  test('while its lane is paused, expires when its room is no longer needed', async () => {
    await bench.setPace('CreateRoom', { interactive_paused_until: 8.64e15 });
    const neededBy = new Date(START_MS + 60_000).toISOString();
    const record = () => bench.record({ ...REQUEST, neededBy });
    expect(await bench.handle(record())).toMatchObject({ reason: 'paused' });
    bench.pass(60_001);
    await bench.handle(record());
    expect(bench.completions().map(({ data }) => data)).toEqual([expect.objectContaining({ reason: 'expired' })]);
    expect(bench.callsOf('CreateRoom')).toEqual([]);
  });

  test('of ListRooms searches for its room later', async () => {
    await bench.crash(bench.record(REQUEST), 'CreateRoom');
    bench.pass(90_001);
    await bench.setPace('ListRooms', { free_at: START_MS + 190_001 });
    expect(await deliver()).toMatchObject({ reason: 'no-slot', untilMs: START_MS + 190_001 + 13_000 });
    expect(bench.callsOf('ListRooms')).toEqual([]);
  });
});

/** Something happens once, before the next write of an intent. */
function whenIntentIsWritten(action: () => void): void {
  let done = false;
  bench.before('UpdateItem', ({ input }) => {
    if (done || !isIntent(input)) return;
    done = true;
    action();
  });
}
const isIntent = (input: Record<string, unknown>) =>
  String(input.UpdateExpression).includes('#create_started_at = :now');
const sentAtMs = () => bench.callsOf('CreateRoom').map(({ atMs }) => Math.round(atMs - START_MS));

describe('the intent of a call', () => {
  const intentsAtMs = () =>
    bench.callsOf('UpdateItem').flatMap(({ atMs, input }) => (isIntent(input) ? [Math.round(atMs - START_MS)] : []));

  beforeEach(() => bench.setPace('CreateRoom', { free_at: START_MS + 500 }));

  test.each([0, 99, 100])(
    'is written before the slot, so that a write of %i ms does not make the call late',
    async (ms) => {
      whenIntentIsWritten(() => bench.pass(ms));
      expect(await deliver()).toMatchObject({ kind: 'answered', how: 'created' });
      expect(intentsAtMs()).toEqual([400]);
      expect(sentAtMs()).toEqual([500]);
    },
  );

  test('is the signing date of the call, and not the slot', async () => {
    await bench.setPace('CreateRoom', { free_at: START_MS + 1_050 });
    await deliver();
    const [call] = bench.ivsChat.calls().createRoom;
    expect([intentsAtMs(), sentAtMs()]).toEqual([[950], [1_050]]);
    expect(call?.signedAt).toBe(signingDate(START_MS + 950));
  });

  test('is taken back if the invocation ends before the slot, because nothing was sent', async () => {
    const end = new AbortController();
    whenIntentIsWritten(() => end.abort(new Postponement('deadline')));
    expect(await bench.handle(bench.record(REQUEST), { signal: end.signal })).toMatchObject({
      kind: 'postponed',
      reason: 'deadline',
      untilMs: bench.clock.nowMs() + 1_950,
    });
    expect(sentAtMs()).toEqual([]);
    expect(bench.stored('key')).toMatchObject({ lease_end: 0 });
    expect(bench.stored('key')).not.toHaveProperty('create_started_at');
  });
});

describe('a worker that is late for its slot', () => {
  /** Makes the next write of an intent take this long. */
  const intentTakes = (ms: number) => whenIntentIsWritten(() => bench.pass(ms));
  const intents = () => bench.callsOf('UpdateItem').filter(({ input }) => isIntent(input)).length;
  const slots = () => bench.callsOf('UpdateItem').filter(({ input }) => input.TableName === 'pace').length;

  test('does not send, takes its intent back and takes another slot immediately', async () => {
    intentTakes(101);
    expect(await deliver()).toMatchObject({ kind: 'answered', how: 'created' });
    expect(sentAtMs()).toEqual([301]);
    expect(slots()).toBe(2);
    expect(bench.stored('key').version).toBe(6);
  });

  test('sends if it is not later than the tolerance', async () => {
    intentTakes(100);
    await deliver();
    expect([bench.callsOf('CreateRoom').length, slots()]).toEqual([1, 1]);
  });

  test('sends late after it has been late three times, but not after fifty more punctual calls', async () => {
    const { services } = bench;
    let keys = 0;
    const deliverNext = async () => {
      keys += 1;
      const before = intents();
      await bench.handle(bench.record({ ...REQUEST, idempotencyKey: `key-${keys}` }), { services });
      return intents() - before;
    };
    const deliverLate = () => {
      // The slot may be as far ahead as the preparation takes.
      intentTakes(201);
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

/** A time in the format of `X-Amz-Date`. */
function signingDate(ms: number): string {
  return `${new Date(ms).toISOString().replace(/[-:]|\.\d+/g, '')}`;
}
