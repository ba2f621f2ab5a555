import { setTimeout as pause } from 'node:timers/promises';
import { CreateTableCommand, DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSBatchResponse } from 'aws-lambda';
import { startGateway } from '../../emulator/gateway/gateway.ts';
import { createIvsChat, type IvsChatOptions } from '../../emulator/ivschat/ivs-chat.ts';
import { type Completion, completionSchema } from '../../lib/contract/completion.ts';
import { ledgerKey } from '../../lib/contract/keys.ts';
import { parseLedgerItem } from '../../lib/ledger/ledger-item.ts';
import { OPEN_TO_SERVICES, REGION } from './gateway-clients.ts';
import { ACCOUNT, contextUntil } from './lambda-context.ts';

const ROSTER_ROLE_ID = 'AROASTARTBULKJOB23456';
const QUEUES = ['interactive', 'bulk', 'parked', 'feed'] as const;
type QueueName = (typeof QUEUES)[number];

export type Provisioning = Awaited<ReturnType<typeof openProvisioning>>;

/**
 * The timings of these tests. The emulator enforces the first two. The lifetime is four seconds because a signing date has whole seconds
 * and a busy machine pauses.
 */
const TIMING = { SIGNATURE_LIFETIME: 4, LISTING_LAG: 0.5, CLOCK_ERROR: 0.1, SEND_WINDOW: 0.4 };
export const SETTLE_MS = 5_000;

/**
 * The real handler of provision-rooms on the gateway's SQS, SNS and DynamoDB and on the IVS Chat emulator, all in this process.
 * The test acts as Lambda's event-source mapping, one batch at a time, so that it can check the state in between. Open it once in a
 * test file, because the handler reads its environment when it is loaded.
 */
export async function openProvisioning(
  options: { environment?: Record<string, string>; ivsChat?: Partial<IvsChatOptions> } = {},
) {
  const ivsChat = createIvsChat({
    now: Date.now,
    random: Math.random,
    signatureLifetimeMs: TIMING.SIGNATURE_LIFETIME * 1000,
    listingLagMs: TIMING.LISTING_LAG * 1000,
    sleep: (ms) => pause(ms),
    ...options.ivsChat,
  });
  const gateway = await startGateway({ seed: 1, services: { ivschat: ivsChat } });
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: gateway.endpoint,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    POWERTOOLS_METRICS_DISABLED: 'true',
  });
  const clients = { sqs: new SQSClient(), sns: new SNSClient(), dynamodb: new DynamoDBClient() };
  const { queueUrls, topicArn } = await createResources(clients);
  Object.assign(process.env, environmentOf(queueUrls, topicArn), options.environment);
  const { handler } = await import('../../functions/provision-rooms.ts');

  async function receive(queue: QueueName, waitSeconds = 0): Promise<Message[]> {
    const { Messages } = await clients.sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrls[queue],
        MaxNumberOfMessages: 10,
        WaitTimeSeconds: waitSeconds,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['All'],
      }),
    );
    return Messages ?? [];
  }

  async function remove(queue: QueueName, messages: Message[]): Promise<void> {
    if (messages.length === 0) return;
    const Entries = messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    await clients.sqs.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrls[queue], Entries }));
  }

  async function drain(queue: QueueName): Promise<Message[]> {
    const all: Message[] = [];
    for (let batch = await receive(queue); batch.length > 0; batch = await receive(queue)) {
      await remove(queue, batch);
      all.push(...batch);
    }
    return all;
  }

  /** @returns the ids of the messages that are not done */
  async function handle(messages: Message[], lane: 'interactive' | 'bulk', timeoutMs: number): Promise<Set<string>> {
    const event = { Records: messages.map((message) => toRecord(message, lane)) };
    const { batchItemFailures }: SQSBatchResponse = await handler(event, contextUntil(Date.now() + timeoutMs));
    return new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  }

  return {
    ivsChat: ivsChat.admin,
    clients,
    endpoint: gateway.endpoint,
    handler,

    /** Sends message bodies. Objects are sent as JSON. */
    async send(bodies: (object | string)[], lane: 'interactive' | 'bulk' = 'interactive'): Promise<void> {
      const texts = bodies.map((body) => (typeof body === 'string' ? body : JSON.stringify(body)));
      for (const { start, end } of batchesOf(texts)) {
        const Entries = texts.slice(start, end).map((MessageBody, index) => ({ Id: String(index), MessageBody }));
        await clients.sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrls[lane], Entries }));
      }
    },

    /** Passes one batch to the handler. Messages that are done are deleted; the others wait for their visibility timeout. */
    async deliver(lane: 'interactive' | 'bulk' = 'interactive', waitSeconds = 1, timeoutMs = 15_000) {
      const messages = await receive(lane, waitSeconds);
      const failed = await handle(messages, lane, timeoutMs);
      const done = messages.filter(({ MessageId }) => MessageId !== undefined && !failed.has(MessageId));
      await remove(lane, done);
      return { received: messages.length, done: done.length, postponed: messages.length - done.length };
    },

    /** Passes a batch directly to the handler, without a queue. @returns how many messages it reported as not done */
    async handOver(bodies: string[], lane: 'interactive' | 'bulk' = 'interactive', timeoutMs = 15_000) {
      const Attributes = { ApproximateReceiveCount: '1', SentTimestamp: String(Date.now()) };
      const messages = bodies.map((Body, index) => ({
        MessageId: `m${index}`,
        ReceiptHandle: 'none',
        Body,
        Attributes,
      }));
      return (await handle(messages, lane, timeoutMs)).size;
    },

    /** Delivers messages until none of a lane is waiting or in flight. */
    async deliverAll(lane: 'interactive' | 'bulk' = 'interactive', timeoutMs = 25_000): Promise<void> {
      const deadlineMs = Date.now() + timeoutMs;
      while ((await this.waiting(lane)) > 0) {
        if (Date.now() > deadlineMs) throw new Error(`Messages are left in the ${lane} queue`);
        await this.deliver(lane);
      }
    },

    /** The number of messages of a queue that are visible, in flight or delayed. */
    async waiting(queue: QueueName): Promise<number> {
      const { Attributes } = await clients.sqs.send(
        new GetQueueAttributesCommand({ QueueUrl: queueUrls[queue], AttributeNames: ['All'] }),
      );
      const kinds = ['', 'NotVisible', 'Delayed'] as const;
      return kinds
        .map((kind) => Number(Attributes?.[`ApproximateNumberOfMessages${kind}`] ?? 0))
        .reduce((sum, count) => sum + count, 0);
    },

    /** The completions that were published since the last call: their content, their text and their attributes. */
    async completions(): Promise<
      { completion: Completion; text: string; attributes: Record<string, string | undefined> }[]
    > {
      return (await drain('feed')).map(({ Body = '', MessageAttributes = {} }) => ({
        completion: completionSchema.parse(JSON.parse(Body)),
        text: Body,
        attributes: Object.fromEntries(
          Object.entries(MessageAttributes).map(([name, { StringValue }]) => [name, StringValue]),
        ),
      }));
    },

    parked: () => drain('parked'),

    async ledgerItem(idempotencyKey: string) {
      const Key = { id: { S: ledgerKey(idempotencyKey) } };
      const { Item } = await clients.dynamodb.send(
        new GetItemCommand({ TableName: 'ledger', Key, ConsistentRead: true }),
      );
      return Item && parseLedgerItem(Item);
    },

    async close(): Promise<void> {
      for (const client of Object.values(clients)) client.destroy();
      await gateway.close();
    },
  };
}

async function createResources(clients: { sqs: SQSClient; sns: SNSClient; dynamodb: DynamoDBClient }) {
  for (const TableName of ['ledger', 'pace']) {
    await clients.dynamodb.send(
      new CreateTableCommand({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      }),
    );
  }
  const urls = await Promise.all(
    QUEUES.map(async (QueueName) => {
      const Attributes = { VisibilityTimeout: '15', MaximumMessageSize: '1048576', Policy: OPEN_TO_SERVICES };
      const { QueueUrl } = await clients.sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
      return QueueUrl ?? '';
    }),
  );
  const { TopicArn: topicArn = '' } = await clients.sns.send(new CreateTopicCommand({ Name: 'completions' }));
  const Endpoint = `arn:aws:sqs:${REGION}:${ACCOUNT}:feed`;
  const Attributes = { RawMessageDelivery: 'true' };
  await clients.sns.send(new SubscribeCommand({ TopicArn: topicArn, Protocol: 'sqs', Endpoint, Attributes }));
  const [interactive = '', bulk = '', parked = '', feed = ''] = urls;
  return { queueUrls: { interactive, bulk, parked, feed }, topicArn };
}

function environmentOf(queueUrls: Record<QueueName, string>, topicArn: string): Record<string, string> {
  const timing = Object.entries(TIMING).map(([name, seconds]) => [`GREENROOM_${name}_SECONDS`, String(seconds)]);
  return {
    ...Object.fromEntries(timing),
    GREENROOM_STAGE: 'test',
    GREENROOM_DEFAULT_REGION: REGION,
    GREENROOM_LEDGER_TABLE: 'ledger',
    GREENROOM_PACE_TABLE: 'pace',
    GREENROOM_COMPLETION_TOPIC_ARN: topicArn,
    GREENROOM_INTERACTIVE_QUEUE_URL: queueUrls.interactive,
    GREENROOM_BULK_QUEUE_URL: queueUrls.bulk,
    // These tests do not redrive messages.
    GREENROOM_REDRIVE_QUEUE_URL: new URL('redrive', queueUrls.parked).href,
    GREENROOM_PARKED_QUEUE_URL: queueUrls.parked,
    GREENROOM_ROSTER_SENDER_ROLE_IDS: ROSTER_ROLE_ID,
    GREENROOM_CALL_TIMEOUT_SECONDS: '1',
    GREENROOM_POSTPONE_SCHEDULE_SECONDS: '1,2',
    GREENROOM_REQUEST_MAX_AGE_SECONDS: '86400',
    GREENROOM_KEY_RETENTION_DAYS: '90',
    GREENROOM_CREATE_ROOM_TPS: '5',
  };
}

/** A message as Lambda's event-source mapping delivers it. */
function toRecord(message: Message, lane: string) {
  const attributes = Object.entries(message.MessageAttributes ?? {});
  return {
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: message.Body,
    // The sender of all messages is a function of greenroom, so that requests may name a roster.
    attributes: { ...message.Attributes, SenderId: `${ROSTER_ROLE_ID}:greenroom-test-start-bulk-job` },
    messageAttributes: Object.fromEntries(
      attributes.map(([name, { DataType, StringValue }]) => [name, { dataType: DataType, stringValue: StringValue }]),
    ),
    eventSource: 'aws:sqs',
    eventSourceARN: `arn:aws:sqs:${REGION}:${ACCOUNT}:${lane}`,
    awsRegion: REGION,
  };
}

/** Ranges of at most ten texts and 900 kB, which SQS accepts as a batch. */
function batchesOf(texts: string[]): { start: number; end: number }[] {
  const ranges: { start: number; end: number }[] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const [index, text] of texts.entries()) {
    const size = Buffer.byteLength(text);
    const range = ranges.at(-1);
    if (range && index - range.start < 10 && bytes + size < 900_000) {
      range.end = index + 1;
      bytes += size;
    } else {
      ranges.push({ start: index, end: index + 1 });
      bytes = size;
    }
  }
  return ranges;
}
