import { beforeAll, describe, expect, test } from '@jest/globals';
import { installVirtualTime } from '../../simulation/virtual-time.ts';
import { handleAskingEveryThreeSeconds, handleWithoutLastLook, handleWithStockPowertools } from './controls.ts';
import { quietScenario, sweepOnce } from './crash-sweep.ts';
import type { Outage } from './outages.ts';
import { type RunOptions, runSeed } from './run-seed.ts';
import { START_MS } from './world.ts';

beforeAll(installVirtualTime);

/** Seeds from 1 on; stops at the first that breaks a promise. */
async function firstViolation(seeds: number, options: Partial<RunOptions> = {}): Promise<string | undefined> {
  for (let seed = 1; seed <= seeds; seed++) {
    const { violation } = await runSeed({ seed, ...options });
    if (violation !== undefined) return `seed ${seed}: ${violation}`;
  }
  return undefined;
}

describe('one room per key, one completion per request', () => {
  // Half a minute of a processor: the limit leaves room for a busy machine.
  test('through 200 seeds of chaos', async () => {
    expect(await firstViolation(200)).toBeUndefined();
  }, 600_000);

  test('through a crash before and after every call, a lost answer and a late effect at each', async () => {
    const { points, violations } = await sweepOnce();
    expect(violations).toEqual([]);
    expect(points).toBeGreaterThanOrEqual(36);
  }, 120_000);
});

/** Nothing goes wrong but that DynamoDB cannot be reached for so long. */
function withoutDynamoDb(minutes: number) {
  const untilMs = START_MS + minutes * 60_000;
  const outage: Outage = { service: 'dynamodb', fromMs: START_MS, untilMs, fate: { kind: 'unreachable' }, met: false };
  return { seed: 1, scenario: { ...quietScenario(), outages: [outage] } };
}

describe('no request is given up that only an outage kept from its room', () => {
  test.each([60, 20 * 60])('after %i minutes without DynamoDB', async (minutes) => {
    expect(await runSeed(withoutDynamoDb(minutes))).toMatchObject({ violation: undefined });
  });
});

describe('the same simulation finds what is wrong with the obvious solutions', () => {
  test('the stock DynamoDBPersistenceLayer makes second rooms', async () => {
    const { violations } = await sweepOnce({ handle: handleWithStockPowertools });
    expect(violations.map(({ violation }) => violation)).toContainEqual(expect.stringContaining('I1: a second room'));
  }, 120_000);

  test("the SDK's default retries on CreateRoom make second rooms", async () => {
    const { violations } = await sweepOnce({ createRoomAttempts: 3, handle: handleWithoutLastLook });
    expect(violations.map(({ violation }) => violation)).toContainEqual(expect.stringContaining('I1: a second room'));
  }, 120_000);

  test('waits that know nothing of the age of their cause give requests up', async () => {
    const { violation } = await runSeed({ ...withoutDynamoDb(60), handle: handleAskingEveryThreeSeconds });
    expect(violation).toContain('I8: key is given up as dead-lettered');
  });
});
