import * as z from 'zod';
import { invalid } from './scheduler-error.ts';

/** Names of schedules and groups, as in the service model. */
export const nameSchema = z
  .string()
  .regex(/^[0-9a-zA-Z-_.]{1,64}$/, 'Member must have 1 to 64 characters and satisfy the pattern ^[0-9a-zA-Z-_.]+$');

const queueArn = z
  .string()
  .regex(/^arn:aws:sqs:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,80}$/, 'only queues are supported as targets');
const roleArn = z
  .string()
  .max(1600)
  .regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/, 'must be the ARN of a role');

const targetSchema = z.strictObject({
  Arn: queueArn,
  RoleArn: roleArn,
  Input: z.string().min(1).max(256_000),
  DeadLetterConfig: z.strictObject({ Arn: queueArn }).exactOptional(),
  RetryPolicy: z
    .strictObject({
      MaximumEventAgeInSeconds: z.int().min(60).max(86_400).default(86_400),
      MaximumRetryAttempts: z.int().min(0).max(185).default(185),
    })
    .prefault({}),
});

/** The settings of a one-time schedule. The service's other settings (rate, cron, time windows, time zones) are refused with an error. */
export const scheduleInputSchema = z.strictObject({
  GroupName: nameSchema.default('default'),
  ScheduleExpression: z.string().min(1).max(256),
  ScheduleExpressionTimezone: z.literal('UTC', 'only UTC is supported').default('UTC'),
  FlexibleTimeWindow: z.strictObject({ Mode: z.literal('OFF', 'only OFF is supported') }),
  ActionAfterCompletion: z.enum(['NONE', 'DELETE']).default('NONE'),
  State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
  Description: z.string().max(512).exactOptional(),
  Target: targetSchema,
  ClientToken: z
    .string()
    .regex(/^[a-zA-Z0-9-_]{1,64}$/)
    .exactOptional(),
});

export const scheduleSchema = scheduleInputSchema.omit({ ClientToken: true }).extend({
  Name: nameSchema,
  Arn: z.string(),
  createdAtMs: z.number(),
  modifiedAtMs: z.number(),
  /** The time in the schedule's expression. */
  dueAtMs: z.number(),
  /** When it fires: the service is up to a minute late. */
  firesAtMs: z.number().exactOptional(),
  /** Whether it has fired. Fired schedules are kept only with `ActionAfterCompletion` NONE. */
  done: z.boolean(),
  /** How many times sending to its target has failed. */
  failedAttempts: z.number(),
  /** The schedule is not tried again before this time. */
  retryAtMs: z.number(),
  clientToken: z.string().exactOptional(),
});

export type Schedule = z.output<typeof scheduleSchema>;

const AT = /^at\((\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})\)$/;

/** When a one-time expression is due, in epoch milliseconds. @throws SchedulerError for any other expression */
export function dueAtMs(expression: string): number {
  const [, time] = AT.exec(expression) ?? [];
  const ms = Date.parse(`${time}Z`);
  if (time === undefined || Number.isNaN(ms))
    throw invalid(`Invalid Schedule Expression ${expression}: only at(yyyy-mm-ddThh:mm:ss) is supported`);
  return ms;
}

/** Parses a part of a request. @throws SchedulerError that names every invalid member */
export function parseInput<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw invalid(z.prettifyError(parsed.error));
}
