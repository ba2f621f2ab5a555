import {
  type AttributeValue,
  CreateTableCommand,
  DeleteItemCommand,
  QueryCommand,
  UpdateItemCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import {
  CreateBucketCommand,
  GetObjectCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { CreateTopicCommand, PublishCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  type Message,
  PurgeQueueCommand,
  ReceiveMessageCommand,
} from '@aws-sdk/client-sqs';
import { expect } from '@jest/globals';
import type { Context, SQSBatchResponse } from 'aws-lambda';
import { toSqsEvent } from '../../emulator/lambda/sqs-event.ts';
import { bulkJobId } from '../../lib/bulk/manifest-notice.ts';
import type { Completion } from '../../lib/contract/completion.ts';
import { completionAttributes } from '../../lib/contract/completion-attributes.ts';
import { type RoomRequest, roomRequestSchema } from '../../lib/contract/room-request.ts';
import { type RosterEvent, rosterEventSchema } from '../../lib/contract/roster-event.ts';
import { toMessageText } from '../../lib/platform/message-text.ts';
import { rosterPk } from '../../lib/rosters/roster-item.ts';
import { startCrashingProxy } from './crashing-proxy.ts';
import { type connect, OPEN_TO_SERVICES, openGateway, REGION } from './gateway-clients.ts';
import { ACCOUNT, contextUntil } from './lambda-context.ts';
import { must } from './must.ts';

const QUEUES = ['rosters', 'manifests', 'bulk', 'feed', 'parked'] as const;
type QueueName = (typeof QUEUES)[number];

export const BUCKET = 'manifests-of-test';
export const SECONDS = 1_000;

export type Rosters = Awaited<ReturnType<typeof openRosters>>;
type Handler = (event: unknown, context: Context) => Promise<SQSBatchResponse>;

/**
 * The real handlers of rosters on the gateway's services, in this process, behind a proxy that can cut them off. The test acts as
 * Lambda's event-source mapping, so that it can check the state in between. Open it once in a test file.
 * @param laneStop the number of messages in the bulk lane at which manifests wait
 */
export async function openRosters({ laneStop = 80_000 } = {}) {
  const gateway = await openGateway();
  const proxy = await startCrashingProxy(gateway.endpoint);
  const topicArn = await createResources(gateway);
  const urlOf = (queue: QueueName, endpoint = gateway.endpoint) => `${endpoint}/${ACCOUNT}/${queue}`;
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: proxy.endpoint,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_RETRY_MODE: 'standard',
    AWS_MAX_ATTEMPTS: '1',
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    POWERTOOLS_METRICS_DISABLED: 'true',
    GREENROOM_STAGE: 'test',
    GREENROOM_DEFAULT_REGION: REGION,
    GREENROOM_COMPLETION_TOPIC_ARN: topicArn,
    GREENROOM_BULK_QUEUE_URL: urlOf('bulk', proxy.endpoint),
    GREENROOM_ROSTER_TABLE: 'rosters',
    GREENROOM_ROSTER_QUEUE_URL: urlOf('rosters', proxy.endpoint),
    GREENROOM_MANIFEST_QUEUE_URL: urlOf('manifests', proxy.endpoint),
    GREENROOM_PARKED_QUEUE_URL: urlOf('parked', proxy.endpoint),
    GREENROOM_OUTSTANDING_ROWS_PER_REGION: '2000',
    GREENROOM_LANE_STOP_MESSAGES: String(laneStop),
    GREENROOM_CREATE_ROOM_TPS: '5',
    GREENROOM_MANIFEST_BUCKET: BUCKET,
    GREENROOM_PACE_TABLE: 'pace',
    GREENROOM_ROSTER_RETENTION_DAYS: '90',
  });
  const handlers: Record<'rosters' | 'manifests', Handler> = {
    rosters: (await import('../../functions/track-rosters.ts')).handler,
    manifests: (await import('../../functions/start-bulk-job.ts')).handler,
  };
  const table = { dynamodb: gateway.dynamoDb, tableName: 'rosters', retentionSeconds: 90 * 86_400 };

  async function receive(queue: QueueName, maximum: number): Promise<Message[]> {
    const messages: Message[] = [];
    while (messages.length < maximum) {
      const { Messages = [] } = await gateway.sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: urlOf(queue),
          MaxNumberOfMessages: Math.min(10, maximum - messages.length),
          MessageAttributeNames: ['All'],
          MessageSystemAttributeNames: ['All'],
        }),
      );
      if (Messages.length === 0) break;
      messages.push(...Messages);
    }
    return messages;
  }

  async function remove(queue: QueueName, messages: Message[]): Promise<void> {
    for (let start = 0; start < messages.length; start += 10) {
      const Entries = messages
        .slice(start, start + 10)
        .map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
      const command = new DeleteMessageBatchCommand({ QueueUrl: urlOf(queue), Entries });
      expect((await gateway.sqs.send(command)).Failed ?? []).toEqual([]);
    }
  }

  return {
    ...gateway,
    proxy,
    table,
    urlOf,

    /** Passes messages to the handler of a queue. @returns those that are done */
    async handle(queue: keyof typeof handlers, messages: Message[], timeoutMs = 30 * SECONDS): Promise<Message[]> {
      const event = toSqsEvent(messages, `arn:aws:sqs:${REGION}:${ACCOUNT}:${queue}`, REGION);
      const { batchItemFailures } = await handlers[queue](event, contextUntil(Date.now() + timeoutMs));
      const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
      return messages.filter(({ MessageId }) => !failed.has(must(MessageId)));
    },

    receive,
    remove,

    /** Receives messages, passes them to the handler and deletes those that are done. @returns how many were received */
    async deliver(queue: keyof typeof handlers, maximum = 100, timeoutMs = 30 * SECONDS): Promise<number> {
      const messages = await receive(queue, maximum);
      if (messages.length > 0) await remove(queue, await this.handle(queue, messages, timeoutMs));
      return messages.length;
    },

    async deliverAll(queue: keyof typeof handlers): Promise<void> {
      while ((await this.deliver(queue)) > 0);
    },

    /** Publishes completions as `provision-rooms` would. */
    publish(rosterId: string, completions: Completion[]): Promise<void> {
      const asked = { lane: 'bulk', roster: rosterId } as const;
      return this.relay(
        completions.map((completion) => ({
          body: toMessageText(completion),
          attributes: completionAttributes(completion, asked),
        })),
      );
    },

    /** Publishes messages that were published elsewhere, in their order. */
    async relay(published: { body: string; attributes: Record<string, string> }[]): Promise<void> {
      for (const { body, attributes } of published) {
        await gateway.sns.send(
          new PublishCommand({
            TopicArn: topicArn,
            Message: body,
            MessageAttributes: Object.fromEntries(
              Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
            ),
          }),
        );
      }
    },

    /** The roster events that were published since the last call. */
    async events(): Promise<RosterEvent[]> {
      const messages = await receive('feed', 1_000);
      await remove('feed', messages);
      return messages.flatMap(({ Body = '' }) => rosterEventSchema.safeParse(JSON.parse(Body)).data ?? []);
    },

    /** The requests that were sent to the bulk lane since the last call, with their message groups. */
    async requests(): Promise<{ request: RoomRequest; group: string | undefined }[]> {
      const messages = await receive('bulk', 100_000);
      await remove('bulk', messages);
      return messages.map(({ Body = '', Attributes }) => ({
        request: roomRequestSchema.parse(JSON.parse(Body)),
        group: Attributes?.MessageGroupId,
      }));
    },

    /** Uploads a manifest, and receives its notice. */
    async putManifest(name: string, body: string | Uint8Array, metadata: Record<string, string> = {}) {
      const Key = `manifests/${name}`;
      const command = new PutObjectCommand({ Bucket: BUCKET, Key, Body: Buffer.from(body), Metadata: metadata });
      const { ETag = '' } = await gateway.s3.send(command);
      const notices = await receive('manifests', 10);
      return { notices, jobId: bulkJobId({ bucket: BUCKET, key: Key, etag: ETag.replaceAll('"', '') }) };
    },

    /** Ends the lease of a reader, as if its time had passed. */
    async endLease(rosterId: string): Promise<void> {
      await gateway.dynamoDb.send(
        new UpdateItemCommand({
          TableName: 'rosters',
          Key: { pk: { S: rosterPk(rosterId) }, sk: { S: 'reader' } },
          UpdateExpression: 'SET lease_end = :over',
          ExpressionAttributeValues: { ':over': { N: '0' } },
        }),
      );
    },

    /** Deletes items of a roster, as time to live does. @param which the items to delete, by default all */
    async forget(
      rosterId: string,
      which: (key: Record<string, AttributeValue>) => boolean = () => true,
    ): Promise<void> {
      const command = new QueryCommand({
        TableName: 'rosters',
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: rosterPk(rosterId) } },
      });
      for (const { pk, sk } of (await gateway.dynamoDb.send(command)).Items ?? [])
        if (pk && sk && which({ pk, sk }))
          await gateway.dynamoDb.send(new DeleteItemCommand({ TableName: 'rosters', Key: { pk, sk } }));
    },

    async read(address: string): Promise<string> {
      const Key = address.replace(`s3://${BUCKET}/`, '');
      const { Body } = await gateway.s3.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
      return must(Body).transformToString();
    },

    async purge(): Promise<void> {
      proxy.crashAt();
      for (const queue of QUEUES) await gateway.sqs.send(new PurgeQueueCommand({ QueueUrl: urlOf(queue) }));
    },

    async close(): Promise<void> {
      await proxy.close();
      await gateway.close();
    },
  };
}

async function createResources({ sqs, sns, s3, dynamoDb, endpoint }: ReturnType<typeof connect>): Promise<string> {
  await dynamoDb.send(
    new CreateTableCommand({
      TableName: 'rosters',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    }),
  );
  const TimeToLiveSpecification = { AttributeName: 'expires_at', Enabled: true };
  await dynamoDb.send(new UpdateTimeToLiveCommand({ TableName: 'rosters', TimeToLiveSpecification }));
  for (const QueueName of QUEUES)
    await sqs.send(
      new CreateQueueCommand({ QueueName, Attributes: { VisibilityTimeout: '60', Policy: OPEN_TO_SERVICES } }),
    );
  const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 'completions' }));
  const filter = { FilterPolicy: JSON.stringify({ roster: [{ exists: true }] }) };
  for (const [queue, attributes] of [
    ['rosters', filter],
    ['feed', {}],
  ] as const) {
    const Endpoint = `arn:aws:sqs:${REGION}:${ACCOUNT}:${queue}`;
    const Attributes = { RawMessageDelivery: 'true', ...attributes };
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint, Attributes }));
  }
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  const QueueArn = `arn:aws:sqs:${REGION}:${ACCOUNT}:manifests`;
  const Filter = { Key: { FilterRules: [{ Name: 'prefix' as const, Value: 'manifests/' }] } };
  const QueueConfigurations = [{ QueueArn, Events: ['s3:ObjectCreated:*' as const], Filter }];
  const NotificationConfiguration = { QueueConfigurations };
  await s3.send(new PutBucketNotificationConfigurationCommand({ Bucket: BUCKET, NotificationConfiguration }));
  await sqs.send(new PurgeQueueCommand({ QueueUrl: `${endpoint}/${ACCOUNT}/manifests` }));
  return TopicArn;
}
