import { randomUUID } from 'node:crypto';
import type { AsynchronousInvocation, ScheduledRule } from './definitions.ts';
import type { InvocationResult } from './execution-environment.ts';

export interface ScheduledRuleOptions {
  region: string;
  accountId: string;
  /** Whether the function's policy allows the rule to invoke it. If not, EventBridge does not invoke the function. Default: allowed */
  mayInvoke?(ruleArn: string): boolean;
  /** `undefined`: the invocation was throttled. */
  invoke(event: unknown): Promise<InvocationResult | undefined>;
  /**
   * The share of events for which the rule invokes its function twice: "in rare cases, a single rule can be run more than once for a single
   * event".
   */
  duplicateRate: number;
  /** How Lambda retries failed or throttled invocations. Default: two retries within six hours */
  asynchronous?: AsynchronousInvocation | undefined;
  /** 0 inclusive to 1 exclusive. */
  random(): number;
  /** Whether the rule invokes the function on schedule. If not, only `runNow` invokes it. Default: true */
  isTimed?: boolean;
  /** Waits for `ms` milliseconds, or until the signal is aborted. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
  onError(error: unknown): void;
}

export interface StartedRule {
  /**
   * Invokes the function once, as the rule does on schedule, but without retries. Does not affect the timed invocations, with which this one
   * may overlap. @returns undefined if the invocation was not permitted or was throttled
   */
  runNow(): Promise<InvocationResult | undefined>;
  /** Stops invoking the function, and resolves when the current invocations have ended. */
  stop(): Promise<void>;
}

/**
 * Lambda retries an asynchronous invocation twice if the function returns an error:
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 */
const RETRIES_AFTER_MS = [60_000, 120_000];
/**
 * For throttled events, "the retry interval increases exponentially from 1 second after the first attempt to a maximum of 5 minutes" (same
 * page).
 */
const LONGEST_THROTTLE_MS = 300_000;
/** "for up to 6 hours by default" (same page) */
const BY_DEFAULT: AsynchronousInvocation = { retries: RETRIES_AFTER_MS.length, maxAgeMs: 6 * 3_600_000 };

/**
 * Invokes a function at a rule's rate until `stop` is called. The first invocation comes after one period. Lambda queues the events of a rule.
 * If an invocation is still running, the next event gets another execution environment. An invocation therefore never waits for an earlier
 * one. The event has the same form as on AWS: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-run-lambda-schedule.html
 */
export function startScheduledRule(rule: ScheduledRule, options: ScheduledRuleOptions): StartedRule {
  const stopping = new AbortController();
  const { signal } = stopping;
  const underWay = new Set<Promise<void>>();

  async function run(): Promise<void> {
    for (;;) {
      await options.pause(rule.everyMs, signal);
      if (signal.aborted) return;
      if (!isPermitted()) continue;
      const event = scheduledEvent(rule, options);
      const times = options.random() < options.duplicateRate ? 2 : 1;
      for (let time = 0; time < times; time++) {
        const invocation = invokeUntilDone(event, options, signal).catch(options.onError);
        underWay.add(invocation);
        invocation.finally(() => underWay.delete(invocation));
      }
    }
  }

  const isPermitted = () => options.mayInvoke?.(ruleArnOf(rule, options)) !== false;
  const running = options.isTimed === false ? Promise.resolve() : run();
  return {
    runNow: async () => (isPermitted() ? options.invoke(scheduledEvent(rule, options)) : undefined),
    async stop() {
      stopping.abort();
      await running;
      await Promise.all(underWay);
    },
  };
}

async function invokeUntilDone(
  event: object,
  { invoke, pause, asynchronous: { retries, maxAgeMs } = BY_DEFAULT }: ScheduledRuleOptions,
  signal: AbortSignal,
): Promise<void> {
  let ageMs = 0;
  /**
   * @returns whether the event may be retried: it has not expired, and the rule has not been stopped. The duration of an invocation does not
   *   count, so events become a little older than on AWS
   */
  async function wait(ms: number): Promise<boolean> {
    ageMs += ms;
    if (ageMs > maxAgeMs) return false;
    await pause(ms, signal);
    return !signal.aborted;
  }

  for (const retryAfterMs of [...RETRIES_AFTER_MS.slice(0, retries), undefined]) {
    let result = await invoke(event);
    for (let waitMs = 1_000; result === undefined; waitMs = Math.min(2 * waitMs, LONGEST_THROTTLE_MS)) {
      if (!(await wait(waitMs))) return;
      result = await invoke(event);
    }
    if (result.kind === 'ok' || retryAfterMs === undefined || !(await wait(retryAfterMs))) return;
  }
}

function ruleArnOf({ name }: ScheduledRule, { region, accountId }: ScheduledRuleOptions): string {
  return `arn:aws:events:${region}:${accountId}:rule/${name}`;
}

function scheduledEvent(rule: ScheduledRule, options: ScheduledRuleOptions): object {
  const { region, accountId } = options;
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: accountId,
    time: `${new Date().toISOString().slice(0, 'yyyy-mm-ddThh:mm:ss'.length)}Z`,
    region,
    resources: [ruleArnOf(rule, options)],
    detail: {},
  };
}
