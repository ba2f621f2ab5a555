import * as z from 'zod';
import { ignored, kind } from './kind.ts';

const UNITS_MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;

/** "If the value is equal to 1, then the unit must be singular": https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html */
const everyMs = z.string().transform((expression, context) => {
  const [, one, many, unit] = /^rate\((?:(1)|([2-9]|[1-9]\d+)) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  const unitMs = Object.entries(UNITS_MS).find(([name]) => name === unit)?.[1];
  if (unitMs !== undefined && expression.endsWith('s)') === (one === undefined)) return Number(one ?? many) * unitMs;
  context.addIssue('only rates are supported: rate(1 minute), rate(5 minutes)');
  return z.NEVER;
});

/** A rule that invokes functions at a rate. Other properties of EventBridge rules are refused with an error that names them. */
const ruleProperties = z.strictObject({
  ScheduleExpression: everyMs,
  State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
  Targets: z.array(
    z.strictObject({
      Arn: z.string().regex(/^arn:[^:]+:lambda:/, 'only functions are supported as targets'),
      Id: z.string(),
    }),
  ),
  Name: z.string().optional(),
  Description: ignored,
});

export const makeRule = kind(ruleProperties, async (logicalId, properties, making) => {
  const { ScheduleExpression: rateMs, State, Targets, Name: name = logicalId } = properties;
  for (const { Arn: functionArn } of Targets)
    making.scheduledRules.push({ name, everyMs: rateMs, functionArn, enabled: State === 'ENABLED' });
  return { ref: name, attributes: { Arn: `arn:aws:events:${making.region}:${making.accountId}:rule/${name}` } };
});
