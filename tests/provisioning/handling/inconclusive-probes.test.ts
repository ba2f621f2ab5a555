import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Bench, createBench, START_MS } from '../../support/memory-bench.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const LOGGING = 'arn:aws:ivschat:eu-west-1:123456789012:logging-configuration/abcdefghijkl';

let bench: Bench;
type Message = ReturnType<Bench['record']>;
beforeEach(() => {
  bench = createBench({ listingLagMs: MINUTE });
});

/** Closes a region for so long that it is probed every hour, and the next probe is due. */
const closedForLong = () =>
  bench.setPace('CreateRoom', {
    free_at: START_MS - 10_000,
    open_until: START_MS - 1,
    opened_by: 'another',
    open_step: 4,
    probed_at: START_MS - HOUR - 1,
    denials_outlived_at: START_MS + 1,
  });
const fails = (error: string, times = 1, status?: number) =>
  bench.ivsChat.inject({ operation: 'CreateRoom', times, fault: { error, ...(status && { status }) } });
const request = (idempotencyKey: string, more: object = {}) => bench.record({ idempotencyKey, room: {}, ...more });
const runTo = (ms: number) => bench.pass(ms - bench.clock.nowMs());
const calls = () => bench.callsOf('CreateRoom').length;

/** A request that has waited for the region since before the probe. */
async function waiting(idempotencyKey: string, more: object = {}) {
  const record = request(idempotencyKey, more);
  await bench.setPace('CreateRoom', { free_at: 0, open_until: START_MS + HOUR, opened_by: 'another', open_step: 4 });
  expect(await bench.handle(record)).toMatchObject({ reason: 'breaker-open' });
  return record;
}

describe('a probe whose result says nothing about the region', () => {
  const cases: [string, () => Promise<unknown> | unknown][] = [
    ['refused', () => fails('ValidationException')],
    ['that names something that does not exist', () => fails('ResourceNotFoundException')],
    ['in conflict', () => fails('ConflictException', 3)],
    ['throttled three times', () => fails('ThrottlingException', 3)],
    ['never sent', () => fails('ExpiredTokenException', 3, 403)],
    [
      'whose own call is denied',
      () => bench.changeItem('probe', { denied_at: START_MS - HOUR }).then(() => fails('AccessDenied', 1, 403)),
    ],
    [
      'without a response',
      () => bench.ivsChat.inject({ operation: 'CreateRoom', fault: { error: 'InternalServerException' } }),
    ],
  ];

  test.each(cases)(
    '(%s) delays the others by a minute, and not by the hour of the schedule',
    async (_what, arrange) => {
      const other = await waiting('other');
      const probe = await waiting('probe');
      bench.pass(1);
      await closedForLong();
      await arrange();
      await bench.handle(probe);
      expect(calls()).toBeGreaterThan(0);
      const before = calls();
      const probedMs = bench.clock.nowMs();
      const turnedAway = await bench.handle(other);
      expect(turnedAway).toMatchObject({ reason: 'breaker-open' });
      expect('untilMs' in turnedAway && turnedAway.untilMs).toBeLessThanOrEqual(probedMs + 76_000);
      expect(calls()).toBe(before);
      runTo(probedMs + MINUTE);
      expect(await bench.handle(other)).toMatchObject({ how: 'created' });
      expect(await bench.handle(request('third'))).toMatchObject({ how: 'created' });
    },
  );

  test('(its worker crashed) delays the others by a minute, too', async () => {
    const other = await waiting('other');
    bench.pass(1);
    await closedForLong();
    const begunMs = bench.clock.nowMs();
    await bench.crash(request('probe'), 'CreateRoom');
    runTo(begunMs + 61_000);
    expect(await bench.handle(other)).toMatchObject({ how: 'created' });
  });

  test.each([
    ['key', {}, {}],
    ['tenant', { tenant: 'x' }, { tenant: 'x' }],
  ])('gives precedence to waiting requests over another probe of its %s', async (what, first, second) => {
    const other = await waiting('other', { tenant: 'y' });
    const again = await waiting('again', second);
    bench.pass(1);
    await closedForLong();
    const probe = request('probe', first);
    fails('ThrottlingException', 3);
    await bench.handle(probe);
    const probedMs = bench.clock.nowMs();
    runTo(probedMs + MINUTE);
    const sibling = what === 'key' ? probe : again;
    expect(await bench.handle(sibling)).toMatchObject({ reason: 'breaker-open' });
    expect(await bench.handle(other)).toMatchObject({ how: 'created' });
  });

  test('is repeated by the same request if no other request waits', async () => {
    await closedForLong();
    fails('ThrottlingException', 3);
    const probe = request('probe');
    await bench.handle(probe);
    bench.pass(4 * MINUTE);
    expect(await bench.handle(probe)).toMatchObject({ how: 'created' });
  });

  test('gives precedence to requests that were waiting over those that arrived later', async () => {
    const other = await waiting('other');
    bench.pass(1);
    await closedForLong();
    await bench.handle(request('bad', { room: { loggingConfigurationIdentifiers: [LOGGING] } }));
    bench.pass(MINUTE);
    expect(await bench.handle(request('new'))).toMatchObject({ reason: 'breaker-open' });
    expect(await bench.handle(other)).toMatchObject({ how: 'created' });
  });
});

test.each([
  ['ServiceQuotaExceededException', 15 * MINUTE],
  ['PendingVerification', HOUR],
])(
  'after a probe that finds the region still closed (%s), the next probe is that of the schedule, after at most %d ms',
  async (error, intervalMs) => {
    await closedForLong();
    fails(error);
    await bench.handle(request('probe'));
    const probedMs = bench.clock.nowMs();
    runTo(probedMs + intervalMs - 5_000);
    expect(await bench.handle(request('other'))).toMatchObject({ reason: 'breaker-open' });
    runTo(probedMs + intervalMs);
    expect(await bench.handle(request('other'))).toMatchObject({ how: 'created' });
  },
);

describe('a probe opens the region for all requests', () => {
  test.each([
    ['if its room is adopted because the response was lost', { lostResponse: true } as const, 'adopted'],
    ['by its second try if it is throttled once', { error: 'ThrottlingException' } as const, 'created'],
    ['by its second try if it is in conflict once', { error: 'ConflictException' } as const, 'created'],
  ])('%s', async (_what, fault, how) => {
    bench = createBench();
    await closedForLong();
    bench.ivsChat.inject({ operation: 'CreateRoom', fault });
    expect(await bench.handle(request('probe'))).toMatchObject({ how });
    expect(await bench.handle(request('other'))).toMatchObject({ how: 'created' });
  });

  test('if a later worker finds its room', async () => {
    const other = await waiting('other');
    bench.pass(1);
    await closedForLong();
    bench.ivsChat.inject({ operation: 'CreateRoom', fault: { lostResponse: true } });
    const probe = request('probe');
    const first = await bench.handle(probe);
    expect(first).toMatchObject({ reason: 'unsettled' });
    if ('untilMs' in first) runTo(first.untilMs + MINUTE);
    expect(await bench.handle(probe)).toMatchObject({ how: 'adopted' });
    expect(await bench.handle(request('new'))).toMatchObject({ how: 'created' });
    expect(await bench.handle(other)).toMatchObject({ how: 'created' });
  });

  test('but not if an attempt before the probe has created the room', async () => {
    const probe = request('probe');
    bench.ivsChat.inject({ operation: 'CreateRoom', fault: { lostResponse: true } });
    const first = await bench.handle(probe);
    await bench.setPace('CreateRoom', {
      free_at: 0,
      open_until: START_MS + HOUR,
      open_step: 4,
      opened_by: 'another',
      probed_at: START_MS + 30 * MINUTE,
      probed_by: bench.stored('probe').id,
    });
    if ('untilMs' in first) runTo(first.untilMs + 2 * MINUTE);
    expect(await bench.handle(probe)).toMatchObject({ how: 'adopted' });
    expect(await bench.handle(request('other'))).toMatchObject({ reason: 'breaker-open' });
  });

  test('with three writes to the pace item: one that finds the region closed, the probe and the success', async () => {
    await closedForLong();
    await bench.handle(request('probe'));
    const writes = bench.callsOf('UpdateItem').filter(({ input }) => JSON.stringify(input).includes('"pace"'));
    expect(writes).toHaveLength(3);
  });
});

/** Delivers a message whenever it is due, and calls `tick` every `everyMs`. @returns when the message was answered */
async function deliverAmong(
  record: Message,
  everyMs: number,
  tick: (count: number) => Promise<unknown>,
  endMs: number,
) {
  let backAtMs = bench.clock.nowMs();
  let tickAtMs = bench.clock.nowMs();
  for (let count = 0; bench.clock.nowMs() < endMs; ) {
    if (tickAtMs <= backAtMs) {
      runTo(Math.max(bench.clock.nowMs(), tickAtMs));
      await tick(count++);
      tickAtMs += everyMs;
      continue;
    }
    runTo(Math.max(bench.clock.nowMs(), backAtMs));
    const outcome = await bench.handle(record);
    if (outcome.kind !== 'postponed') return { outcome, afterMs: bench.clock.nowMs() - START_MS };
    backAtMs = outcome.untilMs;
  }
  return { outcome: undefined, afterMs: Number.POSITIVE_INFINITY };
}

describe('a request among others', () => {
  test.each([
    ['with the default neededBy', undefined],
    ['that is needed within two minutes', 2 * MINUTE],
  ])(
    'gets its room soon after the quota is raised, although a request %s is refused every minute',
    async (_what, needMs) => {
      bench.ivsChat.setQuotas({ roomsPerRegion: 1 });
      await bench.handle(request('first'));
      await bench.handle(request('opener'));
      const good = request('good', { tenant: 'y' });
      const { outcome, afterMs } = await deliverAmong(
        good,
        60_500,
        async (count) => {
          if (count === 5) bench.ivsChat.setQuotas({ roomsPerRegion: 1_000 });
          const neededBy = needMs && new Date(bench.clock.nowMs() + needMs).toISOString();
          const room = { loggingConfigurationIdentifiers: [LOGGING] };
          await bench.handle(request(`bad-${count}`, { tenant: 'x', room, ...(neededBy && { neededBy }) }));
        },
        START_MS + 3 * HOUR,
      );
      expect(outcome).toMatchObject({ how: 'created' });
      expect(afterMs).toBeLessThan(20 * MINUTE);
    },
  );

  test('probes when half of its time is over, although others constantly probe for their own needs', async () => {
    bench.ivsChat.setQuotas({ roomsPerRegion: 0 });
    await bench.setPace('CreateRoom', {
      free_at: 0,
      open_until: START_MS + HOUR,
      opened_by: 'another',
      open_step: 4,
      probed_at: START_MS,
    });
    const good = request('good', { tenant: 'y', neededBy: new Date(START_MS + HOUR).toISOString() });
    const hurried = new Map<string, Message>();
    const { afterMs } = await deliverAmong(
      good,
      90_000,
      async (count) => {
        if (count === 14) bench.ivsChat.setQuotas({ roomsPerRegion: 1_000 });
        const neededBy = new Date(bench.clock.nowMs() + 3 * MINUTE).toISOString();
        hurried.set(`x${count}`, request(`x${count}`, { tenant: `x${count}`, neededBy }));
        if (count >= 14) return;
        for (const [key, record] of hurried) {
          const outcome = await bench.handle(record);
          if (outcome.kind !== 'postponed') hurried.delete(key);
        }
      },
      START_MS + 59 * MINUTE,
    );
    expect(afterMs).toBeLessThan(35 * MINUTE);
  });
});
