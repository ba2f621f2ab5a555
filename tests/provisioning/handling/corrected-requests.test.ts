import { beforeEach, expect, test } from '@jest/globals';
import { Postponement } from '../../../lib/provisioning/postponement.ts';
import { type Bench, createBench, START_MS } from '../../support/memory-bench.ts';

const REQUEST = { idempotencyKey: 'key', room: { name: 'hall' } };
const CORRECTED = { idempotencyKey: 'key', room: { name: 'studio' } };
const LEASE_MS = 90_000;

let bench: Bench;
beforeEach(() => {
  bench = createBench();
});

/**
 * A request that EventBridge delivers and that is sent now. Its `time` has whole seconds, as in every example of
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html ("time": "2017-12-22T18:43:48Z"); the
 * milliseconds are cut off, not rounded: "AWS, for unknown reasons, truncates this" (https://github.com/DataDog/dd-trace-js/pull/1873).
 */
function eventBridge(detail: object) {
  const time = new Date(Math.floor(bench.clock.nowMs() / 1_000) * 1_000).toISOString().replace('.000Z', 'Z');
  return bench.record({ version: '0', 'detail-type': 'Room Requested', source: 'x', time, detail });
}

const refuse = () => bench.ivsChat.inject({ operation: 'CreateRoom', fault: { error: 'ValidationException' } });

test.each([1, 400, 999])(
  'a corrected request that is sent in the second in which the failure is published gets its room (%i ms)',
  async (ms) => {
    refuse();
    bench.pass(ms);
    expect(await bench.handle(eventBridge(REQUEST))).toMatchObject({ how: 'failed' });
    // No sender can react to the completion any faster.
    expect(await bench.handle(eventBridge(CORRECTED))).toMatchObject({ kind: 'answered', how: 'created' });
  },
);

test('a failure that is decided in the first millisecond of a second waits for the next second too', async () => {
  refuse();
  await bench.handle(eventBridge(REQUEST));
  expect(bench.stored('key').decided_at).toBe(START_MS);
  expect(bench.callsOf('Publish').map(({ atMs }) => atMs)).toEqual([START_MS + 1_000]);
});

test('a room is published immediately, and so is a failure to which no sender can react too fast', async () => {
  await bench.handle(eventBridge(REQUEST));
  expect(bench.callsOf('Publish').at(-1)?.atMs).toBe(START_MS);
  await bench.handle(eventBridge(CORRECTED));
  expect(bench.callsOf('Publish').at(-1)?.atMs).toBe(START_MS);
  await bench.handle(eventBridge({ idempotencyKey: 'key', room: 5 }));
  expect(bench.callsOf('Publish').at(-1)?.atMs).toBe(START_MS);
});

test('an invocation that ends during the wait publishes nothing, and the next delivery publishes immediately', async () => {
  refuse();
  const stop = new AbortController();
  bench.before('UpdateItem', ({ input }) => {
    if (input.UpdateExpression.includes('#decision')) stop.abort(new Postponement('deadline'));
  });
  const record = eventBridge(REQUEST);
  expect(await bench.handle(record, { signal: stop.signal })).toMatchObject({ kind: 'postponed', reason: 'deadline' });
  expect(bench.completions()).toEqual([]);
  expect(bench.stored('key')).toMatchObject({ status: 'INPROGRESS', decision: 'failed', lease_end: 0 });
  bench.pass(2_000);
  expect(await bench.handle(record)).toMatchObject({ kind: 'answered' });
  expect(bench.callsOf('Publish').map(({ atMs }) => atMs)).toEqual([START_MS + 2_000]);
});

test('a worker whose clock is behind does not publish another worker’s failure too early either', async () => {
  refuse();
  const record = eventBridge(REQUEST);
  await bench.crash(record, 'Publish');
  bench.pass(LEASE_MS + 1);
  const decidedAtMs = bench.clock.nowMs() + 700;
  await bench.changeItem('key', { decided_at: decidedAtMs });
  await bench.handle(record);
  expect(bench.callsOf('Publish').at(-1)?.atMs).toBe(Math.ceil(decidedAtMs / 1_000) * 1_000);
});
