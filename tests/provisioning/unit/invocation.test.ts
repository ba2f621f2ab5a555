import { beforeEach, describe, expect, test } from '@jest/globals';
import { beginInvocation } from '../../../lib/provisioning/invocation.ts';
import { Postponement } from '../../../lib/provisioning/postponement.ts';
import { createVirtualClock, type VirtualClock } from '../../../simulation/virtual-clock.ts';
import { config } from '../../fixtures/simulated-stage.ts';
import { contextUntil } from '../../support/lambda-context.ts';

const START_MS = 1_000_000;
const END_MS = START_MS + 60_000;

let clock: VirtualClock;
beforeEach(() => {
  clock = createVirtualClock(START_MS);
});

const begin = (deadLetters = false) =>
  beginInvocation(
    { ...contextUntil(END_MS), getRemainingTimeInMillis: () => END_MS - clock.nowMs() },
    { clock, config, deadLetters },
  );

describe('an invocation', () => {
  test('sends no call that could time out after its end, and its leases last longer than itself by the clock error', () => {
    expect(begin()).toMatchObject({
      lastSendMs: END_MS - 3_000 - config.callTimeoutMs,
      leaseEndMs: END_MS + config.timing.clockErrorMs,
    });
  });

  test.each([true, false])('knows whether its messages are dead letters (%s)', (deadLetters) => {
    expect(begin(deadLetters)).toMatchObject({ deadLetters });
  });

  test('aborts every wait three seconds before its end, so that the requests return soon', async () => {
    const { signal } = begin();
    await clock.run(END_MS - 3_001);
    expect(signal.aborted).toBe(false);
    await clock.run(END_MS - 3_000);
    expect(signal.reason).toBeInstanceOf(Postponement);
    expect(signal.reason).toMatchObject({ reason: 'deadline' });
  });

  test('aborts nothing after it is done', async () => {
    const { signal, end } = begin();
    end();
    await clock.run(END_MS);
    expect(signal.aborted).toBe(false);
  });
});
