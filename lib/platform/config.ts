import * as z from 'zod';
import type { Lane } from '../contract/lanes.ts';
import { REGIONS, type Region } from '../contract/regions.ts';

/**
 * How long an answer of IVS Chat must be waited for before its absence means anything.
 * `settleMs` is the sum of the other four: the longest time from the intent until a room that its call made must be listed.
 */
export interface Timing {
  /** AWS refuses a request that arrives later than this after its signing date. */
  signatureLifetimeMs: number;
  /** The longest time that ListRooms may lag behind CreateRoom (undocumented; a stated bound). */
  listingLagMs: number;
  /** The most that two workers' clocks differ. */
  clockErrorMs: number;
  /** A worker that comes to send later than this after its intent does not send. */
  sendWindowMs: number;
  settleMs: number;
}

export interface Config {
  stage: string;
  /** Where a room is made whose request names no region. */
  defaultRegion: Region;
  ledgerTable: string;
  paceTable: string;
  completionTopicArn: string;
  queueUrls: Record<Lane, string>;
  /** Where operators send parked requests back to. */
  redriveQueueUrl: string;
  /** The ids of the roles whose messages may name a roster and use a roster's keys. */
  rosterSenderRoleIds: readonly string[];
  parkedQueueUrl: string;
  timing: Timing;
  /** One call to IVS Chat is given up after this long; its outcome is then unknown. */
  callTimeoutMs: number;
  /** The intervals between the probes of a region's open breaker; the last one repeats. */
  postponeScheduleSeconds: readonly number[];
  /** A request without `neededBy` is given up this long after it arrived in its queue. */
  requestMaxAgeMs: number;
  /** How long a key is remembered after its request was answered. */
  keyRetentionSeconds: number;
  /** IVS Chat's quota for each room API, per account and region (5 a second, not adjustable). */
  callsPerSecond: number;
}

/** Additional configuration of the sweeper. */
export interface SweepConfig extends Config {
  sweep: {
    /** Extra rooms are deleted, and not only reported. */
    deletes: boolean;
    /** A room is deleted only if it is older than this; never below the settle time. */
    safeAgeMs: number;
    /** The sweeper's own pace over all regions and APIs, within the quota that it shares with the workers. */
    callsPerSecond: number;
  };
}

export const SECONDS_PER_DAY = 86_400;

const text = z.string().min(1);
const seconds = z.coerce.number().positive();
const schedule = z
  .string()
  .transform((list) => list.split(',').map(Number))
  .pipe(z.array(z.number().int().min(1).max(43_200)).min(1));
/** As IAM makes them: https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html */
const roleIds = z
  .string()
  .transform((list) => list.split(','))
  .pipe(z.array(z.string().regex(/^\w{16,128}$/, 'must be ids of roles')).min(1));

export const environmentSchema = z.object({
  GREENROOM_STAGE: z.string().regex(/^[a-z0-9-]{1,25}$/),
  GREENROOM_DEFAULT_REGION: z.enum(REGIONS),
  GREENROOM_LEDGER_TABLE: text,
  GREENROOM_PACE_TABLE: text,
  GREENROOM_COMPLETION_TOPIC_ARN: text,
  GREENROOM_INTERACTIVE_QUEUE_URL: z.url(),
  GREENROOM_BULK_QUEUE_URL: z.url(),
  GREENROOM_REDRIVE_QUEUE_URL: z.url(),
  GREENROOM_PARKED_QUEUE_URL: z.url(),
  GREENROOM_ROSTER_SENDER_ROLE_IDS: roleIds,
  GREENROOM_SIGNATURE_LIFETIME_SECONDS: seconds,
  GREENROOM_LISTING_LAG_SECONDS: seconds,
  GREENROOM_CLOCK_ERROR_SECONDS: seconds,
  GREENROOM_SEND_WINDOW_SECONDS: seconds,
  GREENROOM_CALL_TIMEOUT_SECONDS: seconds,
  GREENROOM_POSTPONE_SCHEDULE_SECONDS: schedule,
  GREENROOM_REQUEST_MAX_AGE_SECONDS: seconds.max(7 * SECONDS_PER_DAY),
  // Queues may hold and redrive a message for 28 days; a shorter memory would make its second room.
  GREENROOM_KEY_RETENTION_DAYS: z.coerce.number().int().min(30),
  GREENROOM_CREATE_ROOM_TPS: z.coerce.number().positive(),
  // With idempotency switched off every delivery would make a room.
  POWERTOOLS_IDEMPOTENCY_DISABLED: z.never('must not be set: it would make a room per delivery').optional(),
});

const sweepEnvironmentSchema = environmentSchema
  .extend({
    GREENROOM_SWEEP_DELETE: z
      .enum(['true', 'false'])
      .default('false')
      .transform((text) => text === 'true'),
    GREENROOM_SWEEP_SAFE_AGE_SECONDS: seconds,
    GREENROOM_SWEEP_CALLS_PER_SECOND: z.coerce.number().positive(),
  })
  .refine((env) => env.GREENROOM_SWEEP_SAFE_AGE_SECONDS * 1000 >= readTiming(env).settleMs, {
    path: ['GREENROOM_SWEEP_SAFE_AGE_SECONDS'],
    error: 'must not be below the settle time, the sum of its four parts',
  });

/**
 * Reads and checks the environment of the functions that answer room requests. This file, roster-config.ts and live-event-config.ts
 * are the only ones that do so for a function.
 * @throws Error naming every variable that is missing or wrong, so that a bad deployment fails at its first cold start.
 */
export function readConfig(environment: Record<string, string | undefined>): Config {
  return toConfig(parseEnvironment(environmentSchema, environment));
}

/** The same with what the sweeper needs besides. */
export function readSweepConfig(environment: Record<string, string | undefined>): SweepConfig {
  const env = parseEnvironment(sweepEnvironmentSchema, environment);
  return {
    ...toConfig(env),
    sweep: {
      deletes: env.GREENROOM_SWEEP_DELETE,
      safeAgeMs: env.GREENROOM_SWEEP_SAFE_AGE_SECONDS * 1000,
      callsPerSecond: env.GREENROOM_SWEEP_CALLS_PER_SECOND,
    },
  };
}

/** @throws Error naming every variable that is missing or wrong */
export function parseEnvironment<Schema extends z.ZodType>(
  schema: Schema,
  environment: Record<string, string | undefined>,
): z.output<Schema> {
  const parsed = schema.safeParse(environment);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`The environment of this function is not usable:\n${problems.join('\n')}`);
}

function toConfig(env: z.output<typeof environmentSchema>): Config {
  return {
    stage: env.GREENROOM_STAGE,
    defaultRegion: env.GREENROOM_DEFAULT_REGION,
    ledgerTable: env.GREENROOM_LEDGER_TABLE,
    paceTable: env.GREENROOM_PACE_TABLE,
    completionTopicArn: env.GREENROOM_COMPLETION_TOPIC_ARN,
    queueUrls: { interactive: env.GREENROOM_INTERACTIVE_QUEUE_URL, bulk: env.GREENROOM_BULK_QUEUE_URL },
    redriveQueueUrl: env.GREENROOM_REDRIVE_QUEUE_URL,
    rosterSenderRoleIds: env.GREENROOM_ROSTER_SENDER_ROLE_IDS,
    parkedQueueUrl: env.GREENROOM_PARKED_QUEUE_URL,
    timing: readTiming(env),
    callTimeoutMs: env.GREENROOM_CALL_TIMEOUT_SECONDS * 1000,
    postponeScheduleSeconds: env.GREENROOM_POSTPONE_SCHEDULE_SECONDS,
    requestMaxAgeMs: env.GREENROOM_REQUEST_MAX_AGE_SECONDS * 1000,
    keyRetentionSeconds: env.GREENROOM_KEY_RETENTION_DAYS * SECONDS_PER_DAY,
    callsPerSecond: env.GREENROOM_CREATE_ROOM_TPS,
  };
}

function readTiming(env: z.infer<typeof environmentSchema>): Timing {
  const parts = {
    signatureLifetimeMs: env.GREENROOM_SIGNATURE_LIFETIME_SECONDS * 1000,
    listingLagMs: env.GREENROOM_LISTING_LAG_SECONDS * 1000,
    clockErrorMs: env.GREENROOM_CLOCK_ERROR_SECONDS * 1000,
    sendWindowMs: env.GREENROOM_SEND_WINDOW_SECONDS * 1000,
  };
  return { ...parts, settleMs: Object.values(parts).reduce((sum, ms) => sum + ms, 0) };
}
