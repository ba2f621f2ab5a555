import { beforeAll, describe, expect, test } from '@jest/globals';
import { installVirtualTime } from '../../simulation/virtual-time.ts';
import { quietScenario } from './crash-sweep.ts';
import type { CallFate } from './faults.ts';
import type { FateOf } from './network.ts';
import { runSeed } from './run-seed.ts';
import { START_MS } from './world.ts';

beforeAll(installVirtualTime);

const HOUR_MS = 60 * 60_000;

/** Runs a simulation in which some calls fail for the first hour. Returns the times of CreateRoom and of successful publications. */
async function runHour(fails: (call: string) => boolean, fate: CallFate) {
  const roomCallsAtMs: number[] = [];
  const publishedAtMs: number[] = [];
  const fateOf: FateOf = (world, _worker, call) => {
    const sinceMs = world.time.nowMs() - START_MS;
    if (call === 'CreateRoom') roomCallsAtMs.push(sinceMs);
    if (sinceMs < HOUR_MS && fails(call)) return fate;
    if (call === 'Publish') publishedAtMs.push(sinceMs);
    return { kind: 'normal' };
  };
  const { violation } = await runSeed({ seed: 1, scenario: quietScenario(), fateOf });
  return { violation, roomCallsAtMs, publishedAtMs };
}

const UNREACHABLE: CallFate = { kind: 'lost-request' };
const FAILING: CallFate = { kind: 'error-before', status: 503 };

describe('after a failure for an hour, each request gets its room and its completion:', () => {
  test.each([
    ['unreachable', UNREACHABLE],
    ['failing', FAILING],
  ])('with DynamoDB %s, no room is created meanwhile, and the request waits', async (_how, fate) => {
    const { violation, roomCallsAtMs } = await runHour((call) => call === 'UpdateItem', fate);
    expect(violation).toBeUndefined();
    expect(roomCallsAtMs).toHaveLength(1);
    expect(roomCallsAtMs[0]).toBeGreaterThanOrEqual(HOUR_MS);
  });

  test.each([
    ['unreachable', UNREACHABLE],
    ['failing', FAILING],
    ['publishing without answering', { kind: 'lost-response' }],
  ] satisfies [string, CallFate][])(
    'with SNS %s, the room is created once, and the completion follows',
    async (_how, fate) => {
      const { violation, roomCallsAtMs, publishedAtMs } = await runHour((call) => call === 'Publish', fate);
      expect(violation).toBeUndefined();
      expect(roomCallsAtMs).toHaveLength(1);
      expect(roomCallsAtMs[0]).toBeLessThan(60_000);
      expect(Math.min(...publishedAtMs)).toBeGreaterThanOrEqual(HOUR_MS);
    },
  );

  test('with IVS Chat failing, no room is created twice, whatever the errors meant', async () => {
    const { violation } = await runHour((call) => call === 'CreateRoom' || call === 'ListRooms', FAILING);
    expect(violation).toBeUndefined();
  });

  test('with postponements not reaching SQS, messages return after their visibility timeout', async () => {
    const { violation } = await runHour((call) => call === 'ChangeMessageVisibilityBatch', UNREACHABLE);
    expect(violation).toBeUndefined();
  });
});
