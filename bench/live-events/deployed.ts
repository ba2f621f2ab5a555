import {
  CreateTableCommand,
  type DynamoDBClient,
  type GlobalSecondaryIndex,
  type KeySchemaElement,
} from '@aws-sdk/client-dynamodb';
import { LIVE_EVENTS_BY_START } from '../../lib/live-events/live-event-item.ts';
import { ROSTERS_BY_CREATION } from '../../lib/rosters/roster-item.ts';

export const QUEUE_ARN = 'arn:aws:sqs:eu-west-1:000000000000:';
const QUEUE_URL = 'https://sqs.eu-west-1.amazonaws.com/000000000000/';

/** The environment of the deployed functions. */
export const ENVIRONMENT = {
  GREENROOM_STAGE: 'test',
  GREENROOM_DEFAULT_REGION: 'eu-west-1',
  GREENROOM_COMPLETION_TOPIC_ARN: 'arn:aws:sns:eu-west-1:000000000000:completions',
  GREENROOM_PACE_TABLE: 'pace',
  GREENROOM_ROSTER_TABLE: 'rosters',
  GREENROOM_ROSTER_QUEUE_URL: `${QUEUE_URL}rosters`,
  GREENROOM_ROSTER_RETENTION_DAYS: '90',
  GREENROOM_MANIFEST_BUCKET: 'manifests',
  GREENROOM_INTERACTIVE_QUEUE_URL: `${QUEUE_URL}interactive`,
  GREENROOM_PARKED_QUEUE_URL: `${QUEUE_URL}parked`,
  GREENROOM_LIVE_EVENTS_QUEUE_URL: `${QUEUE_URL}live-events`,
  GREENROOM_LIVE_EVENTS_QUEUE_ARN: `${QUEUE_ARN}live-events`,
  GREENROOM_SCHEDULE_GROUP: 'default',
  GREENROOM_SCHEDULER_ROLE_ARN: 'arn:aws:iam::000000000000:role/scheduler',
  GREENROOM_SCHEDULER_DEAD_LETTER_QUEUE_ARN: `${QUEUE_ARN}scheduler-dead-letters`,
  GREENROOM_LEAD_TIME_SECONDS: '1800',
  GREENROOM_AT_RISK_SECONDS: '600',
  GREENROOM_CREATE_ROOM_TPS: '5',
};

const keyOf = (hash: string, range: string): KeySchemaElement[] => [
  { AttributeName: hash, KeyType: 'HASH' },
  { AttributeName: range, KeyType: 'RANGE' },
];

/** The index as in the template; a test compares the two. */
export const LIVE_EVENTS_INDEX: GlobalSecondaryIndex = {
  IndexName: LIVE_EVENTS_BY_START,
  KeySchema: keyOf('live_state', 'starts_at'),
  Projection: {
    ProjectionType: 'INCLUDE',
    NonKeyAttributes: ['live_event_id', 'tenant', 'revision', 'opens_at', 'check_at', 'expected_at', 'rooms_by_region'],
  },
};

/** The index as in the template; a test compares the two. */
export const ROSTERS_INDEX: GlobalSecondaryIndex = {
  IndexName: ROSTERS_BY_CREATION,
  KeySchema: keyOf('kind', 'created_at'),
  Projection: { ProjectionType: 'KEYS_ONLY' },
};

/** The tables that live events need, as the template declares them. */
export async function createTables(dynamodb: DynamoDBClient): Promise<void> {
  await dynamodb.send(
    new CreateTableCommand({
      TableName: 'pace',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    }),
  );
  const names = [
    ['pk', 'S'],
    ['sk', 'S'],
    ['live_state', 'S'],
    ['starts_at', 'N'],
    ['kind', 'S'],
    ['created_at', 'N'],
  ] as const;
  await dynamodb.send(
    new CreateTableCommand({
      TableName: 'rosters',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: names.map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType })),
      KeySchema: keyOf('pk', 'sk'),
      GlobalSecondaryIndexes: [LIVE_EVENTS_INDEX, ROSTERS_INDEX],
    }),
  );
}
