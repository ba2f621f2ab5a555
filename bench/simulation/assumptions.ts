/** The assumptions of the simulation. The printed results contain them. */
import type { Lane } from '../../lib/contract/lanes.ts';
import { type Config, readConfig } from '../../lib/platform/config.ts';

/** The typical duration of a call, from the request to the response. */
export const LATENCY_MS = { dynamodb: 5, sqs: 10, sns: 20, ivschat: 150 } as const;
/** The time from the worker to IVS Chat. The quota is checked when a call arrives; the rest of the call's time follows. */
export const IVSCHAT_ONE_WAY_MS = 10;
/** The time from the receipt of a batch until the function begins. */
export const INVOKE_MS = 20;
/** Each call takes between these shares of its typical duration, and sometimes much longer. */
const SPREAD = { least: 0.7, most: 1.3, slowChance: 0.01, slowFactor: 5 };

export function drawLatencyMs(typicalMs: number, random: () => number): number {
  const share = SPREAD.least + random() * (SPREAD.most - SPREAD.least);
  return typicalMs * share * (random() < SPREAD.slowChance ? SPREAD.slowFactor : 1);
}

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html: at 1,769 MB a function has one whole processor. */
const WHOLE_PROCESSOR_MB = 1_769;
/**
 * How much longer work takes on a function's share of a processor than on a whole processor, which is assumed to be as fast as this
 * machine's.
 */
export function cpuStretch(memoryMb: number): number {
  return Math.max(1, WHOLE_PROCESSOR_MB / memoryMb);
}

export const FUNCTION_TIMEOUT_MS = 60_000;
export const VISIBILITY_TIMEOUT_MS = 360_000;
export const BATCH_SIZE = 10;
export const CALLS_PER_SECOND = 5;

/** The calls of a successful request: claim, intent, CreateRoom, checkpoint, Publish, completion. */
export const CALLS_PER_ROOM = 6;

const QUEUE_URL = 'https://sqs.eu-west-1.amazonaws.com/000000000000/';
export const BULK_QUEUE_URL = `${QUEUE_URL}bulk`;
const QUEUE_ARN = 'arn:aws:sqs:eu-west-1:000000000000:';
export const queueArn = (lane: Lane): string => `${QUEUE_ARN}${lane}`;

/** The environment of the functions of the stage `prod` in serverless.yml. */
export const ENVIRONMENT = {
  AWS_REGION: 'eu-west-1',
  GREENROOM_STAGE: 'prod',
  GREENROOM_DEFAULT_REGION: 'eu-west-1',
  GREENROOM_LEDGER_TABLE: 'ledger',
  GREENROOM_PACE_TABLE: 'pace',
  GREENROOM_COMPLETION_TOPIC_ARN: 'arn:aws:sns:eu-west-1:000000000000:completions',
  GREENROOM_INTERACTIVE_QUEUE_URL: `${QUEUE_URL}interactive`,
  GREENROOM_BULK_QUEUE_URL: BULK_QUEUE_URL,
  GREENROOM_REDRIVE_QUEUE_URL: `${QUEUE_URL}redrive`,
  GREENROOM_PARKED_QUEUE_URL: `${QUEUE_URL}parked`,
  GREENROOM_ROSTER_SENDER_ROLE_IDS: 'AROASTARTBULKJOB2345,AROASCHEDULELIVEEVEN',
  GREENROOM_SIGNATURE_LIFETIME_SECONDS: '900',
  GREENROOM_LISTING_LAG_SECONDS: '60',
  GREENROOM_CLOCK_ERROR_SECONDS: '30',
  GREENROOM_SEND_WINDOW_SECONDS: '30',
  GREENROOM_CALL_TIMEOUT_SECONDS: '10',
  GREENROOM_POSTPONE_SCHEDULE_SECONDS: '60,300,900,3600',
  GREENROOM_REQUEST_MAX_AGE_SECONDS: '604800',
  GREENROOM_KEY_RETENTION_DAYS: '90',
  GREENROOM_CREATE_ROOM_TPS: String(CALLS_PER_SECOND),
};

export const CONFIG: Config = readConfig(ENVIRONMENT);
