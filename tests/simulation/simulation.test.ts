import { beforeAll, describe, expect, test } from '@jest/globals';
import { installVirtualTime } from '../../simulation/virtual-time.ts';
import {
  handleIgnoringStops,
  handleRetryingEveryThreeSeconds,
  handleWithoutLastCheck,
  handleWithStockPowertools,
} from './controls.ts';
import { quietScenario, releaseScenario, sweepOnce } from './crash-sweep.ts';
import type { Outage } from './outages.ts';
import { releaseOptimistically, releaseSilently, releaseUnconditionally, releaseUnpaced } from './release-controls.ts';
import { type RunOptions, runSeed } from './run-seed.ts';
import { START_MS } from './world.ts';

beforeAll(installVirtualTime);

/** Runs seeds from 1 on, and stops at the first one that breaks a promise. */
async function firstViolation(seeds: number, options: Partial<RunOptions> = {}): Promise<string | undefined> {
  for (let seed = 1; seed <= seeds; seed++) {
    const { violation } = await runSeed({ seed, ...options });
    if (violation !== undefined) return `seed ${seed}: ${violation}`;
  }
  return undefined;
}

describe('a key has one room, and a request has one completion,', () => {
  // This takes half a minute of processor time. The timeout is longer because the machine may be busy.
  test('in 200 seeds with random faults', async () => {
    expect(await firstViolation(200)).toBeUndefined();
  }, 600_000);

  test('with a crash before or after, a lost response or a late effect at each call', async () => {
    const { points, violations } = await sweepOnce();
    expect(violations).toEqual([]);
    expect(points).toBeGreaterThanOrEqual(36);
  }, 120_000);
});

describe('a room is released once its time has come, and this is announced,', () => {
  test('with a crash before or after, a lost response or a late effect at each call of two releasers', async () => {
    const { points, violations } = await sweepOnce({}, 'releases');
    expect(violations).toEqual([]);
    expect(points).toBeGreaterThanOrEqual(92);
  }, 120_000);

  test.each([
    ['marks rooms unconditionally', releaseUnconditionally, 'I17: '],
    ['treats a lost DeleteRoom as successful', releaseOptimistically, 'R3: released is published, but the room exists'],
    ['does not announce what it has released', releaseSilently, 'R8: '],
  ])(
    'control: the simulation finds a releaser that %s',
    async (_how, release, violation) => {
      const { violations } = await sweepOnce({ release }, 'releases');
      expect(violations.map((run) => run.violation)).toContainEqual(expect.stringContaining(violation));
    },
    120_000,
  );

  test('control: the simulation finds a releaser that does not pace its calls', async () => {
    const { releases, ...others } = releaseScenario();
    if (!releases) throw new Error('The scenario has no releases');
    const scenario = { ...others, releases: { ...releases, crowd: { count: 40, dueAtMs: releases.lastDueMs } } };
    expect(await runSeed({ seed: 1, scenario })).toMatchObject({ violation: undefined });
    const unpaced = await runSeed({ seed: 1, scenario, release: releaseUnpaced });
    expect(unpaced.violation).toMatch(/^I19: \d+ calls of \w+ are sent within 5 s$/);
  });
});

/** The options of a run whose only fault is that DynamoDB cannot be reached for a time. */
function withoutDynamoDb(minutes: number) {
  const untilMs = START_MS + minutes * 60_000;
  const outage: Outage = {
    service: 'dynamodb',
    fromMs: START_MS,
    untilMs,
    fate: { kind: 'unreachable' },
    hasFailed: false,
  };
  return { seed: 1, scenario: { ...quietScenario(), outages: [outage] } };
}

describe('no request is given up only because of an outage', () => {
  test.each([60, 20 * 60])('after %i minutes without DynamoDB', async (minutes) => {
    expect(await runSeed(withoutDynamoDb(minutes))).toMatchObject({ violation: undefined });
  });
});

describe('the stop of a job', () => {
  /** A run without faults, in which a row is stopped before it is sent, and another request for its key waits. */
  const stopped = (): Partial<RunOptions> => {
    const { requests, ...quiet } = quietScenario();
    const [first] = requests;
    if (first === undefined) throw new Error('The scenario has no request');
    const rows = [
      { ...first, isRow: true },
      { ...first, number: 1 },
    ];
    return { seed: 1, scenario: { ...quiet, requests: rows, stopAtMs: START_MS } };
  };

  test('ends only its own rows', async () => {
    const { violation, calls } = await runSeed({ seed: 1, ...stopped() });
    expect([violation, calls.CreateRoom]).toEqual([undefined, 1]);
  });

  test('control: the simulation finds a worker that ignores the stop', async () => {
    const handle = handleIgnoringStops;
    const { scenario } = stopped();
    const rows = scenario?.requests.map((each) => ({ ...each, isRow: true, sentAtMs: START_MS + each.number * 5_000 }));
    const options = { seed: 1, scenario: { ...quietScenario(), requests: rows ?? [], stopAtMs: START_MS } };
    expect((await runSeed(options)).violation).toBeUndefined();
    expect((await runSeed({ ...options, handle })).violation).toMatch(/^I14: a room is requested/);
  });
});

describe('control: the same simulation finds what is wrong with the obvious solutions:', () => {
  test('the unchanged DynamoDBPersistenceLayer creates second rooms', async () => {
    const { violations } = await sweepOnce({ handle: handleWithStockPowertools });
    expect(violations.map(({ violation }) => violation)).toContainEqual(expect.stringContaining('I1: a second room'));
  }, 120_000);

  test('the default retries of the SDK on CreateRoom create second rooms', async () => {
    const { violations } = await sweepOnce({ createRoomAttempts: 3, handle: handleWithoutLastCheck });
    expect(violations.map(({ violation }) => violation)).toContainEqual(expect.stringContaining('I1: a second room'));
  }, 120_000);

  test('waits that do not depend on the age of their cause give up requests', async () => {
    const { violation } = await runSeed({ ...withoutDynamoDb(60), handle: handleRetryingEveryThreeSeconds });
    expect(violation).toContain('I8: key is given up as dead-lettered');
  });
});
