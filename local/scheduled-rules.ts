import { setTimeout as pause } from 'node:timers/promises';
import * as z from 'zod';
import { ACCOUNT_ID } from '../emulator/account.ts';
import { answerAdminCall, parseAdminBody } from '../emulator/admin-calls.ts';
import type { Iam } from '../emulator/iam/iam.ts';
import type { ScheduledRule } from '../emulator/lambda/definitions.ts';
import type { InvocationResult } from '../emulator/lambda/execution-environment.ts';
import type { LambdaFunction } from '../emulator/lambda/lambda-function.ts';
import { type StartedRule, startScheduledRule } from '../emulator/lambda/scheduled-rule.ts';
import { createRandom } from '../emulator/random.ts';
import type { ServiceRequest, ServiceResponse } from '../emulator/service.ts';
import { functionOf, type Polling } from './event-sources.ts';

/**
 * When the template's rules invoke their functions: at the rates of the template, never, or at their rates but at least once in this many
 * milliseconds. EventBridge accepts no intervals shorter than a minute.
 */
export type ScheduleRates = 'declared' | 'off' | { atLeastEveryMs: number };

/** A started rule, and the name of its function. */
export interface RunningRule extends StartedRule {
  functionName: string;
}

/** Starts the enabled rules, which invoke their functions according to the real clock. */
export function startScheduledRules(
  rules: readonly ScheduledRule[],
  functions: readonly LambdaFunction[],
  { seed, account, rates = 'declared', ...settings }: Polling & { rates?: ScheduleRates | undefined },
  iam: Pick<Iam, 'refusalOfService'>,
): RunningRule[] {
  return rules
    .filter(({ enabled }) => enabled)
    .map((rule, index) => {
      const { invoke, definition } = functionOf(functions, rule.functionArn, ({ arn }) => arn === rule.functionArn);
      const everyMs = typeof rates === 'object' ? Math.min(rule.everyMs, rates.atLeastEveryMs) : rule.everyMs;
      const started = startScheduledRule(
        { ...rule, everyMs },
        {
          ...settings,
          accountId: ACCOUNT_ID,
          random: createRandom(seed + index),
          isTimed: rates !== 'off',
          asynchronous: definition.asynchronous,
          mayInvoke: (ruleArn) => mayInvoke(rule.functionArn, ruleArn, iam),
          invoke: (event) => account.run(() => invoke(event)),
          pause: (ms, signal) => pause(ms, undefined, { signal }).catch(() => undefined),
        },
      );
      return { ...started, functionName: definition.name };
    });
}

/** The result of each manual invocation; `refused` if it was not permitted or was throttled. */
export type RunResult = InvocationResult | { kind: 'refused' };

/**
 * Runs the enabled rules that invoke a function, regardless of their rates. These invocations can overlap with scheduled ones.
 * @param functionName the end of the name of the function
 * @throws Error if no enabled rule invokes such a function
 */
export async function runSchedules(rules: readonly RunningRule[], functionName: string): Promise<RunResult[]> {
  const found = rules.filter((rule) => rule.functionName.endsWith(functionName));
  if (found.length === 0) throw new Error(`No schedule invokes a function whose name ends with ${functionName}`);
  return Promise.all(found.map(async (rule) => (await rule.runNow()) ?? { kind: 'refused' }));
}

export const SCHEDULES_PREFIX = '/_greenroom/schedules/';

/** Answers `POST /_greenroom/schedules/run` with `{ function }` when the invocations have ended. The response contains their results. */
export function handleSchedules(rules: readonly RunningRule[], request: ServiceRequest): Promise<ServiceResponse> {
  const isScheduled = (name: string) => rules.some((rule) => rule.functionName.endsWith(name));
  const names = () => rules.map((rule) => rule.functionName).join(', ');
  const bodySchema = z.strictObject({
    function: z
      .string()
      .min(1)
      .refine(isScheduled, { error: () => `must be the end of the name of a function with a schedule: ${names()}` }),
  });
  const run = async (given: ServiceRequest) => ({
    results: await runSchedules(rules, parseAdminBody(bodySchema, given).function),
  });
  return answerAdminCall(SCHEDULES_PREFIX, new Map([['POST run', run]]), request);
}

/**
 * "For Lambda, Amazon SNS, Amazon SQS, and Amazon CloudWatch Logs resources, EventBridge uses resource-based policies", so only the policy
 * of the function can allow the invocation: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
 */
function mayInvoke(functionArn: string, ruleArn: string, iam: Pick<Iam, 'refusalOfService'>): boolean {
  const needed = { action: 'lambda:InvokeFunction', resource: functionArn, context: { 'aws:sourcearn': ruleArn } };
  return iam.refusalOfService('events.amazonaws.com', needed) === undefined;
}
