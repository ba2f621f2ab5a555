import { beforeAll, describe, expect, test } from '@jest/globals';
import { installVirtualTime } from '../../local/simulation/virtual-time.ts';
import { handleWithoutLastLook, handleWithStockPowertools } from './controls.ts';
import { sweepOnce } from './crash-sweep.ts';
import { type RunOptions, runSeed } from './run-seed.ts';

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
  test('through 200 seeds of chaos', async () => {
    expect(await firstViolation(200)).toBeUndefined();
  }, 120_000);

  test('through a crash before and after every call, a lost answer and a late effect at each', async () => {
    const { points, violations } = await sweepOnce();
    expect(violations).toEqual([]);
    expect(points).toBeGreaterThanOrEqual(36);
  }, 120_000);
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
});
