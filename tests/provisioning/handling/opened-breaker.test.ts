import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { ledgerKey } from '../../../lib/contract/keys.ts';
import { createSteppingWorkers } from '../../support/stepping-worker.ts';

type Workers = ReturnType<typeof createSteppingWorkers>;

let workers: Workers;
// The first calls of the SDK load parts of it, which takes real time.
beforeAll(async () => {
  const warmUp = createSteppingWorkers();
  await warmUp.handle([warmUp.record({ idempotencyKey: 'warm', room: {} })], warmUp.newWorker());
});
beforeEach(() => {
  workers = createSteppingWorkers();
});

const requests = (prefix: string, count: number, lane: 'interactive' | 'bulk' = 'interactive', more: object = {}) =>
  Array.from({ length: count }, (_, place) =>
    workers.record({ idempotencyKey: `${prefix}-${place}`, room: {}, ...more }, lane),
  );
const quotaReached = (times: number) =>
  workers.ivsChat.inject({ operation: 'CreateRoom', times, fault: { error: 'ServiceQuotaExceededException' } });
/** The stored intents of calls with unknown outcomes. */
const intents = () =>
  workers.items('ledger').filter((item) => item.create_started_at !== undefined && item.decision === undefined);
const sentAtMs = () => workers.callsOf('CreateRoom').map(({ atMs }) => atMs);
const isIntent = (input: { UpdateExpression?: string }) =>
  String(input.UpdateExpression).includes('#create_started_at = :now');

describe('a CreateRoom call that finds the room quota reached stops the calls that already hold slots', () => {
  test('in its batch: one call is made, and no intent is left', async () => {
    quotaReached(20);
    const { batchItemFailures } = await workers.handle(requests('a', 10), workers.newWorker());
    expect(sentAtMs()).toEqual([0]);
    expect(batchItemFailures).toHaveLength(10);
    expect(intents()).toEqual([]);
  });

  test('in the other lane', async () => {
    quotaReached(20);
    await workers.handle([...requests('a', 3), ...requests('b', 6, 'bulk')], workers.newWorker());
    expect(sentAtMs()).toEqual([0]);
    expect(intents()).toEqual([]);
  });

  test('before it has stored anything, even if DynamoDB takes a second', async () => {
    quotaReached(20);
    workers.delay(({ name }) => (name === 'UpdateItem' && sentAtMs().length > 0 ? 1_000 : 0));
    await workers.handle(requests('a', 10), workers.newWorker());
    expect(sentAtMs()).toEqual([0]);
    expect(intents()).toEqual([]);
  });

  test('after they have written their intents, which are taken back', async () => {
    quotaReached(20);
    // The response arrives when the second call has its intent and waits for the rest of its slot.
    workers.delay(({ name }) => (name === 'CreateRoom' ? 270 : 0));
    await workers.handle(requests('a', 2), workers.newWorker());
    const written = workers.callsOf('UpdateItem').filter(({ input }) => isIntent(input));
    expect([written.length, sentAtMs()]).toEqual([2, [0]]);
    expect(intents()).toEqual([]);
    expect(workers.items('ledger').map(({ lease_end }) => lease_end)).toEqual([{ N: '0' }, { N: '0' }]);
  });

  test('only in its region', async () => {
    quotaReached(1);
    const elsewhere = requests('b', 3, 'interactive', { region: 'us-east-1' });
    await workers.handle([...requests('a', 3), ...elsewhere], workers.newWorker());
    expect(workers.completions()).toHaveLength(3);
  });

  test('for a time: after the probe, they get their rooms', async () => {
    quotaReached(1);
    const worker = workers.newWorker();
    const records = requests('a', 5);
    await workers.handle(records, worker);
    await workers.clock.run(workers.clock.nowMs() + 60_000);
    await workers.handle(records, worker);
    await workers.handle(records, worker);
    expect(workers.ivsChat.rooms()).toHaveLength(5);
  });
});

describe('a call that finds the room quota reached, while its worker cannot store that,', () => {
  /** Makes one call, after which the tables refuse all writes. */
  async function reachQuotaOnce(worker: ReturnType<Workers['newWorker']>): Promise<void> {
    quotaReached(1);
    workers.delay(({ name }) => {
      if (name === 'UpdateItem' && sentAtMs().length > 0)
        throw Object.assign(new Error(), { name: 'ValidationException' });
      return 0;
    });
    await workers.handle(requests('first', 1), worker);
    workers.delay(() => 0);
  }

  test('is forgotten after a time: the next such call of the worker stops all calls that hold slots again', async () => {
    const worker = workers.newWorker();
    await reachQuotaOnce(worker);
    await workers.clock.run(workers.clock.nowMs() + 3_600_000);
    workers.delay(({ name }) => (name === 'UpdateItem' && sentAtMs().length > 1 ? 1_000 : 0));
    quotaReached(20);
    await workers.handle(requests('a', 10), worker);
    expect(sentAtMs()).toHaveLength(2);
  });
});

test('a probe whose response is lost closes the breaker when its room is found a second later', async () => {
  quotaReached(1);
  const worker = workers.newWorker();
  await workers.handle(requests('a', 1), worker);
  await workers.clock.run(workers.clock.nowMs() + 60_000);
  workers.ivsChat.inject({ operation: 'CreateRoom', fault: { lostResponse: true } });
  await workers.handle(requests('b', 1), worker);
  await workers.handle(requests('c', 1), worker);
  expect(workers.completions().map(({ data }) => data.outcome)).toEqual(['adopted', 'created']);
});

test('the third denied key in a row stops the other requests of its batch', async () => {
  workers.ivsChat.inject({ operation: 'CreateRoom', times: 20, fault: { error: 'AccessDeniedException' } });
  await workers.handle(requests('a', 10), workers.newWorker());
  expect(sentAtMs()).toHaveLength(3);
  expect(intents()).toEqual([]);
});

test('a worker that learns of an open breaker from the answer to any write stops its calls that hold slots', async () => {
  const [worker, another] = [workers.newWorker(), workers.newWorker()];
  // Fifteen slots are within reach, so five calls reserve again a little later. The answer says that the breaker is open.
  let opened: Promise<void> | undefined;
  workers.delay(({ name }) => {
    if (name === 'CreateRoom')
      opened ??= another.breaker.open({ region: 'eu-west-1', ledgerKey: 'another', reason: 'quota' });
    return 0;
  });
  await workers.handle(requests('a', 20), worker);
  await opened;
  const toldAtMs = workers
    .callsOf('UpdateItem')
    .filter(({ input }) => input.TableName === 'pace' && input.Key.id.S === 'eu-west-1#CreateRoom')
    .map(({ atMs }) => atMs)
    .at(-1);
  expect(toldAtMs).toBeLessThan(1_000);
  expect(sentAtMs().filter((atMs) => atMs > (toldAtMs ?? 0))).toEqual([]);
  expect(intents()).toEqual([]);
});

describe('a request uses a quota that becomes free in time:', () => {
  const MINUTE = 60_000;
  const minutes = () => workers.callsOf('CreateRoom').map(({ atMs }) => atMs / MINUTE);
  const postponedMs = () =>
    workers
      .callsOf('ChangeMessageVisibilityBatch')
      .flatMap(({ input }) => input.Entries)
      .at(-1).VisibilityTimeout * 1_000;

  /** Delivers a message whenever it is due, until it is answered. */
  async function deliverUntilAnswered(record: object): Promise<void> {
    const worker = workers.newWorker();
    for (let receive = 1; receive < 50; receive++) {
      const begunMs = workers.clock.nowMs();
      const { batchItemFailures } = await workers.handle([record], worker);
      if (batchItemFailures.length === 0) return;
      await workers.clock.run(Math.max(workers.clock.nowMs(), begunMs + postponedMs()));
    }
    throw new Error('It was never answered');
  }

  /** The quota has been reached for so long that the region is probed every hour, and a probe was made just now. */
  const closedByAnother = async (openedBy = 'another') => {
    const item = { open_until: workers.clock.nowMs() + 60 * MINUTE, opened_by: openedBy, open_step: 4 };
    const { update, values } = {
      update: 'SET open_until = :until, opened_by = :by, open_step = :step, free_at = :free',
      values: { until: item.open_until, by: item.opened_by, step: item.open_step, free: 0 },
    };
    await workers.newPaceTable().update('eu-west-1', 'CreateRoom', { update, values });
  };
  const needed = (inMinutes: number, key = 'hurry') =>
    workers.record({
      idempotencyKey: key,
      room: {},
      neededBy: new Date(workers.clock.nowMs() + inMinutes * MINUTE).toISOString(),
    });

  test('it probes when half of the time that it had left at the last probe is over', async () => {
    await closedByAnother();
    await deliverUntilAnswered(needed(20));
    expect(workers.completions()).toMatchObject([{ data: { outcome: 'created', late: false } }]);
    const [probedAt = 0] = minutes();
    expect(probedAt).toBeGreaterThanOrEqual(10);
    expect(probedAt).toBeLessThanOrEqual(15);
  });

  test('it probes repeatedly, but at most once a minute, however many urgent requests there are', async () => {
    await closedByAnother();
    quotaReached(1_000);
    const records = [18, 19, 20, 20, 20].map((inMinutes, place) => needed(inMinutes, `k${place}`));
    const worker = workers.newWorker();
    const answered = () => new Set(workers.completions().map(({ subject }) => subject));
    while (answered().size < records.length) await workers.handle(records, worker);
    const gaps = minutes().map((minute, place) => minute - (minutes()[place - 1] ?? 0));
    expect(minutes().length).toBeGreaterThanOrEqual(4);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...minutes())).toBeGreaterThan(17);
    expect(new Set(workers.completions().map(({ data }) => data.reason))).toEqual(new Set(['expired']));
  });

  test('it probes even if its key opened the breaker, but later than other requests', async () => {
    await closedByAnother(ledgerKey('opener'));
    await deliverUntilAnswered(needed(40, 'opener'));
    expect(workers.completions()).toMatchObject([{ data: { outcome: 'created', late: false } }]);
  });
});
