import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createServices } from '../../../lib/provisioning/services.ts';
import { type Bench, createBench, START_MS } from '../../support/memory-bench.ts';
import { createSteppingWorkers } from '../../support/stepping-worker.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DENIED = { operation: 'CreateRoom', fault: { error: 'AccessDeniedException', status: 403 } } as const;

let bench: Bench;
// The first batch of a process is slow by the real clock, so its calls would miss their slots.
beforeAll(async () => {
  const warmUp = createSteppingWorkers();
  await warmUp.handle([warmUp.record({ idempotencyKey: 'warm', room: {} })], warmUp.newWorker());
});
beforeEach(() => {
  bench = createBench();
});
const ask = (idempotencyKey: string) => bench.record({ idempotencyKey, room: { name: idempotencyKey } });

describe('requests whose own calls are denied', () => {
  test('do not stop others while some of those succeed in between, even within one batch of slots', async () => {
    const workers = createSteppingWorkers();
    const record = (key: string) => workers.record({ idempotencyKey: key, room: { name: key } });
    workers.delay(({ name, input }) => {
      if (name === 'CreateRoom' && String(input.name).startsWith('denied')) workers.ivsChat.inject(DENIED);
      return 0;
    });
    const keys = ['ok0', 'denied1', 'ok1', 'denied2', 'ok2', 'denied3', 'ok3', 'ok4', 'ok5', 'ok6'];
    await workers.handle(keys.map(record), workers.newWorker());
    expect(workers.items('pace').some(({ open_until }) => open_until !== undefined)).toBe(false);
    expect(workers.ivsChat.rooms()).toHaveLength(7);
  });

  test('close the region at most once while each batch of them comes with a batch of others', async () => {
    const workers = createSteppingWorkers();
    workers.delay(({ name, input }) => {
      if (name === 'CreateRoom' && String(input.name).startsWith('denied')) workers.ivsChat.inject(DENIED);
      return 0;
    });
    const worker = workers.newWorker();
    for (let batch = 0; batch < 8; batch++) {
      const keys = ['ok', 'denied'].flatMap((kind) => [1, 2, 3, 4, 5].map((place) => `${kind}-${batch}-${place}`));
      const records = keys.map((key) => workers.record({ idempotencyKey: key, room: { name: key } }));
      await workers.handle(records, worker);
    }
    expect(workers.ivsChat.rooms().length).toBeGreaterThanOrEqual(30);
  });

  test('fail, and do not open the breaker of the region', async () => {
    const records = ['bad-1', 'bad-2', 'bad-3'].map(ask);
    for (const [index, record] of records.entries()) {
      bench.ivsChat.inject(DENIED);
      expect(await bench.handle(record)).toMatchObject({ reason: 'denied' });
      bench.pass(1_000);
      expect(await bench.handle(ask(`good-after-${index}`))).toMatchObject({ how: 'created' });
      bench.pass(1_000);
    }
    for (const record of records) {
      bench.ivsChat.inject(DENIED);
      expect(await bench.handle(record)).toMatchObject({ how: 'failed' });
      bench.pass(1_000);
    }
    expect(await bench.handle(ask('good'))).toMatchObject({ how: 'created' });
  });

  test('say nothing about the region as probes: their lease ends, and the schedule does not change', async () => {
    const other = ask('other');
    const probe = ask('probe');
    await bench.setPace('CreateRoom', { free_at: 0, open_until: START_MS + HOUR, opened_by: 'another', open_step: 4 });
    for (const record of [other, probe]) expect(await bench.handle(record)).toMatchObject({ reason: 'breaker-open' });
    bench.pass(1);
    await bench.setPace('CreateRoom', {
      free_at: START_MS - 10_000,
      open_until: START_MS - 1,
      opened_by: 'another',
      open_step: 4,
      probed_at: START_MS - HOUR - 1,
      denials_outlived_at: START_MS + 1,
      denied_keys: new Set(['a', 'b']),
    });
    await bench.changeItem('probe', { denied_at: START_MS - HOUR });
    bench.ivsChat.inject(DENIED);
    expect(await bench.handle(probe)).toMatchObject({ how: 'failed' });
    bench.pass(MINUTE);
    expect(await bench.handle(other)).toMatchObject({ how: 'created' });
  });
});

test('a successful call that was under way does not close a breaker that the quota has opened meanwhile', async () => {
  const workers = createSteppingWorkers();
  const record = (key: string) => workers.record({ idempotencyKey: key, room: { name: key } });
  workers.ivsChat.setQuotas({ roomsPerRegion: 1 });
  const worker = workers.newWorker();
  workers.ivsChat.inject(DENIED);
  await workers.handle([record('denied')], worker);
  // The first call creates the last room of the quota, and its checkpoint takes a second.
  workers.delay(({ name, input }) => {
    if (name === 'UpdateItem' && String(input.UpdateExpression).includes('room_arn')) return 1_000;
    return name === 'CreateRoom' && input.name !== 'k0' ? 5 : 0;
  });
  const before = workers.callsOf('CreateRoom').length;
  await workers.handle(
    Array.from({ length: 10 }, (_, index) => record(`k${index}`)),
    worker,
  );
  expect(workers.callsOf('CreateRoom').slice(before)).toHaveLength(2);
});

test.each([0, 25_000])(
  'a denial of the whole account does not count for the key alone after a success that was noted by a worker whose clock is %d ms ahead',
  async (aheadMs) => {
    const clock = { ...bench.clock, nowMs: () => bench.clock.nowMs() + aheadMs };
    const ahead = createServices({ ...bench.services, clock });
    bench.ivsChat.inject(DENIED);
    await bench.handle(ask('first'));
    bench.pass(1_000);
    expect(await bench.handle(ask('fine'), { services: ahead })).toMatchObject({ how: 'created' });
    bench.pass(5_000);
    const record = ask('key');
    for (const _ of [1, 2]) {
      bench.ivsChat.inject(DENIED);
      expect(await bench.handle(record)).toMatchObject({ kind: 'postponed', reason: 'denied' });
      bench.pass(2_000);
    }
  },
);

test('a denial does not count for the key alone because of an earlier successful call with a slow checkpoint', async () => {
  const workers = createSteppingWorkers();
  const record = (key: string) => workers.record({ idempotencyKey: key, room: { name: key } });
  // The role is denied from the second call on.
  workers.delay(({ name, input }) => {
    if (name === 'CreateRoom' && input.name !== 'ok') workers.ivsChat.inject(DENIED);
    return name === 'UpdateItem' && String(input.UpdateExpression).includes('room_arn') ? 1_000 : 0;
  });
  const worker = workers.newWorker();
  await workers.handle([record('ok'), record('denied')], worker);
  await workers.handle([record('denied')], worker);
  expect(workers.completions()).toMatchObject([{ subject: 'ok' }]);
});
