import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { IvschatClient } from '@aws-sdk/client-ivschat';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { timeLimits } from './time-limits.ts';

/** The SDK clients of one deployment. IVS Chat's are made per region, on first use. */
export interface AwsClients {
  dynamodb: DynamoDBClient;
  sns: SNSClient;
  sqs: SQSClient;
  /**
   * Sends each call once. A CreateRoom that the SDK repeats is a second room (it repeats on a reset, a time-out and a 5xx),
   * and a repeated ListRooms would take a place in the quota that the pace does not know of.
   */
  ivsChat(region: string): IvschatClient;
}

/** Builds the clients once, at cold start. `callTimeoutMs` limits every call to IVS Chat; calls to the others get 5 s. */
export function createAwsClients({ callTimeoutMs }: { callTimeoutMs: number }): AwsClients {
  const requestHandler = timeLimits(5_000);
  const ivsChatClients = new Map<string, IvschatClient>();
  return {
    dynamodb: new DynamoDBClient({ requestHandler }),
    sns: new SNSClient({ requestHandler }),
    sqs: new SQSClient({ requestHandler }),
    ivsChat(region) {
      const client = ivsChatClients.get(region) ?? createIvsChatClient(region, callTimeoutMs);
      ivsChatClients.set(region, client);
      return client;
    },
  };
}

function createIvsChatClient(region: string, callTimeoutMs: number): IvschatClient {
  // A connection kept alive may be closed by the other side while a request is on its way: ambiguity for nothing at 5 calls a second.
  const agents = { httpsAgent: { keepAlive: false }, httpAgent: { keepAlive: false } };
  return new IvschatClient({ region, maxAttempts: 1, requestHandler: { ...timeLimits(callTimeoutMs), ...agents } });
}
