import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const DIRECTORY = join(import.meta.dirname, '../../../events/samples');

/** The published samples: each JSON file, and each row of rooms.ndjson. */
export const PUBLISHED: readonly unknown[] = readdirSync(DIRECTORY)
  .sort()
  .flatMap((file): unknown[] => {
    const text = readFileSync(join(DIRECTORY, file), 'utf8');
    if (file === 'rooms.ndjson') return text.trim().split('\n').map(parse);
    return file.endsWith('.json') && !file.includes('expected') ? [parse(text)] : [];
  });

function parse(text: string): unknown {
  return JSON.parse(text);
}

const ROOM = {
  name: 'stage-1',
  maximumMessageRatePerSecond: 10,
  maximumMessageLength: 500,
  messageReviewHandler: { uri: 'arn:aws:lambda:eu-west-1:123456789012:function:f', fallbackResult: 'ALLOW' },
  tags: { team: 'chat' },
  loggingConfigurationIdentifiers: ['arn:aws:ivschat:eu-west-1:123456789012:logging-configuration/AbCd12'],
};

export const REQUEST = {
  idempotencyKey: 'booking-1',
  room: ROOM,
  region: 'eu-west-1',
  tenant: 'acme',
  correlationId: 'c-1',
  metadata: { a: [1] },
  neededBy: '2026-12-18T14:00:00Z',
  releaseAt: '2026-12-20T14:00:00Z',
};
export const ROW = {
  key: 'k-1',
  room: ROOM,
  region: 'eu-west-1',
  tenant: 'acme',
  metadata: { a: 1 },
  releaseAt: REQUEST.releaseAt,
};
export const LIVE_EVENT = {
  liveEventId: 'e-1',
  revision: 3,
  startsAt: '2026-12-18T20:00:00',
  timezone: 'Europe/Berlin',
  endsAt: '2026-12-18T23:00:00',
  releaseAfter: 'PT1H',
  leadTime: 'PT30M',
  atRiskTime: 'PT10M',
  tenant: 'acme',
  correlationId: 'c-1',
  metadata: { a: 1 },
  rooms: [
    { key: 'main', room: ROOM, region: 'eu-west-1' },
    { key: 'side', room: {} },
  ],
};
export const RELEASE = {
  idempotencyKey: 'booking-1',
  releaseAt: REQUEST.releaseAt,
  wishedAt: '2026-12-01T10:00:00Z',
  tenant: 'acme',
};

export const RECORDS = {
  Records: [
    {
      messageId: 'm-1',
      receiptHandle: 'r-1',
      body: '{}',
      attributes: { ApproximateReceiveCount: '2', SentTimestamp: '1764500000000', SenderId: 'AROA:s' },
      messageAttributes: { a: { dataType: 'String', stringValue: 'x' } },
      eventSourceARN: 'arn:aws:sqs:eu-west-1:123456789012:q',
    },
  ],
};
export const NOTICE = {
  Records: [
    {
      eventName: 'ObjectCreated:Put',
      eventTime: '2026-12-01T10:00:00.000Z',
      s3: { bucket: { name: 'b' }, object: { key: 'manifests/a+b.csv', eTag: 'e', size: 3, sequencer: '0055' } },
    },
  ],
};
export const NOTICE_OF_EVENTBRIDGE = {
  source: 'aws.s3',
  'detail-type': 'Object Created',
  time: '2026-12-01T10:00:00Z',
  detail: { bucket: { name: 'b' }, object: { key: 'manifests/a.csv', etag: 'e', size: 3, sequencer: '0055' } },
};
export const REDRIVE = {
  'greenroom-lane': 'bulk',
  'greenroom-needed-by': '2026-12-18T14:00:00Z',
  'greenroom-from-roster': 'true',
  'greenroom-wished-at': '2026-12-01T10:00:00Z',
};
export const SDK_ERROR = {
  name: 'ValidationException',
  message: 'm',
  syscall: 'connect',
  errors: [{ syscall: 'connect' }],
  fieldList: [{ name: 'n', message: 'm' }],
  $metadata: { httpStatusCode: 400 },
  $response: { headers: { 'x-amzn-errortype': 'ValidationException' } },
};
export const ENVIRONMENT = {
  AWS_REGION: 'eu-west-1',
  GREENROOM_STAGE: 'dev',
  GREENROOM_DEFAULT_REGION: 'eu-west-1',
  GREENROOM_LEDGER_TABLE: 'ledger',
  GREENROOM_PACE_TABLE: 'pace',
  GREENROOM_ROSTER_TABLE: 'rosters',
  GREENROOM_MANIFEST_BUCKET: 'bucket',
  GREENROOM_COMPLETION_TOPIC_ARN: 'arn:aws:sns:eu-west-1:123456789012:t',
  ...Object.fromEntries(
    ['INTERACTIVE', 'BULK', 'REDRIVE', 'PARKED', 'ROSTER', 'MANIFEST', 'LIVE_EVENTS'].map((name) => [
      `GREENROOM_${name}_QUEUE_URL`,
      `https://sqs.eu-west-1.amazonaws.com/123456789012/${name}`,
    ]),
  ),
  GREENROOM_LIVE_EVENTS_QUEUE_ARN: 'arn:aws:sqs:eu-west-1:123456789012:l',
  GREENROOM_SCHEDULE_GROUP: 'group',
  GREENROOM_SCHEDULER_ROLE_ARN: 'arn:aws:iam::123456789012:role/s',
  GREENROOM_SCHEDULER_DEAD_LETTER_QUEUE_ARN: 'arn:aws:sqs:eu-west-1:123456789012:d',
  GREENROOM_ROSTER_SENDER_ROLE_IDS: 'AROAAAAAAAAAAAAAAAAA,AROABBBBBBBBBBBBBBBB',
  GREENROOM_SIGNATURE_LIFETIME_SECONDS: '900',
  GREENROOM_LISTING_LAG_SECONDS: '60',
  GREENROOM_CLOCK_ERROR_SECONDS: '30',
  GREENROOM_SEND_WINDOW_SECONDS: '30',
  GREENROOM_CALL_TIMEOUT_SECONDS: '10',
  GREENROOM_POSTPONE_SCHEDULE_SECONDS: '60,300,900,3600',
  GREENROOM_REQUEST_MAX_AGE_SECONDS: '86400',
  GREENROOM_KEY_RETENTION_DAYS: '90',
  GREENROOM_ROSTER_RETENTION_DAYS: '90',
  GREENROOM_CREATE_ROOM_TPS: '5',
  GREENROOM_RELEASES: 'true',
  GREENROOM_RELEASE_GRACE_SECONDS: '900',
  GREENROOM_OUTSTANDING_ROWS_PER_REGION: '2000',
  GREENROOM_LANE_STOP_MESSAGES: '80000',
  GREENROOM_LEAD_TIME_SECONDS: '1800',
  GREENROOM_AT_RISK_SECONDS: '600',
  GREENROOM_SWEEP_DELETE: 'true',
  GREENROOM_SWEEP_SAFE_AGE_SECONDS: '3600',
  GREENROOM_SWEEP_CALLS_PER_SECOND: '1',
};
