import { describe, expect, test } from '@jest/globals';
import type { InvocationResult } from '../../../emulator/lambda/execution-environment.ts';
import { type ScheduledRuleOptions, startScheduledRule } from '../../../emulator/lambda/scheduled-rule.ts';
import { isScheduledEvent } from '../../../lib/platform/scheduled-event.ts';

const OK: InvocationResult = { kind: 'ok', payload: null };
const FAILED: InvocationResult = { kind: 'crashed', reason: 'test' };
const RULE = { name: 'Look', everyMs: 300_000, functionArn: 'arn', enabled: true };

/** A rule whose pauses end when the test says so. */
function start(options: Partial<ScheduledRuleOptions> = {}) {
  const events: unknown[] = [];
  const errors: unknown[] = [];
  const pauses: { ms: number; end: () => void }[] = [];
  const rule = startScheduledRule(RULE, {
    region: 'eu-west-1',
    accountId: '000000000000',
    invoke: async (event) => {
      events.push(event);
      return OK;
    },
    duplicateRate: 0,
    random: () => 0.5,
    pause: (ms, signal) =>
      new Promise((resolve) => {
        pauses.push({ ms, end: resolve });
        signal.addEventListener('abort', () => resolve());
      }),
    onError: (error) => errors.push(error),
    ...options,
  });
  /** Ends the oldest pause, and lets the code that waited for it run. */
  async function pass(): Promise<number | undefined> {
    const pause = pauses.shift();
    pause?.end();
    for (let round = 0; round < 10; round++) await Promise.resolve();
    return pause?.ms;
  }
  return { rule, events, errors, pauses, pass };
}

describe('a rule with a rate', () => {
  test('invokes nothing while the policy of the function does not permit it', async () => {
    const asked: string[] = [];
    let isAllowed = false;
    const mayInvoke = (ruleArn: string) => {
      asked.push(ruleArn);
      return isAllowed;
    };
    const { rule, events, pass } = start({ mayInvoke });
    await pass();
    expect(events).toEqual([]);
    isAllowed = true;
    await pass();
    await rule.stop();
    expect(events).toMatchObject([{ resources: ['arn:aws:events:eu-west-1:000000000000:rule/Look'] }]);
    expect(asked).toEqual(Array.from({ length: 2 }, () => 'arn:aws:events:eu-west-1:000000000000:rule/Look'));
  });

  test('invokes its function after each period with an EventBridge event, until it is stopped', async () => {
    const { rule, events, pass } = start();
    expect(events).toEqual([]);
    expect([await pass(), await pass()]).toEqual([300_000, 300_000]);
    await rule.stop();
    expect(await pass()).toBe(300_000);
    expect(events).toHaveLength(2);
    // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-run-lambda-schedule.html
    expect(events[0]).toEqual({
      ...{ version: '0', id: expect.any(String), 'detail-type': 'Scheduled Event', source: 'aws.events' },
      ...{ account: '000000000000', time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) },
      ...{ region: 'eu-west-1', resources: ['arn:aws:events:eu-west-1:000000000000:rule/Look'], detail: {} },
    });
    expect(events.every(isScheduledEvent)).toBe(true);
  });

  // https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html: "If you invoke a function when it is already processing a request,
  // Lambda provisions another execution environment"
  test('does not wait for an earlier invocation', async () => {
    const ends: (() => void)[] = [];
    const { rule, pass } = start({ invoke: () => new Promise((resolve) => ends.push(() => resolve(OK))) });
    for (let period = 0; period < 3; period++) await pass();
    expect(ends).toHaveLength(3);
    for (const end of ends) end();
    await rule.stop();
  });

  test('invokes its function by hand, besides its rate and while another invocation is running', async () => {
    const ends: (() => void)[] = [];
    const { rule, pauses, pass } = start({ invoke: () => new Promise((resolve) => ends.push(() => resolve(OK))) });
    await pass();
    const byHand = rule.runNow();
    expect([ends.length, pauses.length]).toEqual([2, 1]);
    for (const end of ends) end();
    expect(await byHand).toEqual(OK);
    await rule.stop();
  });

  test('that is not timed invokes its function only by hand, and only if it may', async () => {
    let isAllowed = true;
    const { rule, events, pauses } = start({ isTimed: false, mayInvoke: () => isAllowed });
    expect(pauses).toEqual([]);
    expect(await rule.runNow()).toEqual(OK);
    expect(events.map(isScheduledEvent)).toEqual([true]);
    isAllowed = false;
    expect(await rule.runNow()).toBeUndefined();
    expect(events).toHaveLength(1);
    await rule.stop();
  });

  // https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html: "By default, Lambda attempts to run the function
  // two more times, with a one-minute wait between the first two attempts, and two minutes between the second and third attempts."
  test('retries a failed invocation twice', async () => {
    const events: unknown[] = [];
    const { rule, pauses, pass } = start({
      invoke: async (event) => {
        events.push(event);
        return FAILED;
      },
    });
    await pass();
    // The first pause is that of the next period.
    const waits = [pauses.splice(1, 1)[0]];
    waits[0]?.end();
    for (let round = 0; round < 10; round++) await Promise.resolve();
    waits.push(pauses.splice(1, 1)[0]);
    waits[1]?.end();
    for (let round = 0; round < 10; round++) await Promise.resolve();
    expect(waits.map((wait) => wait?.ms)).toEqual([60_000, 120_000]);
    expect(events).toHaveLength(3);
    expect(new Set(events).size).toBe(1);
    expect(pauses).toHaveLength(1);
    await rule.stop();
  });

  test('retries a throttled invocation until the function runs', async () => {
    let calls = 0;
    const { rule, pauses, pass } = start({ invoke: async () => (++calls > 3 ? OK : undefined) });
    await pass();
    const waits: number[] = [];
    while (pauses.length > 1) {
      const [wait] = pauses.splice(1, 1);
      waits.push(wait?.ms ?? Number.NaN);
      wait?.end();
      for (let round = 0; round < 10; round++) await Promise.resolve();
    }
    expect([calls, waits]).toEqual([4, [1_000, 2_000, 4_000]]);
    await rule.stop();
  });

  // "MaximumRetryAttempts: The maximum number of times to retry when the function returns an error. Valid Range: Minimum value of 0. Maximum
  // value of 2.": https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html
  test('does not retry a failed invocation if the function allows no retries', async () => {
    const { rule, pauses, pass } = start({
      asynchronous: { retries: 0, maxAgeMs: 60_000 },
      invoke: async () => FAILED,
    });
    await pass();
    expect(pauses.map(({ ms }) => ms)).toEqual([300_000]);
    await rule.stop();
  });

  // "MaximumEventAgeInSeconds: The maximum age of a request that Lambda sends to a function for processing. Valid Range: Minimum value of
  // 60. Maximum value of 21600." (same page)
  test('discards a throttled event at its maximum age', async () => {
    const { rule, pauses, pass } = start({
      asynchronous: { retries: 0, maxAgeMs: 60_000 },
      invoke: async () => undefined,
    });
    await pass();
    const waits: number[] = [];
    while (pauses.length > 1) {
      const [wait] = pauses.splice(1, 1);
      waits.push(wait?.ms ?? Number.NaN);
      wait?.end();
      for (let round = 0; round < 10; round++) await Promise.resolve();
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000]);
    await rule.stop();
  });

  test('may invoke its function twice', async () => {
    const { rule, events, pass } = start({ duplicateRate: 1 });
    await pass();
    expect(events).toHaveLength(2);
    await rule.stop();
  });

  test('reports an invocation that could not be made, and continues', async () => {
    const { rule, errors, pass } = start({ invoke: () => Promise.reject(new Error('no function')) });
    await pass();
    await pass();
    expect(errors).toHaveLength(2);
    await rule.stop();
  });
});

test.each([
  [{ Records: [] }, false],
  [{ source: 'aws.events' }, false],
  [{ source: 'shop', 'detail-type': 'Scheduled Event' }, false],
  [null, false],
  [{ source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} }, true],
])('whether %j is a scheduled event: %s', (event, is) => {
  expect(isScheduledEvent(event)).toBe(is);
});
