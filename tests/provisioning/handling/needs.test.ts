import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Bench, createBench, DAY_MS, START_MS } from '../../support/memory-bench.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let bench: Bench;
beforeEach(() => {
  bench = createBench();
});

/** A request whose room is needed within `needMs` from now on. */
const ask = (needMs: number) =>
  bench.record({
    idempotencyKey: 'key',
    room: { name: 'hall' },
    neededBy: new Date(bench.clock.nowMs() + needMs).toISOString(),
  });

describe('a request that is sent again because the room is needed sooner', () => {
  test.each([false, true])(
    'has its room in time (requested before with a neededBy next week: %s)',
    async (wasAskedFor) => {
      bench.ivsChat.setQuotas({ roomsPerRegion: 0 });
      // The region has been closed for so long that it is probed every hour, and a probe was made just now.
      const closed = {
        free_at: 0,
        open_until: START_MS + HOUR,
        opened_by: 'another',
        open_step: 4,
        probed_at: START_MS,
      };
      await bench.setPace('CreateRoom', closed);
      if (wasAskedFor) await bench.handle(ask(6 * DAY_MS));
      const urgent = ask(20 * MINUTE);
      for (
        let outcome = await bench.handle(urgent);
        outcome.kind === 'postponed';
        outcome = await bench.handle(urgent)
      ) {
        bench.pass(Math.max(1_000, outcome.untilMs - bench.clock.nowMs()));
        if (bench.clock.nowMs() > START_MS + 5 * MINUTE) bench.ivsChat.setQuotas({ roomsPerRegion: 100 });
      }
      expect(bench.clock.nowMs()).toBeLessThan(START_MS + 20 * MINUTE);
      expect(bench.completions()[0]?.data).toMatchObject({ outcome: 'created' });
    },
  );
});

test('a request does not use up its receives while its sender repeats it with a near neededBy', async () => {
  bench.ivsChat.setQuotas({ roomsPerRegion: 0 });
  const first = { record: ask(5 * MINUTE), sentMs: START_MS, backAtMs: START_MS, receives: 0 };
  let nextSendMs = START_MS + 4 * MINUTE;
  // Each duplicate is received once, which is enough to store its neededBy as the latest one of the key.
  while (bench.clock.nowMs() < START_MS + 8 * HOUR) {
    bench.pass(Math.max(0, Math.min(nextSendMs, first.backAtMs) - bench.clock.nowMs()));
    if (bench.clock.nowMs() >= nextSendMs) {
      nextSendMs += 4 * MINUTE;
      await bench.handle(ask(5 * MINUTE));
      continue;
    }
    first.receives += 1;
    const attributes = {
      SentTimestamp: first.sentMs,
      ApproximateReceiveCount: first.receives,
      ApproximateFirstReceiveTimestamp: first.sentMs,
    };
    const outcome = await bench.handle({ ...first.record, attributes });
    if (outcome.kind !== 'postponed') throw new Error(`It was answered: ${JSON.stringify(outcome)}`);
    first.backAtMs = Math.max(bench.clock.nowMs() + 1_000, outcome.untilMs);
  }
  expect(first.receives).toBeLessThan(100);
});

test('a completion has the tenant of the request that first claimed the key, even if another tenant repeats the request', async () => {
  const member = {
    idempotencyKey: 'live/final/main',
    room: { name: 'hall' },
    tenant: 'sports',
    roster: 'live/final/1',
  };
  bench.ivsChat.inject({ operation: 'CreateRoom', fault: { error: 'ConflictException' }, times: 3 });
  const genuine = bench.memberRecord(member);
  expect(await bench.handle(genuine)).toMatchObject({ kind: 'postponed' });
  bench.pass(30_000);
  await bench.handle(bench.record({ idempotencyKey: 'live/final/main', room: { name: 'hall' }, tenant: 'stranger' }));
  await bench.handle(genuine);
  expect(bench.messaging.published.at(-1)?.attributes).toMatchObject({ tenant: 'sports', roster: 'live/final/1' });
});
