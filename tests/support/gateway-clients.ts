import { setTimeout as pause } from 'node:timers/promises';
import { CreateTableCommand, type CreateTableCommandInput, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SchedulerClient } from '@aws-sdk/client-scheduler';
import { SNSClient } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  type Message,
  type QueueAttributeName,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { ACCOUNT_ID } from '../../emulator/account.ts';
import { type GatewayOptions, startGateway } from '../../emulator/gateway/gateway.ts';
import { must } from './must.ts';

export const REGION = 'eu-west-1';

/** The SDK's own clients for an endpoint. They do not retry, so that every failure is visible. */
export function connect(endpoint: string, accessKeyId = 'local') {
  const config = {
    endpoint,
    region: REGION,
    maxAttempts: 1,
    credentials: { accessKeyId, secretAccessKey: 'local' },
  };
  const clients = {
    sqs: new SQSClient(config),
    sns: new SNSClient(config),
    dynamoDb: new DynamoDBClient(config),
    s3: new S3Client(config),
    scheduler: new SchedulerClient(config),
  };
  return {
    endpoint,
    ...clients,
    disconnect() {
      for (const client of Object.values(clients)) client.destroy();
    },
  };
}

/** Starts a gateway in this process, with clients. */
export async function openGateway(options: Partial<GatewayOptions> = {}) {
  const gateway = await startGateway({ seed: 1, services: {}, ...options });
  const clients = connect(gateway.endpoint);
  return {
    ...clients,
    principals: gateway.principals,
    iam: gateway.iam,
    sweepExpiredItems: () => gateway.sweepExpiredItems(),
    endWaits: () => gateway.endWaits(),
    async close() {
      clients.disconnect();
      await gateway.close();
    },
  };
}

export type Stack = Awaited<ReturnType<typeof openGateway>>;

const SHORTEST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 250;

/** Repeats a call until it has a result. The longer the wait, the longer the pauses: each call costs milliseconds of processor time. */
export async function until<Fact>(read: () => Promise<Fact | undefined>, timeoutMs = 60_000): Promise<Fact> {
  const startMs = Date.now();
  for (;;) {
    const fact = await read();
    if (fact !== undefined) return fact;
    const waitedMs = Date.now() - startMs;
    if (waitedMs > timeoutMs) throw new Error(`Not true after ${timeoutMs} ms: ${read}`);
    await pause(Math.min(LONGEST_PAUSE_MS, Math.max(SHORTEST_PAUSE_MS, waitedMs / 10)));
  }
}

/** The policy of a queue to which topics and buckets of the account may send. */
export const OPEN_TO_SERVICES = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Service: ['sns.amazonaws.com', 's3.amazonaws.com'] },
      Action: 'sqs:SendMessage',
      Resource: '*',
      Condition: { ArnLike: { 'aws:SourceArn': [`arn:aws:sns:*:${ACCOUNT_ID}:*`, 'arn:aws:s3:::*'] } },
    },
  ],
});

let names = 0;
export function uniqueName(prefix: string): string {
  names += 1;
  return `${prefix}-${names}`;
}

export interface TestQueue {
  url: string;
  arn: string;
  name: string;
}

export async function createQueue(
  sqs: SQSClient,
  attributes: Partial<Record<QueueAttributeName, string>> = {},
): Promise<TestQueue> {
  const name = uniqueName('queue');
  const { QueueUrl: url } = await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));
  const { QueueArn: arn } = await queueAttributes(sqs, must(url));
  return { url: must(url), arn: must(arn), name };
}

export async function queueAttributes(sqs: SQSClient, url: string) {
  const answer = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }));
  return must(answer.Attributes);
}

/** Receives once, with all attributes. */
export async function receive(
  sqs: SQSClient,
  url: string,
  options: { maximum?: number; visibilityTimeoutSeconds?: number } = {},
): Promise<Message[]> {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: url,
      MaxNumberOfMessages: options.maximum ?? 10,
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
      ...(options.visibilityTimeoutSeconds !== undefined && { VisibilityTimeout: options.visibilityTimeoutSeconds }),
    }),
  );
  return Messages;
}

/** Receives until no messages are waiting. */
export async function receiveAll(sqs: SQSClient, url: string): Promise<Message[]> {
  const all: Message[] = [];
  for (let messages = await receive(sqs, url); messages.length > 0; messages = await receive(sqs, url))
    all.push(...messages);
  return all;
}

export async function sendAll(
  sqs: SQSClient,
  url: string,
  messages: { body: string; group?: string }[],
): Promise<void> {
  for (let start = 0; start < messages.length; start += 10) {
    const Entries = messages.slice(start, start + 10).map(({ body, group }, index) => ({
      Id: String(index),
      MessageBody: body,
      ...(group !== undefined && { MessageGroupId: group }),
    }));
    const { Failed = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }));
    if (Failed.length > 0) throw new Error(`Not sent: ${JSON.stringify(Failed)}`);
  }
}

/** Creates a table with the hash key `id`. */
export async function createTable(
  dynamoDb: DynamoDBClient,
  extra: Partial<CreateTableCommandInput> = {},
): Promise<string> {
  const TableName = uniqueName('table');
  await dynamoDb.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      ...extra,
    }),
  );
  return TableName;
}
