import { expect, test } from '@jest/globals';
import { StackNotReadyError, waitForStack } from '../../../scripts/deployment/wait-for-stack.ts';
import { createLoneClock } from '../../../simulation/lone-clock.ts';
import { createVirtualClock } from '../../../simulation/virtual-clock.ts';

const START_MS = 1_000_000;
const { signal } = new AbortController();

/** A stack that changes its state at certain times, and whose queues were deleted at a certain time. */
function stackOf(states: [afterMs: number, status: string | undefined][], queueDeletedAtMs?: number) {
  const clock = createLoneClock(createVirtualClock(START_MS), { longestMs: Number.POSITIVE_INFINITY, movesTime: true });
  const told: string[] = [];
  const stack = {
    name: 'greenroom-prod',
    async status() {
      return states.findLast(([afterMs]) => clock.nowMs() - START_MS >= afterMs)?.[1];
    },
    async queueDeletedAtMs(sinceMs: number) {
      return queueDeletedAtMs !== undefined && queueDeletedAtMs > sinceMs ? queueDeletedAtMs : undefined;
    },
  };
  const wait = async () => {
    const result = await waitForStack(stack, { clock, signal, report: (text) => told.push(text) });
    return { ...result, waitedMs: clock.nowMs() - START_MS };
  };
  return { wait, told };
}

test('a first deployment does not wait', async () => {
  const { wait, told } = stackOf([[0, undefined]]);
  expect(await wait()).toEqual({ rolledBack: false, waitedMs: 0 });
  expect(told).toEqual([]);
});

test('an upgrade does not wait', async () => {
  expect(await stackOf([[0, 'UPDATE_COMPLETE']]).wait()).toEqual({ rolledBack: false, waitedMs: 0 });
});

test('a second deployment waits until the rollback of the first one has ended and the names of its queues are free', async () => {
  const rolledBackAtMs = START_MS + 40_000;
  const { wait, told } = stackOf(
    [
      [0, 'UPDATE_ROLLBACK_IN_PROGRESS'],
      [40_000, 'UPDATE_ROLLBACK_COMPLETE'],
    ],
    rolledBackAtMs,
  );
  const { rolledBack, waitedMs } = await wait();
  expect(rolledBack).toBe(true);
  expect(START_MS + waitedMs - rolledBackAtMs).toBeGreaterThanOrEqual(60_000);
  expect(waitedMs).toBeLessThan(120_000);
  expect(told).toEqual([
    'The stack greenroom-prod is in state UPDATE_ROLLBACK_IN_PROGRESS: waiting until it leaves this state',
    expect.stringMatching(/SQS holds for a minute: waiting 75 s$/),
  ]);
});

test.each([
  ['deleted half a minute ago', -30_000, 45_000],
  ['deleted two minutes ago', -120_000, 0],
  ['deleted in an hour according to a wrong clock', 3_600_000, 75_000],
])('a deployment waits as long as necessary for the names of queues that were %s', async (_title, agoMs, waitedMs) => {
  const { wait } = stackOf([[0, 'UPDATE_ROLLBACK_COMPLETE']], START_MS + agoMs);
  expect(await wait()).toEqual({ rolledBack: true, waitedMs });
});

test.each([
  ['UPDATE_ROLLBACK_FAILED', 'continue-update-rollback --stack-name greenroom-prod'],
  ['ROLLBACK_COMPLETE', 'delete-stack --stack-name greenroom-prod'],
  ['ROLLBACK_FAILED', 'delete-stack --stack-name greenroom-prod'],
  ['DELETE_FAILED', 'delete-stack --stack-name greenroom-prod'],
  ['REVIEW_IN_PROGRESS', 'delete-stack --stack-name greenroom-prod'],
])('a stack in state %s is refused with the remedy', async (status, remedy) => {
  const { wait } = stackOf([[0, status]]);
  const refused = await wait().catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(StackNotReadyError);
  expect(String(refused)).toContain(`is in state ${status}`);
  expect(String(refused)).toContain(remedy);
});

test('a change of the stack that does not end is reported after half an hour', async () => {
  await expect(stackOf([[0, 'UPDATE_IN_PROGRESS']]).wait()).rejects.toThrow('for half an hour');
});
