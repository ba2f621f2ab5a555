import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SchedulerClient } from '@aws-sdk/client-scheduler';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { LOCAL_SETTINGS } from '../client/local-settings.ts';
import type { Gateway } from '../emulator/gateway/gateway.ts';

export type Endpoints = Partial<Record<'sqs' | 'sns' | 'dynamodb' | 's3' | 'ivschat', string>>;

/** The access key of the stack itself and of the command line. It belongs to an administrator of the account. */
export const LOCAL_ACCESS_KEY_ID = 'local';

/** The variables with which the SDK finds services at other endpoints: https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html */
export function endpointVariables(endpoint: string, others: Record<string, string>): Record<string, string> {
  const ofOthers = Object.entries(others).map(([service, url]) => [`AWS_ENDPOINT_URL_${service.toUpperCase()}`, url]);
  return { AWS_ENDPOINT_URL: endpoint, ...Object.fromEntries(ofOthers) };
}

export type Clients = ReturnType<typeof createClients>;

/** Clients of the stack's own services, or of the emulators that replace them. */
export function createClients(region: string, gateway: Gateway, others: Endpoints) {
  const credentials = { accessKeyId: LOCAL_ACCESS_KEY_ID, secretAccessKey: 'local' };
  const at = (url = gateway.endpoint) => ({ ...LOCAL_SETTINGS, region, credentials, endpoint: url });
  const sqsByKey = new Map<string, SQSClient>();
  const own = {
    sqs: new SQSClient(at(others.sqs)),
    sns: new SNSClient(at(others.sns)),
    dynamodb: new DynamoDBClient(at(others.dynamodb)),
    s3: new S3Client({ ...at(others.s3), forcePathStyle: true }),
    scheduler: new SchedulerClient(at()),
  };
  return {
    ...own,
    /** A client of SQS that signs with this access key. */
    sqsAs(accessKeyId: string): SQSClient {
      const known = sqsByKey.get(accessKeyId);
      const client = known ?? new SQSClient({ ...at(others.sqs), credentials: { ...credentials, accessKeyId } });
      sqsByKey.set(accessKeyId, client);
      return client;
    },
    destroy() {
      for (const client of [...Object.values(own), ...sqsByKey.values()]) client.destroy();
    },
  };
}
