import { PRICES, type Price } from '../prices.ts';
import { COUNTS, type Count } from './counts.ts';
import type { Declared } from './declared.ts';
import type { Usage } from './usage.ts';

/** One line of a bill. */
export interface Item {
  what: string;
  quantity: number;
  price: Price;
}

export const MONTH_SECONDS = 30 * 24 * 3_600;
const MONTH_DAYS = 30;
const MONTH_HOURS = MONTH_DAYS * 24;
const HOUR_SECONDS = 3_600;
const GB = 1e9;

/**
 * "For standard queues, Lambda uses long polling to poll a queue until it becomes active. […] When traffic is low, Lambda scales back the
 * processing to five concurrent batches, and can optimize to as few as 2 concurrent batches to reduce the SQS calls and corresponding
 * costs. However, this optimization is not available when you enable the maximum concurrency setting":
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
 */
export const POLLERS = 5;
/**
 * "The maximum long polling wait time is 20 seconds":
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html. AWS does not say how long Lambda's
 * receives wait, so the longest wait is assumed, which gives the fewest possible receives. `NumberOfEmptyReceives` shows the real number.
 */
export const LONG_POLL_SECONDS = 20;
/**
 * "If DynamoDB gets a request for the cached table key after five minutes of inactivity, it sends a new request to AWS KMS":
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.howitworks.html. SNS reuses a data key for up to five minutes, and
 * sends two requests for each publisher: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
 */
const KEY_REUSE_SECONDS = 300;
const REQUESTS_PER_PUBLISHER = 2;

export interface ScheduledInvocation {
  functionName: string;
  /** The usage of one invocation. */
  usage: Usage;
  /** The time between two invocations. */
  everySeconds: number;
}

export interface IdleMeasured {
  /** One invocation of each scheduled function. */
  invocations: readonly ScheduledInvocation[];
  /** The packages of one deployment. */
  packageBytes: number;
}

/** The counts that `scheduledItems` contains. A function that causes others would cost more than its items. */
const SCHEDULED_COUNTS: readonly Count[] = [
  'gbSeconds',
  'invocations',
  'readUnits',
  'writeUnits',
  'logBytes',
  'platformLogBytes',
];

/**
 * The items of a month without any requests.
 * @throws Error if a schedule of the template was not measured, or if its function causes costs that the items do not contain
 */
export function idleItems(declared: Declared, { invocations, packageBytes }: IdleMeasured): Item[] {
  const measured = new Set(invocations.map(({ functionName }) => functionName));
  const missing = declared.schedules.map(({ functionName }) => functionName).filter((name) => !measured.has(name));
  if (missing.length > 0) throw new Error(`These scheduled functions were not measured: ${missing.join(', ')}`);
  return [
    { what: `metrics of ${declared.alarms} alarms`, quantity: declared.alarmMetrics, price: PRICES.alarmMetric },
    { what: 'dashboard', quantity: declared.dashboards, price: PRICES.dashboard },
    {
      what: `empty receives of ${declared.eventSources} event sources`,
      quantity: declared.eventSources * POLLERS * (MONTH_SECONDS / LONG_POLL_SECONDS),
      price: PRICES.sqsRequest,
    },
    ...scheduledItems(declared, invocations),
    { what: 'GB-months of packages in the deployment bucket', quantity: packageBytes / GB, price: PRICES.s3Storage },
  ];
}

/**
 * The items of scheduled functions in a month.
 * @throws Error if a function causes costs that the items do not contain
 */
export function scheduledItems(
  { logRetentionDays }: Pick<Declared, 'logRetentionDays'>,
  invocations: readonly ScheduledInvocation[],
): Item[] {
  for (const each of invocations) requireKnownCounts(each);
  const sum = (of: (usage: Usage) => number, leastSeconds = 0) =>
    invocations.reduce(
      (total, { usage, everySeconds }) => total + of(usage) * (MONTH_SECONDS / Math.max(everySeconds, leastSeconds)),
      0,
    );
  const item = (what: string, count: Count, price: Price): Item => ({
    what,
    quantity: sum((usage) => usage.count(count)),
    price,
  });
  const logGb = sum((usage) => usage.count('logBytes') + usage.count('platformLogBytes')) / GB;
  const metrics = new Set(invocations.flatMap(({ usage }) => [...usage.metrics])).size;
  return [
    { what: 'custom metrics that are sent all the time', quantity: metrics, price: PRICES.customMetric },
    item('GB-seconds of scheduled functions', 'gbSeconds', PRICES.lambdaGbSecond),
    item('invocations of scheduled functions', 'invocations', PRICES.lambdaRequest),
    item('DynamoDB read units', 'readUnits', PRICES.dynamodbReadUnit),
    item('DynamoDB write units', 'writeUnits', PRICES.dynamodbWriteUnit),
    {
      what: 'requests to KMS',
      // A function that runs more often than a key is requested uses the same key in several invocations.
      quantity: sum((usage) => keyRequests(usage, 1), KEY_REUSE_SECONDS),
      price: PRICES.kmsRequest,
    },
    { what: 'GB of log lines', quantity: logGb, price: PRICES.logIngestion },
    { what: 'GB-months of log lines', quantity: logGb * (logRetentionDays / MONTH_DAYS), price: PRICES.logStorage },
  ];
}

function requireKnownCounts({ functionName, usage }: ScheduledInvocation): void {
  const others = COUNTS.filter((count) => !SCHEDULED_COUNTS.includes(count) && usage.count(count) > 0);
  if (others.length > 0) throw new Error(`${functionName} also causes costs of an idle stage by ${others.join(', ')}`);
}

export interface RunMeasured {
  /** The number of requests for rooms. */
  rooms: number;
  /** The number of rooms that exist afterwards. */
  made: number;
  /** The number of CreateRoom calls that IVS Chat throttled, usually because this machine was busy and the calls were late. */
  throttled: number;
  /** The number of errors in the logs. */
  errors: number;
  seconds: number;
  usage: Usage;
  /** How many requests to SQS the sender needed to send the room requests. */
  sendRequests: number;
  stored: { ledgerBytes: number; rosterBytes: number; manifestBytes: number; reportBytes: number };
}

/** The items of 1,000 rooms. */
export function itemsPerThousand(declared: Declared, run: RunMeasured): Item[] {
  return [...requestItems(run), ...monitoringItems(run), ...storageItems(declared, run)];
}

const perThousand = ({ rooms }: Pick<RunMeasured, 'rooms'>, quantity: number) => (quantity * 1_000) / rooms;

function requestItems(run: RunMeasured): Item[] {
  const { usage, sendRequests } = run;
  const item = (what: string, quantity: number, price: Price): Item => ({
    what,
    quantity: perThousand(run, quantity),
    price,
  });
  const seconds = perThousand(run, run.seconds);
  return [
    item('Lambda: GB-seconds', usage.count('gbSeconds'), PRICES.lambdaGbSecond),
    item('Lambda: invocations', usage.count('invocations'), PRICES.lambdaRequest),
    item('DynamoDB: write units', usage.count('writeUnits'), PRICES.dynamodbWriteUnit),
    item('DynamoDB: read units', usage.count('readUnits'), PRICES.dynamodbReadUnit),
    item('SQS: requests', usage.count('sqsRequests') + sendRequests, PRICES.sqsRequest),
    item('SQS: requests with message groups', usage.count('sqsFairRequests') + sendRequests, PRICES.sqsFairness),
    item('SNS: publishes', usage.count('snsPublishes'), PRICES.snsPublish),
    item('S3: PUT requests', usage.count('s3Writes'), PRICES.s3Write),
    item('S3: GET requests', usage.count('s3Reads'), PRICES.s3Read),
    {
      what: 'KMS: requests',
      quantity: keyRequests(usage, Math.ceil(seconds / KEY_REUSE_SECONDS)),
      price: PRICES.kmsRequest,
    },
  ];
}

/** The number of requests to KMS if the users of keys are active for this many periods of `KEY_REUSE_SECONDS`. */
function keyRequests({ tableUsers, publishers }: Usage, periods: number): number {
  return periods * (tableUsers.size + REQUESTS_PER_PUBLISHER * publishers.size);
}

function monitoringItems(run: RunMeasured): Item[] {
  const { usage } = run;
  const hours = Math.ceil(perThousand(run, run.seconds) / HOUR_SECONDS);
  const gb = (bytes: number) => perThousand(run, bytes) / GB;
  return [
    {
      what: 'CloudWatch: metric-months',
      quantity: usage.metrics.size * (hours / MONTH_HOURS),
      price: PRICES.customMetric,
    },
    {
      what: 'CloudWatch: GB of the functions’ log lines',
      quantity: gb(usage.count('logBytes')),
      price: PRICES.logIngestion,
    },
    {
      what: 'CloudWatch: GB of Lambda’s log lines',
      quantity: gb(usage.count('platformLogBytes')),
      price: PRICES.logIngestion,
    },
  ];
}

/** The costs of storing everything that a run leaves behind until it expires. */
function storageItems(declared: Declared, run: RunMeasured): Item[] {
  const { usage, stored } = run;
  const item = (what: string, bytes: number, days: number, price: Price): Item => ({
    what,
    quantity: (perThousand(run, bytes) / GB) * (days / MONTH_DAYS),
    price,
  });
  const ledger = [stored.ledgerBytes, declared.keyRetentionDays] as const;
  const roster = [stored.rosterBytes, declared.rosterRetentionDays] as const;
  return [
    item(
      'stored: GB-months of log lines',
      usage.count('logBytes') + usage.count('platformLogBytes'),
      declared.logRetentionDays,
      PRICES.logStorage,
    ),
    item('stored: GB-months of the ledger', ...ledger, PRICES.dynamodbStorage),
    item('stored: GB-months of recovery data of the ledger', ...ledger, PRICES.dynamodbRecovery),
    item('stored: GB-months of rosters', ...roster, PRICES.dynamodbStorage),
    item('stored: GB-months of recovery data of rosters', ...roster, PRICES.dynamodbRecovery),
    item('stored: GB-months of manifests', stored.manifestBytes, declared.manifestRetentionDays, PRICES.s3Storage),
    item('stored: GB-months of reports', stored.reportBytes, declared.reportRetentionDays, PRICES.s3Storage),
  ];
}
