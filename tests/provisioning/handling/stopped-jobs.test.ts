import { beforeEach, describe, expect, test } from '@jest/globals';
import { shortJobId } from '../../../lib/contract/short-job-id.ts';
import { createPaceTable } from '../../../lib/pace/pace-table.ts';
import { forgetStoppedJob, stopJob } from '../../../lib/pace/stopped-jobs.ts';
import { openTables } from '../../../lib/platform/tables.ts';
import { type Bench, createBench } from '../../support/memory-bench.ts';
import { REGION } from '../../support/memory-services.ts';

const JOB = 'ab'.repeat(32);
const OTHER_JOB = 'cd'.repeat(32);
const DAY_MS = 24 * 3_600_000;
const SETTLED_MS = 20 * 60_000;
const ROW = { idempotencyKey: 'bulk/key', room: { name: 'hall' } };

let bench: Bench;
beforeEach(() => {
  bench = createBench();
});

const paceTable = () => createPaceTable(openTables(bench.services.clients.dynamodb, bench.clock), 'pace');
const short = shortJobId(JOB) ?? '';
const stop = () => paceTable().update(REGION, 'CreateRoom', stopJob(short));
const forget = () => paceTable().update(REGION, 'CreateRoom', forgetStoppedJob(short));
const row = (roster = JOB, changes: object = {}) => bench.memberRecord({ ...ROW, roster, ...changes });
const outcomes = () => bench.completions().map(({ data }) => data.reason ?? data.outcome);
const rosters = () => bench.messaging.published.map(({ attributes }) => attributes.roster);
const rooms = () => bench.ivsChat.rooms().length;

describe('a row of a stopped job', () => {
  test('fails with the reason `stopped` and without a call', async () => {
    await stop();
    expect(await bench.handle(row())).toMatchObject({ kind: 'answered', how: 'failed', failure: 'stopped' });
    expect(bench.completions()).toMatchObject([{ data: { reason: 'stopped', retryable: true, generation: 0 } }]);
    expect([rooms(), bench.callsOf('CreateRoom').length]).toEqual([0, 0]);
  });

  test('takes no slot if its worker knows about the stop', async () => {
    await stop();
    const { services } = bench;
    await bench.handle(row(), { services });
    const before = bench.callNames().length;
    await bench.handle(row(JOB, { idempotencyKey: 'bulk/2' }), { services });
    // Acquire, decide and complete.
    expect(bench.callNames().slice(before)).toEqual(['UpdateItem', 'UpdateItem', 'Publish', 'UpdateItem']);
  });

  test('gets the room of a call that was sent before the stop and whose response was lost', async () => {
    bench.ivsChat.inject({ operation: 'CreateRoom', fault: { lostResponse: true } });
    bench.ivsChat.inject({ operation: 'ListRooms', fault: { error: 'ThrottlingException' } });
    const record = row();
    expect(await bench.handle(record)).toMatchObject({ kind: 'postponed' });
    await stop();
    bench.pass(SETTLED_MS);
    expect(await bench.handle(record)).toMatchObject({ kind: 'answered', how: 'adopted' });
    expect([outcomes(), rooms()]).toEqual([['adopted'], 1]);
  });

  test('waits until it is certain that a call before the stop has created no room', async () => {
    bench.ivsChat.inject({ operation: 'CreateRoom', fault: { proxyError: 502 } });
    const record = row();
    await bench.handle(record);
    await stop();
    expect(await bench.handle(record)).toMatchObject({ kind: 'postponed' });
    bench.pass(SETTLED_MS);
    expect(await bench.handle(record)).toMatchObject({ kind: 'answered', failure: 'stopped' });
    expect(rooms()).toBe(0);
  });

  test('is not sent if its worker learns of the stop after the intent was written: the intent is taken back', async () => {
    const { services } = bench;
    let stops = 0;
    bench.before('UpdateItem', async ({ input }) => {
      if (stops > 0 || !JSON.stringify(input).includes('create_started_at = :now')) return;
      stops += 1;
      // Another call of the worker learns of the stop.
      await stop();
      await services.pacer.noteThrottle({ region: REGION, api: 'CreateRoom', reservedAtMs: bench.clock.nowMs() });
    });
    expect(await bench.handle(row(), { services })).toMatchObject({ failure: 'stopped' });
    expect([stops, rooms(), bench.item(ROW.idempotencyKey)?.create_started_at]).toEqual([1, 0, undefined]);
  });

  test('has the same answer if it is delivered again after the job has ended', async () => {
    await stop();
    const record = row();
    await bench.handle(record);
    await forget();
    await bench.handle(record);
    const [first, again] = bench.completions();
    expect([again.id, rooms()]).toEqual([first.id, 0]);
  });

  test('has the same answer if a crashed reader has sent it twice, and the second message arrives after the job has ended', async () => {
    await stop();
    await bench.handle(row());
    await forget();
    bench.pass(60_000);
    await bench.handle(row());
    const [first, again] = bench.completions();
    expect([again.id, rooms()]).toEqual([first.id, 0]);
  });

  test('is a new request if a later job has the id of the stopped one, which greenroom has forgotten', async () => {
    await stop();
    await bench.handle(row());
    await forget();
    bench.pass(29 * DAY_MS);
    await bench.handle(row());
    // Rosters are stored for at least 30 days after their end. After that, the same content is a new job with the same id.
    bench.pass(2 * DAY_MS);
    expect(await bench.handle(row())).toMatchObject({ kind: 'answered', how: 'created' });
    expect([outcomes(), rooms()]).toEqual([['stopped', 'stopped', 'created'], 1]);
  });

  test('leaves the id of its job in the ledger for 30 days, or until the next stop after that', async () => {
    const otherShort = shortJobId(OTHER_JOB) ?? '';
    await stop();
    await paceTable().update(REGION, 'CreateRoom', stopJob(otherShort));
    await bench.handle(row());
    await bench.handle(row(OTHER_JOB));
    const jobs = () => bench.item(ROW.idempotencyKey)?.stopped_jobs;
    expect(jobs()).toEqual(new Set([short, otherShort]));
    bench.pass(31 * DAY_MS);
    await bench.handle(row(OTHER_JOB));
    expect(jobs()).toEqual(new Set([otherShort]));
  });

  test('does not count for a stop if its sender is not one of greenroom’s functions', async () => {
    await stop();
    await bench.handle(bench.record({ ...ROW, idempotencyKey: 'key', roster: JOB }));
    expect(outcomes()).toEqual(['invalid-request']);
  });
});

describe('another request for the same room', () => {
  const others: [string, () => ReturnType<Bench['record']>][] = [
    ['a row of another job', () => row(OTHER_JOB)],
    ['an interactive request', () => bench.record({ ...ROW, idempotencyKey: 'key' })],
  ];
  const stoppedRow = () => row(JOB, { idempotencyKey: 'key' });
  const sameKey = (record: ReturnType<Bench['record']>) => ({
    ...record,
    body: JSON.stringify({ ...JSON.parse(record.body), idempotencyKey: 'key' }),
  });

  test.each(others)('gets the room although it was sent before the stop: %s', async (_who, other) => {
    const first = sameKey(other());
    bench.pass(1_000);
    await stop();
    await bench.handle(stoppedRow());
    expect(await bench.handle(first)).toMatchObject({ kind: 'answered', how: 'created' });
    expect([outcomes(), rooms()]).toEqual([['stopped', 'created'], 1]);
  });

  test.each(others)('gets the room if it waits while the stopped row is answered: %s', async (_who, other) => {
    const first = sameKey(other());
    bench.ivsChat.inject({ operation: 'CreateRoom', times: 3, fault: { error: 'ConflictException' } });
    expect(await bench.handle(first)).toMatchObject({ kind: 'postponed' });
    await stop();
    await bench.handle(stoppedRow());
    await bench.handle(first);
    expect([outcomes(), rooms()]).toEqual([['stopped', 'created'], 1]);
  });

  test.each(others)(
    'finishes the stopped row first if its worker crashed, and the failure counts for no roster: %s',
    async (_who, other) => {
      await stop();
      const crashed = stoppedRow();
      const first = sameKey(other());
      await bench.crash(crashed, 'Publish');
      bench.pass(120_000);
      await bench.handle(first);
      expect([outcomes(), rooms()]).toEqual([['stopped', 'created'], 1]);
      expect(rosters()[0]).toBeUndefined();
      // The stopped row's message is delivered again. Its key has a room now.
      await bench.handle(crashed);
      expect([outcomes().at(-1), rosters().at(-1)]).toEqual(['created', JOB]);
    },
  );

  test('is not answered twice: an earlier failure that has answered it also counts after the stop', async () => {
    const first = sameKey(bench.record({ ...ROW, idempotencyKey: 'key' }));
    bench.ivsChat.inject({ operation: 'CreateRoom', fault: { error: 'ValidationException' } });
    await bench.handle(first);
    bench.pass(60_000);
    await stop();
    await bench.handle(stoppedRow());
    expect(outcomes()).toEqual(['refused', 'stopped']);
    await bench.handle(first);
    expect([outcomes(), rooms()]).toEqual([['refused', 'stopped', 'stopped'], 0]);
  });

  test('for another payload is not answered twice: it was rejected while the row was in progress', async () => {
    const record = stoppedRow();
    bench.ivsChat.inject({ operation: 'CreateRoom', times: 3, fault: { error: 'ConflictException' } });
    await bench.handle(record);
    const other = bench.record({ idempotencyKey: 'key', room: { name: 'studio' } });
    await bench.handle(other);
    await stop();
    await bench.handle(record);
    await bench.handle(other);
    expect(outcomes()).toEqual(['key-reused-with-different-payload', 'stopped', 'key-reused-with-different-payload']);
    expect(rooms()).toBe(0);
  });
});
