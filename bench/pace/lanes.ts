import { systemClock } from '../../lib/platform/clock.ts';
import { median, percentile } from '../harness/arithmetic.ts';
import { type BenchRequest, makeRequests, sendRequests } from '../harness/requests.ts';
import { figuresOf, QUOTA_PER_SECOND, quotaUse } from '../harness/run-figures.ts';
import type { Scenario, ScenarioContext } from '../harness/scenario.ts';
import { type RunningStack, withStack } from '../harness/with-stack.ts';

const INTERACTIVE = 100;
/** The number of bulk requests per interactive request. */
const BULK_SHARE = 10;
const EVERY_MS = 1_000;
/** How long the import runs before the first interactive request is sent, and between two bursts. */
const LEAD_MS = 5_000;
/** The sizes of the bursts of interactive requests, each of which is sent at once. */
const BURSTS = [5, 20];
const BURSTS_OF_A_SIZE = 4;
/** How much longer than its share of the quota the last request of a burst may take. */
const BURST_MARGIN_SECONDS = 0.6;
/** The approximate duration of a CreateRoom call, which is part of the time from send to completion. */
const CREATE_ROOM_MS = 150;

export const lanes: Scenario = {
  name: 'lanes',
  about: '100 interactive requests, one every second, and bursts of 5 and 20, while 1,000 bulk requests drain',
  async run(context) {
    const interactive = context.rooms ?? INTERACTIVE;
    const { waitsMs, burstsMs, use, figures, idleMs } = await measure(context, interactive);
    const seconds = (share: number) => percentile(waitsMs, share) / 1000;
    return [
      {
        scenario: 'lanes',
        title: `${interactive} interactive requests, one every second, and bursts, while ${interactive * BULK_SHARE} bulk requests drain`,
        columns: ['figure'],
        rows: [
          {
            figure: 'interactive, from send to completion: p50',
            unit: 'seconds',
            values: [seconds(0.5)],
            bound: { atMost: 0.35 },
          },
          { figure: 'p95', unit: 'seconds', values: [seconds(0.95)], bound: { atMost: 0.6 } },
          { figure: 'p99', unit: 'seconds', values: [seconds(0.99)] },
          { figure: 'longest', unit: 'seconds', values: [seconds(1)] },
          ...BURSTS.map((size, index) => ({
            figure: `last of a burst of ${size}: median of ${BURSTS_OF_A_SIZE}`,
            unit: 'seconds' as const,
            values: [median(burstsMs[index] ?? []) / 1000],
            bound: { atMost: size / QUOTA_PER_SECOND + BURST_MARGIN_SECONDS },
          })),
          { figure: 'interactive, no bulk load: p50', unit: 'seconds', values: [percentile(idleMs, 0.5) / 1000] },
          { figure: 'quota used by both lanes', unit: 'share', values: [use], bound: { atLeast: 0.98 } },
          { figure: 'throttled calls', unit: 'count', values: [figures.throttled], bound: { atMost: 0 } },
          { figure: 'requests failed', unit: 'count', values: [figures.failed], bound: { atMost: 0 } },
          { figure: 'requests unanswered', unit: 'count', values: [figures.unanswered], bound: { atMost: 0 } },
        ],
        notes: [`The emulator assumes that each CreateRoom call takes ${CREATE_ROOM_MS} ms.`],
      },
    ];
  },
};

function measure(context: ScenarioContext, interactive: number) {
  return withStack(context, { name: 'lanes', createRoomMs: CREATE_ROOM_MS }, async (running) => {
    // Measures the time without load, and warms up the functions.
    const idleMs = await sendOneByOne(running, makeRequests(5, { name: 'alone' }));
    const before = (await running.ivsChat.calls()).createRoom.length;

    const imported = makeRequests(interactive * BULK_SHARE, { name: 'bulk', tenant: 'importer' });
    await sendRequests(imported, { ...running, lane: 'bulk' });
    await systemClock.sleep(LEAD_MS, running.signal);
    const single = makeRequests(interactive, { name: 'single' });
    const waitsMs = await sendOneByOne(running, single);
    const bursts = BURSTS.map((size) =>
      Array.from({ length: BURSTS_OF_A_SIZE }, (_, round) => makeRequests(size, { name: `burst-${size}-${round}` })),
    );
    const burstsMs = await sendBursts(running, bursts);

    const requests = [...imported, ...single, ...bursts.flat(2)];
    const limitMs = 60_000 + (requests.length / QUOTA_PER_SECOND) * 2_000;
    await running.settle(
      requests.map(({ key }) => key),
      limitMs,
    );
    const calls = (await running.ivsChat.calls()).createRoom.slice(before);
    const use = quotaUse(calls, requests.length, QUOTA_PER_SECOND);
    return { waitsMs, burstsMs, use, figures: await figuresOf(running, requests), idleMs };
  });
}

/** Sends one request per second. @returns the milliseconds between sending each request and receiving its completion */
async function sendOneByOne(running: RunningStack, requests: readonly BenchRequest[]): Promise<number[]> {
  const sentAtMs = new Map<string, number>();
  const beganMs = Date.now();
  for (const [index, request] of requests.entries()) {
    await systemClock.sleep(Math.max(0, beganMs + index * EVERY_MS - Date.now()), running.signal);
    sentAtMs.set(request.key, Date.now());
    await sendRequests([request], { ...running, lane: 'interactive' });
  }
  await running.settle([...sentAtMs.keys()], 60_000);
  // For a request without a completion, the time since it was sent is used.
  return [...sentAtMs].map(([key, atMs]) => (running.completions.answers.get(key)?.atMs ?? Date.now()) - atMs);
}

/** @returns for each size, the milliseconds from sending each burst to its last completion */
async function sendBursts(running: RunningStack, sizes: readonly BenchRequest[][][]): Promise<number[][]> {
  const burstsMs: number[][] = [];
  for (const bursts of sizes) {
    const lastMs: number[] = [];
    for (const burst of bursts) {
      await systemClock.sleep(LEAD_MS, running.signal);
      const sentAtMs = Date.now();
      await sendRequests(burst, { ...running, lane: 'interactive' });
      const keys = burst.map(({ key }) => key);
      await running.settle(keys, 60_000);
      lastMs.push(Math.max(...keys.map((key) => running.completions.answers.get(key)?.atMs ?? Date.now())) - sentAtMs);
    }
    burstsMs.push(lastMs);
  }
  return burstsMs;
}
