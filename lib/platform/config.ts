import * as z from 'zod/mini';
import '../contract/english.ts';
import type { Lane } from '../contract/lanes.ts';
import { REGIONS, type Region } from '../contract/regions.ts';
import { STAGE_NAME } from '../contract/stage-name.ts';

/**
 * The time limits that determine when "not listed" proves that a room does not exist. `settleMs` is the sum of the other four: ListRooms
 * shows a call's room at most this long after the intent of the call.
 */
export interface Timing {
  /** AWS rejects a request that arrives more than this time after its signing date. */
  signatureLifetimeMs: number;
  /** The longest time that ListRooms may lag behind CreateRoom. AWS documents no limit, so this is an assumption. */
  listingLagMs: number;
  /** The largest difference between two workers' clocks, or between a worker's and AWS's. */
  clockErrorMs: number;
  /** A worker does not send a call more than this time after its intent. */
  sendWindowMs: number;
  settleMs: number;
}

export interface Config {
  stage: string;
  /** The region in which the function runs. One stage may be deployed in several regions. */
  deploymentRegion: string;
  /** The region of a room whose request names none. */
  defaultRegion: Region;
  ledgerTable: string;
  paceTable: string;
  completionTopicArn: string;
  queueUrls: Record<Lane, string>;
  /** The queue to which operators send parked requests back. */
  redriveQueueUrl: string;
  /** The ids of the roles whose messages may name a roster and use a roster's keys. */
  rosterSenderRoleIds: readonly string[];
  parkedQueueUrl: string;
  timing: Timing;
  /** A call to IVS Chat is aborted after this time. Its outcome is then unknown. */
  callTimeoutMs: number;
  /** The intervals between the probes of a region's open breaker. The last interval repeats. */
  postponeScheduleSeconds: readonly number[];
  /** A request without `neededBy` expires this long after it arrived in its queue. */
  requestMaxAgeMs: number;
  /** How long the ledger keeps a key after its request was answered. */
  keyRetentionSeconds: number;
  /** Whether greenroom releases rooms. If not, it refuses every request, row, live event or command that states a release. */
  releases: boolean;
  /** How long after its arrival a release command can be withdrawn, even if it asks for a release now. */
  releaseGraceMs: number;
  /** IVS Chat's quota for each room API, per account and region (5 a second, not adjustable). */
  callsPerSecond: number;
}

/** Additional configuration of the sweeper. */
export interface SweepConfig extends Config {
  sweep: {
    /** Whether the sweep deletes extra rooms. Otherwise it only reports them. */
    deletes: boolean;
    /** The sweep deletes only rooms that are older than this. The age is never below the settle time. */
    safeAgeMs: number;
    /** The sweep's own limit for all regions and APIs together, within the quota that it shares with the workers. */
    callsPerSecond: number;
  };
}

export const SECONDS_PER_DAY = 86_400;

const text = z.string().check(z.minLength(1));
const seconds = z.coerce.number().check(z.positive());
const schedule = z.pipe(
  z.pipe(
    z.string(),
    z.transform((list) => list.split(',').map(Number)),
  ),
  z.array(z.number().check(z.int(), z.minimum(1), z.maximum(43_200))).check(z.minLength(1)),
);
const switchText = z.pipe(
  z._default(z.enum(['true', 'false']), 'false'),
  z.transform((value) => value === 'true'),
);
/** The form of IAM's role ids: https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html */
const roleIds = z.pipe(
  z.pipe(
    z.string(),
    z.transform((list) => list.split(',')),
  ),
  z.array(z.string().check(z.regex(/^\w{16,128}$/, 'must be role ids, separated by commas'))).check(z.minLength(1)),
);

export const environmentSchema = z.object({
  GREENROOM_STAGE: z.string().check(z.regex(STAGE_NAME)),
  // Lambda sets it: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
  AWS_REGION: z.string().check(z.regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must be a region, such as eu-west-1')),
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
  GREENROOM_REQUEST_MAX_AGE_SECONDS: seconds.check(z.maximum(7 * SECONDS_PER_DAY)),
  // A message can spend 28 days in queues if it is parked and sent back. If its key expired earlier, greenroom could create a second room.
  GREENROOM_KEY_RETENTION_DAYS: z.coerce.number().check(z.int(), z.minimum(30)),
  GREENROOM_CREATE_ROOM_TPS: z.coerce.number().check(z.positive()),
  GREENROOM_RELEASES: switchText,
  GREENROOM_RELEASE_GRACE_SECONDS: z._default(z.coerce.number().check(z.minimum(0)), 900),
  // With idempotency switched off, every delivery would create a room.
  POWERTOOLS_IDEMPOTENCY_DISABLED: z.optional(z.never('must not be set: every delivery would create a room')),
});

const sweepEnvironmentSchema = z
  .extend(environmentSchema, {
    GREENROOM_SWEEP_DELETE: switchText,
    GREENROOM_SWEEP_SAFE_AGE_SECONDS: seconds,
    GREENROOM_SWEEP_CALLS_PER_SECOND: z.coerce.number().check(z.positive()),
  })
  .check(
    z.refine((env) => env.GREENROOM_SWEEP_SAFE_AGE_SECONDS * 1000 >= readTiming(env).settleMs, {
      path: ['GREENROOM_SWEEP_SAFE_AGE_SECONDS'],
      error: 'must not be below the settle time, the sum of its four parts',
    }),
  );

/**
 * Reads and checks the environment of the functions that answer room requests. Only this file, roster-config.ts and live-event-config.ts
 * read the environment of a function.
 * @throws Error naming every variable that is missing or invalid, so that a bad deployment fails at its first cold start.
 */
export function readConfig(environment: Record<string, string | undefined>): Config {
  return toConfig(parseEnvironment(environmentSchema, environment));
}

/** Reads and checks the environment of the sweeper. @throws Error naming every variable that is missing or invalid */
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

/** @throws Error naming every variable that is missing or invalid */
export function parseEnvironment<Schema extends z.ZodMiniType>(
  schema: Schema,
  environment: Record<string, string | undefined>,
): z.output<Schema> {
  // The environment is parsed once. Compiling zod's fast path would take longer than parsing without it.
  const parsed = schema.safeParse(environment, { jitless: true });
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`The environment of this function is invalid:\n${problems.join('\n')}`);
}

function toConfig(env: z.output<typeof environmentSchema>): Config {
  return {
    stage: env.GREENROOM_STAGE,
    deploymentRegion: env.AWS_REGION,
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
    releases: env.GREENROOM_RELEASES,
    releaseGraceMs: env.GREENROOM_RELEASE_GRACE_SECONDS * 1000,
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
