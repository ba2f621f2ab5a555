import type { CallFate } from './faults.ts';
import type { FateOf } from './network.ts';
import { type RunOptions, type RunResult, runSeed } from './run-seed.ts';
import type { Scenario } from './scenario.ts';
import { START_MS } from './world.ts';

/** The faults that can happen at every call. */
const FATES: CallFate[] = [
  { kind: 'crash-before' },
  { kind: 'crash-after' },
  { kind: 'lost-response' },
  { kind: 'late-effect', delayMs: 19_000 },
];

const NORMAL: CallFate = { kind: 'normal' };

export interface SweepResult {
  /** The number of runs: one for each call, or pair of calls, and each fate. */
  points: number;
  violations: RunResult[];
}

/** One request and its duplicate a little later, without random faults. */
export function quietScenario(): Scenario {
  const request = { idempotencyKey: 'key', room: { name: 'hall' }, neededByMs: undefined };
  return {
    requests: [
      { ...request, number: 0, sentAtMs: START_MS },
      { ...request, number: 1, sentAtMs: START_MS + 5_000 },
    ],
    intensity: 0,
    calmFromMs: START_MS + 60_000,
  };
}

/** The same, with a room that is due soon. Two releasers always work at the same time. */
export function releaseScenario(): Scenario {
  const { requests, ...quiet } = quietScenario();
  const dueAtMs = START_MS + 2 * 60_000;
  return {
    ...quiet,
    requests: requests.map((each) => ({ ...each, releaseAtMs: dueAtMs })),
    releases: {
      commands: [],
      intensity: 0,
      calmFromMs: START_MS,
      lastDueMs: dueAtMs,
      newRoomLagMs: 0,
      indexLag: { usualMs: 0, longShare: 0, longestMs: 0 },
      sweepsAtMs: [],
      crowd: { count: 0, dueAtMs },
      isAlwaysTwice: true,
    },
  };
}

/** Which calls a sweep disturbs: those of the workers of requests, or those of the releasers. */
export type Disturbed = 'requests' | 'releases';

/**
 * Runs the simulation once for every call and every fate, with one fault in each run. If a fault makes the run longer (by a
 * recovery, for example), the additional calls are included.
 */
export async function sweepOnce(
  options: Partial<RunOptions> = {},
  disturbed: Disturbed = 'requests',
): Promise<SweepResult> {
  return sweep((point) => FATES.map((fate) => new Map([[point, fate]])), options, disturbed);
}

/** The same with two faults in each run. The second one is at most `reach` calls later than the first. */
export async function sweepTwice(
  reach: number,
  options: Partial<RunOptions> = {},
  disturbed: Disturbed = 'requests',
): Promise<SweepResult> {
  const pairs = (first: number) =>
    FATES.flatMap((fate) =>
      Array.from({ length: reach }, (_, distance) => first + distance + 1).flatMap((second) =>
        FATES.map(
          (other) =>
            new Map([
              [first, fate],
              [second, other],
            ]),
        ),
      ),
    );
  return sweep(pairs, options, disturbed);
}

async function sweep(
  plansAt: (point: number) => Map<number, CallFate>[],
  options: Partial<RunOptions>,
  disturbed: Disturbed,
): Promise<SweepResult> {
  const result: SweepResult = { points: 0, violations: [] };
  for (let point = 0, reached = true; reached; point++) {
    reached = false;
    for (const plan of plansAt(point)) {
      const run = await runPlan(plan, options, disturbed);
      if (run.calls <= point) continue;
      reached = true;
      result.points += 1;
      if (run.result.violation !== undefined) result.violations.push(run.result);
    }
  }
  return result;
}

async function runPlan(plan: Map<number, CallFate>, options: Partial<RunOptions>, disturbed: Disturbed) {
  let calls = 0;
  const fateOf: FateOf = (world, worker) => {
    const isRelease = world.releases?.has(worker) === true;
    return isRelease === (disturbed === 'releases') ? (plan.get(calls++) ?? NORMAL) : NORMAL;
  };
  const scenario = disturbed === 'releases' ? releaseScenario() : quietScenario();
  const result = await runSeed({ seed: 1, ...options, scenario, fateOf });
  return { calls, result };
}
