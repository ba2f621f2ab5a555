import { CreateRoomCommand } from '@aws-sdk/client-ivschat';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { IncomingRecord } from '../../../lib/platform/incoming-record.ts';
import { type Bench, createBench, START_MS } from '../../support/memory-bench.ts';
import { handleBatchOfPrevious } from '../previous-worker.ts';
import { caseOf, recorded } from '../release.ts';

/** The code of release 0.1.0, and the present code before and after releases are switched on. */
type Worker = 'previous' | 'step 1' | 'step 2';

const MINUTE_MS = 60_000;
const REQUEST = { idempotencyKey: 'key', room: { name: 'hall' } };

let bench: Bench;
beforeEach(() => {
  bench = createBench({ listingLagMs: MINUTE_MS });
});

/** Delivers a message once. @returns whether it is done */
async function deliver(worker: Worker, record: IncomingRecord): Promise<boolean> {
  if (worker !== 'previous') bench.switchReleases(worker === 'step 2');
  const { batchItemFailures } = await (worker === 'previous'
    ? handleBatchOfPrevious(bench, [record])
    : bench.handleBatch([record]));
  expect(bench.lines.filter(({ level }) => level === 'error')).toEqual([]);
  return batchItemFailures.length === 0;
}

/** Delivers a message until it is done. Between two deliveries, a lease ends and the settle time passes. */
async function deliverUntilDone(worker: Worker, record: IncomingRecord): Promise<void> {
  for (let delivery = 0; delivery < 10; delivery++) {
    if (await deliver(worker, record)) return;
    bench.pass(20 * MINUTE_MS);
  }
  throw new Error('The message is not done');
}

/** A worker that stops before its nth call takes effect. */
interface Stopped {
  /** Lets the worker continue to its end. */
  resume(): Promise<unknown>;
}

/** @returns undefined if the worker ended before its nth call */
async function stopAtCall(worker: Worker, record: IncomingRecord, nth: number): Promise<Stopped | undefined> {
  const { promise: isResumed, resolve: resume } = Promise.withResolvers<void>();
  const { promise: isStopped, resolve: stop } = Promise.withResolvers<'stopped'>();
  let calls = 0;
  bench.beforeAny(async () => {
    calls += 1;
    if (calls !== nth) return;
    stop('stopped');
    await isResumed;
  });
  const working = deliver(worker, record);
  const first = await Promise.race([isStopped, working]);
  bench.beforeAny(() => undefined);
  if (first !== 'stopped') return undefined;
  return {
    resume: () => {
      resume();
      return working;
    },
  };
}

const published = () => bench.completions().map(({ id, type }) => `${type} ${id}`);
function expectOneRoom(): void {
  const rooms = bench.ivsChat.rooms().map(({ arn }) => arn);
  expect(rooms).toHaveLength(1);
  expect(bench.stored('key')).toMatchObject({ status: 'COMPLETED', decision: 'room', room_arn: rooms[0] });
  expect(new Set(published()).size).toBe(1);
}

describe('a request that two releases handle gets one room and one completion,', () => {
  const PAIRS: [Worker, Worker][] = [
    ['previous', 'step 1'],
    ['step 1', 'previous'],
    ['step 1', 'step 2'],
    ['step 2', 'step 1'],
  ];

  describe.each(PAIRS)('if %s stops at any call, and %s continues:', (first, second) => {
    test.each(['ends', 'resumes when the other worker is done'])('the first worker %s', async (how) => {
      let stops = 0;
      for (let nth = 1; ; nth++) {
        bench = createBench({ listingLagMs: MINUTE_MS });
        const record = bench.record(REQUEST);
        const stopped = await stopAtCall(first, record, nth);
        if (stopped === undefined) break;
        stops += 1;
        bench.pass(2 * MINUTE_MS);
        await deliverUntilDone(second, record);
        if (how !== 'ends') await stopped.resume();
        expectOneRoom();
      }
      // The four writes of the ledger, the reservation, CreateRoom and Publish.
      expect(stops).toBeGreaterThanOrEqual(7);
    });
  });

  test('control: two rooms are found if a worker ignores the intent of the other', async () => {
    const record = bench.record(REQUEST);
    bench.ivsChat.inject({ operation: 'CreateRoom', fault: { lostResponse: true } });
    await deliver('previous', record);
    await bench.removeItem('key');
    await deliverUntilDone('step 1', record);
    expect(expectOneRoom).toThrow();
  });
});

describe('an item of release 0.1.0 that the first step has continued can be finished by 0.1.0:', () => {
  const cases = recorded('ledger');
  test.each(Object.keys(cases))('%s', async (name) => {
    const { item, message, rooms, recordedAtMs } = caseOf(cases, name);
    await bench.putItem('ledger', item);
    for (const { name: roomName, tags } of rooms)
      await bench.services.clients.ivsChat('eu-west-1').send(new CreateRoomCommand({ name: roomName, tags }));
    bench.pass(recordedAtMs - START_MS + 2 * MINUTE_MS);
    await deliver('step 1', message);
    bench.pass(20 * MINUTE_MS);
    await deliverUntilDone('previous', message);
    await deliverUntilDone('step 1', message);
    expect(new Set(published()).size).toBe(1);
    expect(bench.ivsChat.rooms().length).toBe(bench.completions()[0].data.outcome === 'failed' ? rooms.length : 1);
    expect(bench.messaging.parked).toEqual([]);
  });
});
