import { describe, expect, test } from '@jest/globals';
import { createSweepPace } from '../../lib/sweeping/sweep-pace.ts';
import { createPaceSetting, momentsOf, NOW, REGION, SECOND } from './pace-setting.ts';

const QUOTA = 5;
const SECONDS = 30;
const LANES = ['interactive', 'bulk'] as const;
const APIS = ['CreateRoom', 'ListRooms'] as const;
type Api = (typeof APIS)[number];

/**
 * The moments at which a stage may send calls of an API if both lanes and the sweep always have calls to send.
 * @param afterMs when the stage begins
 */
async function callsOfStage(share: number, api: Api, afterMs: number): Promise<number[]> {
  const { clock, newPacer } = createPaceSetting();
  const workers = LANES.map((lane) => ({ lane, pacer: newPacer({ callsPerSecond: share }) }));
  const endMs = NOW + SECONDS * SECOND;
  const awaitSweepCall = createSweepPace({
    callsPerSecond: Math.min(1, share),
    pacer: newPacer({ callsPerSecond: share }),
    clock,
    lastSendMs: endMs,
    signal: new AbortController().signal,
  });
  const moments: number[] = [];
  while (clock.nowMs() < endMs) {
    for (const { lane, pacer } of workers) {
      const latestMs = Math.min(endMs, clock.nowMs() + SECOND);
      const reservation = await pacer.reserve({ region: REGION, api, lane, count: 3, latestMs });
      if (reservation.kind === 'slots') moments.push(...momentsOf(reservation.slots));
    }
    // The sweep creates no rooms. Its wait for a slot moves the clock.
    if (api === 'ListRooms') {
      const isSent = await awaitSweepCall({ region: REGION, api }).then(
        () => true,
        () => false,
      );
      if (isSent) moments.push(clock.nowMs());
      else break;
    } else clock.set(clock.nowMs() + 250);
  }
  return moments.map((ms) => ms - NOW + afterMs);
}

/** The most calls that begin within any ten seconds. */
function mostIn10Seconds(calls: readonly number[]): number {
  const inOrder = calls.toSorted((one, other) => one - other);
  return Math.max(...inOrder.map((fromMs) => inOrder.filter((ms) => ms >= fromMs && ms < fromMs + 10 * SECOND).length));
}

async function callsOf(shares: readonly number[], api: Api): Promise<number[]> {
  const stages = await Promise.all(shares.map((share, place) => callsOfStage(share, api, place * 37)));
  return stages.flat();
}

describe('stages of one account that have shares of the quota', () => {
  // The stages are not coordinated, so each of them may begin at the same moment with the call that is allowed immediately after idleness.
  const mostFor = (stages: number) => 10 * QUOTA + stages;

  test.each(
    APIS.flatMap((api) =>
      [
        [2.5, 2.5],
        [3.5, 1.5],
        [3, 1, 1],
      ].map((shares) => [shares, api] as const),
    ),
  )('(%j of %s) stay within the quota together, with all lanes and sweeps', async (shares, api) => {
    const calls = await callsOf(shares, api);
    expect(mostIn10Seconds(calls)).toBeLessThanOrEqual(mostFor(shares.length));
    // They also use most of the quota.
    expect(calls.length).toBeGreaterThan(0.9 * SECONDS * QUOTA);
  });

  test.each(APIS)('control: without shares, two stages exceed the quota of %s', async (api) => {
    expect(mostIn10Seconds(await callsOf([QUOTA, QUOTA], api))).toBeGreaterThan(mostFor(2));
  });

  test('count the sweep as a part of the share of its stage', async () => {
    expect(mostIn10Seconds(await callsOf([QUOTA], 'ListRooms'))).toBeLessThanOrEqual(mostFor(1));
  });
});
