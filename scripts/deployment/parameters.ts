import * as z from 'zod';
import { READERS } from '../../lib/bulk/lane-capacity.ts';
import { about } from '../../lib/contract/about.ts';
import { REGIONS } from '../../lib/contract/regions.ts';
import { environmentSchema } from '../../lib/platform/config.ts';
import { liveEventEnvironmentSchema } from '../../lib/platform/live-event-config.ts';
import { bulkEnvironmentSchema } from '../../lib/platform/roster-config.ts';
import { asText, noneOr, number, positive, trueOrFalse, whole } from './value-forms.ts';

const variables = {
  ...environmentSchema.shape,
  ...bulkEnvironmentSchema.shape,
  ...liveEventEnvironmentSchema.shape,
};

/** IVS Chat's quota for each room API, per account and region: https://docs.aws.amazon.com/ivs/latest/ChatUserGuide/service-quotas.html */
export const QUOTA_CALLS_PER_SECOND = 5;

/** "In most cases, a request must reach AWS within five minutes": https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html */
const MIN_SIGNATURE_LIFETIME_SECONDS = 300;
/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html */
const MAX_FUNCTION_SECONDS = 900;
/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html */
const MAX_VISIBILITY_SECONDS = 43_200;
/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const LOG_RETENTION_DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1827, 3653];
/**
 * "there can be a maximum of approximately 120,000 inflight messages" (lib/bulk/lane-capacity.ts). The difference is reserved for senders
 * other than the reader.
 */
const MAX_LANE_MESSAGES = 110_000;

/** The rate of the schedule of `release-rooms` in serverless.yml. */
const RELEASE_EVERY_SECONDS = 60;
/** The releaser sends no call that could end later than this before its timeout (lib/releasing/release-rooms.ts). */
const WINDING_UP_SECONDS = 3;

/**
 * A notice is parked after 3 days (lib/platform/retention.ts), and the parked queue keeps it for 14 days. In the remaining 13 days, a person
 * can act.
 */
const MAX_JOB_DAYS = 30;

const retentionDays = whole(1, 36_500).describe('use a whole number of days from 1 to 36500');

/**
 * At most 40 account ids. A queue's policy may have 50 principals and be 8,192 bytes long, and other statements use part of both:
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html
 */
const ACCOUNT_IDS = /^\s*(\d{12}\s*(,\s*\d{12}\s*){0,39})?$/;
/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateEventBus.html */
const EVENT_BUS_NAME = /^[/.\-_A-Za-z0-9]{0,256}$/;

/**
 * Optional, because the default depends on the size of the account.
 * "Valid Range: Minimum value of 2. Maximum value of 1000": https://docs.aws.amazon.com/lambda/latest/api/API_ScalingConfig.html
 */
const concurrency = whole(2, 1_000)
  .optional()
  .describe('Lambda accepts 2 to 1000 concurrent invocations of an event source: use a whole number in this range');
const seconds = positive.describe('use a number of seconds above 0');
const functionSeconds = whole(1, MAX_FUNCTION_SECONDS).describe(
  'a function may run for 1 to 900 seconds: use a whole number in this range',
);
const visibilitySeconds = whole(1, MAX_VISIBILITY_SECONDS).describe(
  'SQS hides a message for at most 43200 seconds: use a whole number of seconds up to that',
);

/** The valid values of each parameter of serverless.yml. The description is the remedy. */
const fields = z.strictObject({
  defaultRegion: z
    .enum(REGIONS)
    .describe(
      `IVS Chat is not available in this region. Choose the region for requests that name none, for example --param defaultRegion=eu-west-1 (possible: ${REGIONS.join(', ')})`,
    ),
  signatureLifetimeSeconds: seconds,
  listingLagSeconds: seconds,
  clockErrorSeconds: seconds,
  sendWindowSeconds: seconds,
  functionTimeoutSeconds: functionSeconds,
  visibilityTimeoutSeconds: visibilitySeconds,
  callTimeoutSeconds: seconds,
  postponeScheduleSeconds: asText
    .pipe(variables.GREENROOM_POSTPONE_SCHEDULE_SECONDS)
    .describe('use whole seconds from 1 to 43200, separated by commas, for example 60,300,900,3600'),
  requestMaxAgeSeconds: about(
    variables.GREENROOM_REQUEST_MAX_AGE_SECONDS,
    'a room may be needed at most 7 days after its request: use a number of seconds up to 604800',
  ),
  keyRetentionDays: about(
    variables.GREENROOM_KEY_RETENTION_DAYS,
    'a message may spend 28 days in queues, and a forgotten key could get a second room: use 30 days or more',
  ),
  releases: trueOrFalse.describe('use true or false'),
  releaseGraceSeconds: number
    .pipe(z.number().min(0))
    .describe('use a number of seconds, or 0 if release commands need not be withdrawn'),
  createRoomTps: number
    .pipe(z.number().positive().max(QUOTA_CALLS_PER_SECOND))
    .describe(
      'IVS Chat accepts 5 calls a second of each room API from all stages of an account together: use this stage’s share, above 0 and at most 5',
    ),
  sweepDelete: trueOrFalse.describe('use true or false'),
  sweepSafeAgeSeconds: seconds,
  sweepCallsPerSecond: positive.describe('use a number of calls a second above 0'),
  sweepTimeoutSeconds: functionSeconds,
  releaseTimeoutSeconds: functionSeconds,
  rosterTimeoutSeconds: functionSeconds,
  rosterVisibilityTimeoutSeconds: visibilitySeconds,
  rosterRetentionDays: about(
    variables.GREENROOM_ROSTER_RETENTION_DAYS,
    'a parked request may be answered weeks later, and must still be counted then: use 30 days or more',
  ),
  outstandingRowsPerRegion: about(
    variables.GREENROOM_OUTSTANDING_ROWS_PER_REGION,
    'with fewer, a job of 50,000 rows would use up the receives of its notice: use 1500 or more',
  ),
  laneStopMessages: about(
    variables.GREENROOM_LANE_STOP_MESSAGES.check(z.lte(MAX_LANE_MESSAGES)),
    'SQS delivers no message beyond about 120,000 in flight: use 1000 to 110000',
  ),
  leadTimeSeconds: about(variables.GREENROOM_LEAD_TIME_SECONDS, 'use whole seconds from 60 to 518400 (6 days)'),
  atRiskSeconds: about(
    variables.GREENROOM_AT_RISK_SECONDS,
    'a later check would leave no time to act: use 120 seconds or more',
  ),
  upstreamAccounts: asText
    .pipe(z.string().regex(ACCOUNT_IDS))
    .describe(
      'use up to 40 account ids of 12 digits, in quotes and separated by commas, for example 111122223333,444455556666',
    ),
  eventBusName: asText
    .pipe(z.string().regex(EVENT_BUS_NAME))
    .describe(
      'use the name, and not the ARN, of an event bus in this account and region. The bus that every account has is called default',
    ),
  manifestRetentionDays: retentionDays,
  reportRetentionDays: retentionDays,
  sendingTopics: z
    .string()
    .regex(/^[\w*?-]{1,256}$/)
    .describe('use the name of a topic, with * for any text'),
  sendingRules: z
    .string()
    .regex(/^[\w.*?/-]{1,256}$/)
    .describe('use the name of a rule, or BUS/NAME, with * for any text'),
  logRetentionDays: number
    .pipe(z.literal(LOG_RETENTION_DAYS))
    .describe(`CloudWatch Logs accepts only certain numbers of days: use one of ${LOG_RETENTION_DAYS.join(', ')}`),
  deletionProtection: trueOrFalse.describe('use true or false'),
  tracing: trueOrFalse.describe('use true or false'),
  alarmTopicArn: noneOr(/^arn:aws[\w-]*:sns:[a-z0-9-]+:\d{12}:[\w.-]{1,256}$/).describe(
    'use the ARN of an SNS topic, for example arn:aws:sns:eu-west-1:123456789012:operators',
  ),
  alarmEmail: noneOr(/^[^\s@]+@[^\s@]+\.[^\s@]+$/).describe('use an address, for example operators@example.com'),
  accountSize: z
    .enum(['ordinary', 'small'])
    .describe('use ordinary, or small for an account whose functions may have only a few concurrent invocations'),
  interactiveConcurrency: concurrency,
  bulkConcurrency: concurrency,
  redriveConcurrency: concurrency,
  interactiveDeadLetterConcurrency: concurrency,
  bulkDeadLetterConcurrency: concurrency,
  manifestConcurrency: whole(2, READERS)
    .optional()
    .describe(`each reader uses up to a ${READERS}th of the free capacity of the bulk lane: use 2 to ${READERS}`),
  rosterConcurrency: concurrency,
  liveEventConcurrency: concurrency,
  liveEventDeadLetterConcurrency: concurrency,
});

/** The valid forms of the parameters. For the `local` stage, no relations between parameters are checked. */
export const parameterForms = fields;

type Name = keyof typeof fields.shape;

interface Checked {
  issues: readonly { code?: string | undefined; path?: readonly PropertyKey[] | undefined }[];
}

/** Checks a relation whenever the parameters in it have valid forms, even if other parameters do not, so that all problems are reported. */
const unlessWrong =
  (...names: Name[]) =>
  ({ issues }: Checked) =>
    !issues.some(({ code, path }) => code !== 'custom' && names.some((name) => name === path?.[0]));

/** The valid forms of the parameters, and the relations between parameters that AWS and greenroom require. */
export const parametersForAws = fields
  .refine((all) => all.signatureLifetimeSeconds >= MIN_SIGNATURE_LIFETIME_SECONDS, {
    path: ['signatureLifetimeSeconds'],
    error:
      'AWS accepts a signature for at least five minutes, and with a shorter settle time, duplicate rooms could be created: use 300 or more',
    when: unlessWrong('signatureLifetimeSeconds'),
  })
  .refine((all) => all.visibilityTimeoutSeconds >= 6 * all.functionTimeoutSeconds, {
    path: ['visibilityTimeoutSeconds'],
    error: 'AWS recommends six times the timeout of the function: use at least six times functionTimeoutSeconds',
    when: unlessWrong('visibilityTimeoutSeconds', 'functionTimeoutSeconds'),
  })
  .refine((all) => all.rosterVisibilityTimeoutSeconds >= 6 * all.rosterTimeoutSeconds, {
    path: ['rosterVisibilityTimeoutSeconds'],
    error: 'AWS recommends six times the timeout of the function: use at least six times rosterTimeoutSeconds',
    when: unlessWrong('rosterVisibilityTimeoutSeconds', 'rosterTimeoutSeconds'),
  })
  .refine((all) => all.callTimeoutSeconds < all.functionTimeoutSeconds, {
    path: ['callTimeoutSeconds'],
    error: 'a call could outlast its function: use fewer seconds than functionTimeoutSeconds',
    when: unlessWrong('callTimeoutSeconds', 'functionTimeoutSeconds'),
  })
  .refine((all) => all.releaseTimeoutSeconds >= RELEASE_EVERY_SECONDS + all.callTimeoutSeconds + WINDING_UP_SECONDS, {
    path: ['releaseTimeoutSeconds'],
    error: `each minute would have seconds in which no room is released: use at least ${RELEASE_EVERY_SECONDS + WINDING_UP_SECONDS} more than callTimeoutSeconds`,
    when: unlessWrong('releaseTimeoutSeconds', 'callTimeoutSeconds'),
  })
  .refine((all) => all.sweepSafeAgeSeconds >= settleSeconds(all), {
    path: ['sweepSafeAgeSeconds'],
    error:
      'the sweep could delete a room whose request is still undecided: use at least the settle time, the sum of signatureLifetimeSeconds, listingLagSeconds, clockErrorSeconds and sendWindowSeconds',
    when: unlessWrong(
      'sweepSafeAgeSeconds',
      'signatureLifetimeSeconds',
      'listingLagSeconds',
      'clockErrorSeconds',
      'sendWindowSeconds',
    ),
  })
  .refine((all) => all.sweepCallsPerSecond <= all.createRoomTps, {
    path: ['sweepCallsPerSecond'],
    error: 'the sweep’s calls are part of the stage’s share of the quota: use at most createRoomTps',
    when: unlessWrong('sweepCallsPerSecond', 'createRoomTps'),
  })
  .refine((all) => all.manifestRetentionDays >= all.rosterRetentionDays + MAX_JOB_DAYS, {
    path: ['manifestRetentionDays'],
    error: `a late notice makes greenroom read the manifest of a job that it still stores: use at least ${MAX_JOB_DAYS} more than rosterRetentionDays`,
    when: unlessWrong('manifestRetentionDays', 'rosterRetentionDays'),
  })
  .refine((all) => all.reportRetentionDays >= all.rosterRetentionDays, {
    path: ['reportRetentionDays'],
    error: 'greenroom refers to the report of every job that it still stores: use at least rosterRetentionDays',
    when: unlessWrong('reportRetentionDays', 'rosterRetentionDays'),
  })
  .refine((all) => all.atRiskSeconds < all.leadTimeSeconds, {
    path: ['atRiskSeconds'],
    error: 'the check would come before the rooms are requested: use fewer seconds than leadTimeSeconds',
    when: unlessWrong('atRiskSeconds', 'leadTimeSeconds'),
  });

function settleSeconds(all: z.output<typeof fields>): number {
  return all.signatureLifetimeSeconds + all.listingLagSeconds + all.clockErrorSeconds + all.sendWindowSeconds;
}
