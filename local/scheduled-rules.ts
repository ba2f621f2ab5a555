import { setTimeout as pause } from 'node:timers/promises';
import { ACCOUNT_ID } from '../emulator/account.ts';
import type { ScheduledRule } from '../emulator/lambda/definitions.ts';
import type { LambdaFunction } from '../emulator/lambda/lambda-function.ts';
import { type StartedRule, startScheduledRule } from '../emulator/lambda/scheduled-rule.ts';
import { createRandom } from '../emulator/random.ts';
import { functionOf, type Polling } from './event-sources.ts';

/** Starts the rules that are enabled. They invoke their functions by the real clock. */
export function startScheduledRules(
  rules: readonly ScheduledRule[],
  functions: readonly LambdaFunction[],
  { seed, account, ...settings }: Polling,
): StartedRule[] {
  return rules
    .filter(({ enabled }) => enabled)
    .map((rule, index) => {
      const { invoke } = functionOf(functions, rule.functionArn, ({ arn }) => arn === rule.functionArn);
      return startScheduledRule(rule, {
        ...settings,
        accountId: ACCOUNT_ID,
        random: createRandom(seed + index),
        invoke: (event) => account.run(() => invoke(event)),
        pause: (ms, signal) => pause(ms, undefined, { signal }).catch(() => undefined),
      });
    });
}
