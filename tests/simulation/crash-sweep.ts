import type { CallFate } from './faults.ts';
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

/**
 * Runs the simulation once for every call and every fate, with one fault in each run. If a fault makes the run longer (by a
 * recovery, for example), the additional calls are included.
 */
export async function sweepOnce(options: Partial<RunOptions> = {}): Promise<SweepResult> {
  return sweep((point) => FATES.map((fate) => new Map([[point, fate]])), options);
}

/** The same with two faults in each run. The second one is at most `reach` calls later than the first. */
export async function sweepTwice(reach: number, options: Partial<RunOptions> = {}): Promise<SweepResult> {
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
  return sweep(pairs, options);
}

async function sweep(
  plansAt: (point: number) => Map<number, CallFate>[],
  options: Partial<RunOptions>,
): Promise<SweepResult> {
  const result: SweepResult = { points: 0, violations: [] };
  for (let point = 0, reached = true; reached; point++) {
    reached = false;
    for (const plan of plansAt(point)) {
      const run = await runPlan(plan, options);
      if (run.calls <= point) continue;
      reached = true;
      result.points += 1;
      if (run.result.violation !== undefined) result.violations.push(run.result);
    }
  }
  return result;
}

async function runPlan(plan: Map<number, CallFate>, options: Partial<RunOptions>) {
  let calls = 0;
  const fateOf = (): CallFate => plan.get(calls++) ?? { kind: 'normal' };
  const result = await runSeed({ seed: 1, ...options, scenario: quietScenario(), fateOf });
  return { calls, result };
}
