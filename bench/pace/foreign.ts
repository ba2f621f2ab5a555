import type { CreateRoomCall } from '../../emulator/ivschat/calls.ts';
import { createRandom } from '../../emulator/random.ts';
import { systemClock } from '../../lib/platform/clock.ts';
import { median, msUntilRate, ratePerSecond } from '../harness/arithmetic.ts';
import { startProgram } from '../harness/child-programs.ts';
import { makeRequests, sendRequests } from '../harness/requests.ts';
import { QUOTA_PER_SECOND } from '../harness/run-figures.ts';
import type { Scenario, ScenarioContext } from '../harness/scenario.ts';
import { type RunningStack, withStack } from '../harness/with-stack.ts';

const FOREIGN_PER_SECOND = 3;
const FOREIGN_NAME = 'foreign';
const LEAD_MS = 10_000;
const FOREIGN_MS = 60_000;
/** The time that greenroom has to notice the other program. */
const GRACE_MS = 10_000;
const RECOVERY_MS = 30_000;
/** Rates are measured over spans of this length. */
const SPAN_MS = 10_000;
const RECOVERED_SHARE = 0.95;
/** Enough requests to use the quota during the whole run. */
const REQUESTS = 700;

interface Measured {
  throttledShare: number;
  sharedRate: number;
  foreignRate: number;
  recoveredShare: number;
  recoveredAfterMs: number | undefined;
}

export const foreign: Scenario = {
  name: 'foreign',
  about: 'another program makes 3 of the 5 calls a second for a minute, and then stops',
  async run(context) {
    const seeds = Array.from({ length: context.seeds }, (_, index) => index + 1);
    const results: Measured[] = [];
    for (const seed of seeds)
      results.push(
        await withStack(context, { name: `foreign ${seed}`, seed }, (running) => measure(running, seed, context)),
      );
    const values = (pick: (result: Measured) => number | undefined) => {
      const each = results.map(pick);
      return [median(each.map((value) => value ?? Number.NaN)), ...each];
    };
    const rest = QUOTA_PER_SECOND - FOREIGN_PER_SECOND;
    return [
      {
        scenario: 'foreign',
        title: `Another program makes ${FOREIGN_PER_SECOND} of the ${QUOTA_PER_SECOND} calls a second, evenly, for a minute`,
        columns: ['median', ...seeds.map((seed) => `seed ${seed}`)],
        rows: [
          {
            figure: 'greenroom: share of its calls that are throttled',
            unit: 'share',
            values: values((each) => each.throttledShare),
            bound: { atMost: 0.05 },
            boundColumns: [0],
          },
          {
            figure: 'greenroom: calls that are not throttled',
            unit: 'per-second',
            values: values((each) => each.sharedRate),
          },
          {
            figure: 'the other program: calls that are not throttled',
            unit: 'per-second',
            values: values((each) => each.foreignRate),
          },
          {
            figure: 'greenroom: share of the quota used, 30 to 40 s after the other program stops',
            unit: 'share',
            values: values((each) => each.recoveredShare),
            bound: { atLeast: RECOVERED_SHARE },
            boundColumns: [0],
          },
          {
            figure: `greenroom: time until it uses ${RECOVERED_SHARE * 100}% of the quota for 10 s`,
            unit: 'seconds',
            values: values((each) => each.recoveredAfterMs && each.recoveredAfterMs / 1000),
            bound: { atMost: RECOVERY_MS / 1000 },
            boundColumns: [0],
          },
        ],
        notes: [
          `Both programs share one token bucket of the emulator, so ${rest} calls a second are left for greenroom. The first three figures cover the time from 10 s after the other program starts until it stops. The last two cover the time after that.`,
        ],
      },
    ];
  },
};

async function measure(running: RunningStack, seed: number, { progress }: ScenarioContext): Promise<Measured> {
  const { stack, signal } = running;
  const sleep = (ms: number) => systemClock.sleep(ms, signal);
  const other = await startProgram('foreign-caller', stack);
  try {
    await sendRequests(makeRequests(REQUESTS, { name: 'ours' }), { ...running, lane: 'bulk' });
    // The random offset keeps the foreign calls from having a fixed rhythm relative to greenroom's.
    await sleep(LEAD_MS + (createRandom(seed)() * 1_000) / FOREIGN_PER_SECOND);
    progress(`foreign ${seed}: the other program begins`);
    const beganMs = Date.now();
    other.start({ name: FOREIGN_NAME, callsPerSecond: FOREIGN_PER_SECOND, region: stack.region });
    await sleep(FOREIGN_MS);
    await other.stop();
    const stoppedMs = Date.now();
    progress(`foreign ${seed}: the other program stops`);
    await sleep(RECOVERY_MS + SPAN_MS);
    return evaluate((await running.ivsChat.calls()).createRoom, beganMs, stoppedMs);
  } finally {
    await other.stop();
  }
}

function evaluate(calls: readonly CreateRoomCall[], beganMs: number, stoppedMs: number): Measured {
  const isForeign = (body: string) => body.includes(`"name":"${FOREIGN_NAME}-`);
  const ours = calls.filter(({ body }) => !isForeign(body));
  const sharing = ours.filter(({ arrivedAtMs }) => arrivedAtMs >= beganMs + GRACE_MS && arrivedAtMs < stoppedMs);
  const passedMs = (from: readonly CreateRoomCall[]) =>
    from.filter((call) => !call.throttled).map((call) => call.arrivedAtMs);
  const theirs = calls.filter(({ body }) => isForeign(body));
  const oursMs = passedMs(ours);
  const recoveredBy = stoppedMs + RECOVERY_MS;
  return {
    throttledShare: sharing.filter((call) => call.throttled).length / sharing.length,
    sharedRate: ratePerSecond(oursMs, beganMs + GRACE_MS, stoppedMs),
    foreignRate: ratePerSecond(passedMs(theirs), beganMs + GRACE_MS, stoppedMs),
    recoveredShare: ratePerSecond(oursMs, recoveredBy, recoveredBy + SPAN_MS) / QUOTA_PER_SECOND,
    recoveredAfterMs: msUntilRate(oursMs, {
      fromMs: stoppedMs,
      untilMs: recoveredBy + SPAN_MS,
      spanMs: SPAN_MS,
      callsPerSecond: QUOTA_PER_SECOND * RECOVERED_SHARE,
    }),
  };
}
