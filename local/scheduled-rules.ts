import { setTimeout as pause } from 'node:timers/promises';
import { ACCOUNT_ID } from '../emulator/account.ts';
import type { Iam } from '../emulator/iam/iam.ts';
import type { ScheduledRule } from '../emulator/lambda/definitions.ts';
import type { LambdaFunction } from '../emulator/lambda/lambda-function.ts';
import { type StartedRule, startScheduledRule } from '../emulator/lambda/scheduled-rule.ts';
import { createRandom } from '../emulator/random.ts';
import { functionOf, type Polling } from './event-sources.ts';

/** Starts the enabled rules. They invoke their functions by the real clock. */
export function startScheduledRules(
  rules: readonly ScheduledRule[],
  functions: readonly LambdaFunction[],
  { seed, account, ...settings }: Polling,
  iam: Pick<Iam, 'refusalOfService'>,
): StartedRule[] {
  return rules
    .filter(({ enabled }) => enabled)
    .map((rule, index) => {
      const { invoke, definition } = functionOf(functions, rule.functionArn, ({ arn }) => arn === rule.functionArn);
      return startScheduledRule(rule, {
        ...settings,
        accountId: ACCOUNT_ID,
        random: createRandom(seed + index),
        asynchronous: definition.asynchronous,
        mayInvoke: (ruleArn) => mayInvoke(rule.functionArn, ruleArn, iam),
        invoke: (event) => account.run(() => invoke(event)),
        pause: (ms, signal) => pause(ms, undefined, { signal }).catch(() => undefined),
      });
    });
}

/**
 * "For Lambda, Amazon SNS, Amazon SQS, and Amazon CloudWatch Logs resources, EventBridge uses resource-based policies", so only the policy
 * of the function can allow the invocation: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
 */
function mayInvoke(functionArn: string, ruleArn: string, iam: Pick<Iam, 'refusalOfService'>): boolean {
  const needed = { action: 'lambda:InvokeFunction', resource: functionArn, context: { 'aws:sourcearn': ruleArn } };
  return iam.refusalOfService('events.amazonaws.com', needed) === undefined;
}
