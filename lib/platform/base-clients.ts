import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient, type SQSClientConfig } from '@aws-sdk/client-sqs';
import { timeLimits } from './time-limits.ts';

/** The settings that the clients of all services share. The SDK takes absent settings from its environment. */
export type ClientSettings = Pick<
  SQSClientConfig,
  | 'region'
  | 'endpoint'
  | 'credentials'
  | 'requestHandler'
  | 'useFipsEndpoint'
  | 'useDualstackEndpoint'
  | 'maxAttempts'
  | 'retryMode'
  | 'defaultsMode'
  | 'userAgentAppId'
>;

/** The SDK clients of the services that every part of greenroom calls. */
export interface BaseClients {
  dynamodb: DynamoDBClient;
  sns: SNSClient;
  sqs: SQSClient;
}

const CALL_TIMEOUT_MS = 5_000;

/** @param settings the default is for functions: each attempt at a call times out after 5 s */
export function createBaseClients(
  settings: ClientSettings = { requestHandler: timeLimits(CALL_TIMEOUT_MS) },
): BaseClients {
  return {
    dynamodb: new DynamoDBClient(settings),
    sns: new SNSClient(settings),
    sqs: new SQSClient(settings),
  };
}
