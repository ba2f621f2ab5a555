import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Random } from '../platform/backoff.ts';
import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import type { RosterConfig } from '../platform/roster-config.ts';
import { timeLimits } from '../platform/time-limits.ts';
import type { RosterTable } from './roster-table.ts';

/** What work on rosters takes, whatever their kind. */
export interface RosterServices {
  config: RosterConfig;
  clients: { dynamodb: DynamoDBClient; sns: SNSClient; sqs: SQSClient };
  rosters: RosterTable;
  clock: Clock;
  random: Random;
  log: Log;
}

const CALL_TIMEOUT_MS = 5_000;

/** Builds the clients that work on rosters needs. */
export function createRosterClients(): RosterServices['clients'] {
  const requestHandler = timeLimits(CALL_TIMEOUT_MS);
  return {
    dynamodb: new DynamoDBClient({ requestHandler }),
    sns: new SNSClient({ requestHandler }),
    sqs: new SQSClient({ requestHandler }),
  };
}

export function createRosterServices(platform: Omit<RosterServices, 'rosters'>): RosterServices {
  const { config, clients } = platform;
  const rosters = {
    dynamodb: clients.dynamodb,
    tableName: config.rosterTable,
    retentionSeconds: config.rosterRetentionSeconds,
  };
  return { ...platform, rosters };
}
