import {
  BatchGetItemCommand,
  CreateTableCommand,
  GetItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import {
  CreateChatTokenCommand,
  CreateRoomCommand,
  DeleteRoomCommand,
  GetRoomCommand,
  IvschatClient,
  ListRoomsCommand,
} from '@aws-sdk/client-ivschat';
import {
  AbortMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import {
  CreateScheduleCommand,
  CreateScheduleGroupCommand,
  DeleteScheduleCommand,
  GetScheduleCommand,
} from '@aws-sdk/client-scheduler';
import { CreateTopicCommand, PublishBatchCommand, PublishCommand, UnsubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  GetQueueUrlCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startGateway } from '../../../emulator/gateway/gateway.ts';
import { createIvsChat } from '../../../emulator/ivschat/ivs-chat.ts';
import { createScheduler } from '../../../emulator/scheduler/scheduler.ts';
import { connect, REGION } from '../../support/gateway-clients.ts';
import { must } from '../../support/must.ts';

const ACCOUNT = '000000000000';
const arn = (service: string, name: string) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${name}`;
const ROLE_ARN = `arn:aws:iam::${ACCOUNT}:role/scheduler`;

let gateway: Awaited<ReturnType<typeof startGateway>>;
let admin: ReturnType<typeof clientsAs>;
let users = 0;
let room: string;
let queueUrl: string;

function clientsAs(accessKeyId: string) {
  const ivsChat = new IvschatClient({
    endpoint: gateway.endpoint,
    region: REGION,
    maxAttempts: 1,
    credentials: { accessKeyId, secretAccessKey: 'local' },
  });
  const clients = connect(gateway.endpoint, accessKeyId);
  return {
    ...clients,
    ivsChat,
    close() {
      clients.disconnect();
      ivsChat.destroy();
    },
  };
}
type Clients = ReturnType<typeof clientsAs>;

interface Statement {
  Effect?: 'Allow' | 'Deny';
  Action: string | string[];
  Resource: string | string[];
  Condition?: object;
}

/** Makes a call as a user with these permissions. */
async function as<Result>(statements: Statement[], call: (clients: Clients) => Promise<Result>): Promise<Result> {
  const Statement = statements.map((each) => ({ Effect: 'Allow', ...each }));
  const clients = clientsAs(gateway.iam.putUser(`user-${++users}`, { Statement }));
  try {
    return await call(clients);
  } finally {
    clients.close();
  }
}

beforeAll(async () => {
  const ivschat = createIvsChat({
    now: Date.now,
    random: Math.random,
    signatureLifetimeMs: 60_000,
    listingLagMs: 0,
    quotas: { burst: 1_000 },
  });
  const scheduler = createScheduler({
    now: Date.now,
    random: Math.random,
    accountId: ACCOUNT,
    send: () => Promise.reject(new Error('Nothing is due in these tests')),
  });
  const policies = { tagsOf: ivschat.tagsOf };
  gateway = await startGateway({ seed: 1, services: { ivschat, scheduler }, policies });
  admin = clientsAs('admin');
  queueUrl = must((await admin.sqs.send(new CreateQueueCommand({ QueueName: 'inbox' }))).QueueUrl);
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arn('sqs', 'dead'), maxReceiveCount: 1 });
  await admin.sqs.send(new CreateQueueCommand({ QueueName: 'dead' }));
  await admin.sqs.send(new CreateQueueCommand({ QueueName: 'source', Attributes: { RedrivePolicy } }));
  await admin.sns.send(new CreateTopicCommand({ Name: 'news' }));
  await admin.s3.send(new CreateBucketCommand({ Bucket: 'files' }));
  await admin.s3.send(new PutObjectCommand({ Bucket: 'files', Key: 'in/a b.csv', Body: 'text' }));
  await admin.scheduler.send(new CreateScheduleGroupCommand({ Name: 'shows' }));
  await admin.dynamoDb.send(
    new CreateTableCommand({
      TableName: 'things',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'by-id',
          KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
          Projection: { ProjectionType: 'ALL' },
        },
      ],
    }),
  );
  room = must((await admin.ivsChat.send(new CreateRoomCommand({ tags: { stage: 'a' } }))).arn);
});
afterAll(async () => {
  admin.close();
  await gateway.close();
});

const Key = { id: { S: 'x' } };
const schedule = {
  GroupName: 'shows',
  ScheduleExpression: 'at(2099-01-01T00:00:00)',
  FlexibleTimeWindow: { Mode: 'OFF' as const },
  Target: { Arn: arn('sqs', 'inbox'), RoleArn: ROLE_ARN, Input: '{}' },
};

/*
 * Each call with exactly the permissions that the service authorization reference names for it:
 * https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
const CALLS: [string, Statement[], (clients: Clients) => Promise<unknown>][] = [
  [
    'SendMessage',
    [{ Action: 'sqs:SendMessage', Resource: arn('sqs', 'inbox') }],
    ({ sqs }) => sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: 'text' })),
  ],
  [
    'SendMessageBatch',
    [{ Action: 'sqs:SendMessage', Resource: arn('sqs', 'inbox') }],
    ({ sqs }) =>
      sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: [{ Id: '1', MessageBody: 'a' }] })),
  ],
  [
    'GetQueueUrl',
    [{ Action: 'sqs:GetQueueUrl', Resource: arn('sqs', 'inbox') }],
    ({ sqs }) => sqs.send(new GetQueueUrlCommand({ QueueName: 'inbox' })),
  ],
  [
    'CreateQueue with tags',
    [{ Action: ['sqs:CreateQueue', 'sqs:TagQueue'], Resource: arn('sqs', 'tagged-*') }],
    ({ sqs }) => sqs.send(new CreateQueueCommand({ QueueName: `tagged-${users}`, tags: { temporary: 'true' } })),
  ],
  [
    'StartMessageMoveTask to the sources',
    [
      {
        Action: ['sqs:StartMessageMoveTask', 'sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
        Resource: arn('sqs', 'dead'),
      },
      { Action: 'sqs:SendMessage', Resource: arn('sqs', 'source') },
    ],
    ({ sqs }) => sqs.send(new StartMessageMoveTaskCommand({ SourceArn: arn('sqs', 'dead') })),
  ],
  [
    'Publish',
    [{ Action: 'sns:Publish', Resource: arn('sns', 'news') }],
    ({ sns }) => sns.send(new PublishCommand({ TopicArn: arn('sns', 'news'), Message: 'text' })),
  ],
  [
    'PublishBatch',
    [{ Action: 'sns:Publish', Resource: arn('sns', 'news') }],
    ({ sns }) =>
      sns.send(
        new PublishBatchCommand({
          TopicArn: arn('sns', 'news'),
          PublishBatchRequestEntries: [{ Id: '1', Message: 'text' }],
        }),
      ),
  ],
  [
    'GetItem',
    [{ Action: 'dynamodb:GetItem', Resource: arn('dynamodb', 'table/things') }],
    ({ dynamoDb }) => dynamoDb.send(new GetItemCommand({ TableName: 'things', Key })),
  ],
  [
    'BatchGetItem',
    [{ Action: 'dynamodb:BatchGetItem', Resource: arn('dynamodb', 'table/things') }],
    ({ dynamoDb }) => dynamoDb.send(new BatchGetItemCommand({ RequestItems: { things: { Keys: [Key] } } })),
  ],
  [
    'Query of an index',
    [{ Action: 'dynamodb:Query', Resource: arn('dynamodb', 'table/things/index/by-id') }],
    ({ dynamoDb }) =>
      dynamoDb.send(
        new QueryCommand({
          TableName: 'things',
          IndexName: 'by-id',
          KeyConditionExpression: 'id = :id',
          ExpressionAttributeValues: { ':id': { S: 'x' } },
        }),
      ),
  ],
  [
    'TransactWriteItems of updates and checks',
    [
      { Action: 'dynamodb:UpdateItem', Resource: arn('dynamodb', 'table/things') },
      { Action: 'dynamodb:ConditionCheckItem', Resource: arn('dynamodb', 'table/things') },
    ],
    ({ dynamoDb }) =>
      dynamoDb.send(
        new TransactWriteItemsCommand({
          TransactItems: [
            {
              Update: {
                TableName: 'things',
                Key,
                UpdateExpression: 'SET seen = :seen',
                ExpressionAttributeValues: { ':seen': { N: '1' } },
              },
            },
            {
              ConditionCheck: {
                TableName: 'things',
                Key: { id: { S: 'never' } },
                ConditionExpression: 'attribute_not_exists(id)',
              },
            },
          ],
        }),
      ),
  ],
  [
    'GetObject, whatever its key',
    [{ Action: 's3:GetObject', Resource: 'arn:aws:s3:::files/in/a b.csv' }],
    ({ s3 }) => s3.send(new GetObjectCommand({ Bucket: 'files', Key: 'in/a b.csv' })),
  ],
  [
    'ListObjectsV2',
    [{ Action: 's3:ListBucket', Resource: 'arn:aws:s3:::files' }],
    ({ s3 }) => s3.send(new ListObjectsV2Command({ Bucket: 'files', Prefix: 'in/' })),
  ],
  [
    'CopyObject',
    [
      { Action: 's3:GetObject', Resource: 'arn:aws:s3:::files/in/*' },
      { Action: 's3:PutObject', Resource: 'arn:aws:s3:::files/out/*' },
    ],
    ({ s3 }) => s3.send(new CopyObjectCommand({ Bucket: 'files', Key: 'out/b', CopySource: 'files/in/a%20b.csv' })),
  ],
  [
    'a multipart upload and its abort',
    [
      { Action: 's3:PutObject', Resource: 'arn:aws:s3:::files/out/*' },
      { Action: 's3:AbortMultipartUpload', Resource: 'arn:aws:s3:::files/out/*' },
    ],
    async ({ s3 }) => {
      const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket: 'files', Key: 'out/c' }));
      await s3.send(new AbortMultipartUploadCommand({ Bucket: 'files', Key: 'out/c', UploadId }));
    },
  ],
  [
    'CreateRoom with tags',
    [
      {
        Action: ['ivschat:CreateRoom', 'ivschat:TagResource'],
        Resource: `arn:aws:ivschat:*:${ACCOUNT}:room/*`,
        Condition: { StringEquals: { 'aws:RequestTag/stage': 'a' } },
      },
    ],
    ({ ivsChat }) => ivsChat.send(new CreateRoomCommand({ tags: { stage: 'a' } })),
  ],
  [
    'GetRoom',
    [
      {
        Action: 'ivschat:GetRoom',
        Resource: arn('ivschat', 'room/*'),
        Condition: { StringEquals: { 'aws:ResourceTag/stage': 'a' } },
      },
    ],
    ({ ivsChat }) => ivsChat.send(new GetRoomCommand({ identifier: room })),
  ],
  [
    'CreateChatToken',
    [
      {
        Action: 'ivschat:CreateChatToken',
        Resource: arn('ivschat', 'room/*'),
        Condition: { StringEquals: { 'aws:ResourceTag/stage': 'a' } },
      },
    ],
    ({ ivsChat }) => ivsChat.send(new CreateChatTokenCommand({ roomIdentifier: room, userId: 'ada' })),
  ],
  [
    'ListRooms',
    [{ Action: 'ivschat:ListRooms', Resource: arn('ivschat', 'room/*') }],
    ({ ivsChat }) => ivsChat.send(new ListRoomsCommand({})),
  ],
  [
    'CreateSchedule',
    [
      { Action: 'scheduler:CreateSchedule', Resource: arn('scheduler', 'schedule/shows/*') },
      {
        Action: 'iam:PassRole',
        Resource: ROLE_ARN,
        Condition: { StringEquals: { 'iam:PassedToService': 'scheduler.amazonaws.com' } },
      },
    ],
    ({ scheduler }) => scheduler.send(new CreateScheduleCommand({ ...schedule, Name: `show-${users}` })),
  ],
];

describe.each(CALLS)('%s', (_call, statements, call) => {
  test('is permitted with exactly its permissions', async () => {
    await expect(as(statements, call)).resolves.not.toThrow();
  });

  const parts = statements.flatMap((statement) =>
    [statement.Action].flat().map((Action) => ({ ...statement, Action })),
  );
  test.each(parts)('is refused without $Action', async (missing) => {
    const others = parts.filter((each) => each !== missing);
    await expect(as(others, call)).rejects.toMatchObject({
      message: expect.stringMatching(/not authorized to perform: .* on resource: /),
    });
  });

  test('is refused if it is explicitly denied, even if other statements allow it', async () => {
    const denied = { Effect: 'Deny' as const, Action: must(parts[0]).Action, Resource: '*' };
    await expect(as([{ Action: '*', Resource: '*' }, denied], call)).rejects.toThrow(/with an explicit deny/);
  });
});

describe('a refusal', () => {
  test.each<[string, string, (clients: Clients) => Promise<unknown>]>([
    ['SQS', 'AccessDenied', ({ sqs }) => sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: 'a' }))],
    [
      'SNS',
      'AuthorizationErrorException',
      ({ sns }) => sns.send(new PublishCommand({ TopicArn: arn('sns', 'news'), Message: 'text' })),
    ],
    ['S3', 'AccessDenied', ({ s3 }) => s3.send(new GetObjectCommand({ Bucket: 'files', Key: 'in/a b.csv' }))],
    [
      'DynamoDB',
      'AccessDeniedException',
      ({ dynamoDb }) => dynamoDb.send(new GetItemCommand({ TableName: 'things', Key })),
    ],
    ['IVS Chat', 'AccessDeniedException', ({ ivsChat }) => ivsChat.send(new ListRoomsCommand({}))],
    [
      'EventBridge Scheduler',
      'AccessDeniedException',
      ({ scheduler }) => scheduler.send(new GetScheduleCommand({ Name: 'a', GroupName: 'shows' })),
    ],
  ])('by %s has the name %s, and names the caller, the action and the resource', async (_service, name, call) => {
    const caller = `User: arn:aws:iam::${ACCOUNT}:user/user-${users + 1} is not authorized to perform: `;
    await expect(as([], call)).rejects.toMatchObject({ name, message: expect.stringContaining(caller) });
  });

  test('of HeadObject has a status but no message, because the response to HEAD has no body', async () => {
    const call = ({ s3 }: Clients) => s3.send(new HeadObjectCommand({ Bucket: 'files', Key: 'in/a b.csv' }));
    const read = { Action: 's3:GetObject', Resource: 'arn:aws:s3:::files/in/*' };
    await expect(as([read], call)).resolves.toMatchObject({ ContentLength: 4 });
    await expect(as([], call)).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
  });

  test('has no effect', async () => {
    await expect(as([], ({ ivsChat }) => ivsChat.send(new DeleteRoomCommand({ identifier: room })))).rejects.toThrow();
    expect((await admin.ivsChat.send(new GetRoomCommand({ identifier: room }))).arn).toBe(room);
  });
});

describe('a condition on tags', () => {
  const byTag = (stage: string): Statement => ({
    Action: ['ivschat:DeleteRoom', 'ivschat:CreateRoom', 'ivschat:TagResource'],
    Resource: arn('ivschat', 'room/*'),
    Condition: { StringEquals: { 'aws:ResourceTag/stage': stage } },
  });
  const deletion =
    (identifier: string) =>
    ({ ivsChat }: Clients) =>
      ivsChat.send(new DeleteRoomCommand({ identifier }));

  test('permits tokens only for rooms with the tag, and only for the rooms that the statement names', async () => {
    const { arn: other = '' } = await admin.ivsChat.send(new CreateRoomCommand({ tags: { stage: 'b' } }));
    const token =
      (roomIdentifier: string) =>
      ({ ivsChat }: Clients) =>
        ivsChat.send(new CreateChatTokenCommand({ roomIdentifier, userId: 'ada' }));
    const tagged = { ...byTag('a'), Action: 'ivschat:CreateChatToken' };
    await expect(as([tagged], token(other))).rejects.toMatchObject({ name: 'AccessDeniedException' });
    await as([tagged], token(room));
    const named = { Action: 'ivschat:CreateChatToken', Resource: other };
    await expect(as([named], token(room))).rejects.toMatchObject({ name: 'AccessDeniedException' });
    await as([named], token(other));
  });

  test('permits deleting only existing rooms with the tag', async () => {
    const { arn: made } = await admin.ivsChat.send(new CreateRoomCommand({ tags: { stage: 'b' } }));
    await expect(as([byTag('a')], deletion(must(made)))).rejects.toMatchObject({ name: 'AccessDeniedException' });
    await as([byTag('b')], deletion(must(made)));
    await expect(as([byTag('b')], deletion(must(made)))).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  test('of the resource does not match a room that does not exist yet', async () => {
    const creation = ({ ivsChat }: Clients) => ivsChat.send(new CreateRoomCommand({ tags: { stage: 'b' } }));
    await expect(as([byTag('b')], creation)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});

/*
 * "If the object you request doesn't exist, the error that Amazon S3 returns depends on whether you also have the s3:ListBucket
 * permission."
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 */
test('only a caller that may list a bucket learns that an object does not exist', async () => {
  const read = { Action: 's3:GetObject', Resource: 'arn:aws:s3:::files/*' };
  const missing = ({ s3 }: Clients) => s3.send(new GetObjectCommand({ Bucket: 'files', Key: 'missing' }));
  await expect(as([read], missing)).rejects.toMatchObject({ name: 'AccessDenied' });
  const list = { Action: 's3:ListBucket', Resource: 'arn:aws:s3:::files' };
  await expect(as([read, list], missing)).rejects.toMatchObject({ name: 'NoSuchKey' });
});

test('an administrator may call every operation, even one that the emulator does not know, but a user without permissions may not', async () => {
  const unsubscribe = new UnsubscribeCommand({ SubscriptionArn: arn('sns', 'news:1') });
  await admin.sns.send(unsubscribe).catch((error) => expect(error.name).not.toMatch(/Authorization/));
  const deletion = new DeleteScheduleCommand({ Name: 'nothing', GroupName: 'shows' });
  await expect(admin.scheduler.send(deletion)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  const response = await fetch(`${gateway.endpoint}/files?acl`, { headers: signedAs('user-1') });
  expect([response.status, await response.text()]).toEqual([403, expect.stringContaining('unknown:Operation')]);
});

const signedAs = (accessKeyId: string) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20260101/${REGION}/s3/aws4_request`,
});

test('a request counts as TLS unless it states otherwise; without TLS, a policy that requires TLS refuses even an administrator', async () => {
  gateway.iam.putResourcePolicy('arn:aws:s3:::files', {
    Statement: {
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:*',
      Resource: ['arn:aws:s3:::files', 'arn:aws:s3:::files/*'],
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    },
  });
  const status = async (headers: Record<string, string>) => {
    const address = `${gateway.endpoint}/files/in/a%20b.csv`;
    const response = await fetch(address, { headers: { ...signedAs('admin'), ...headers } });
    // A body that is not read leaves a timer, which may end the process minutes later (Node 24).
    await response.arrayBuffer();
    return response.status;
  };
  expect(await status({})).toBe(200);
  expect(await status({ 'x-forwarded-proto': 'https' })).toBe(200);
  expect(await status({ 'x-forwarded-proto': 'http' })).toBe(403);
});

test('the unused permissions of a role are those that no call in its sessions needed', async () => {
  const statement = {
    Sid: 'Send',
    Effect: 'Allow' as const,
    Action: ['sqs:SendMessage', 'sqs:GetQueueUrl'],
    Resource: [arn('sqs', 'inbox'), arn('sqs', 'dead')],
    Condition: {},
  };
  const trust = {
    Statement: [
      {
        Effect: 'Allow' as const,
        Principal: { Service: ['lambda.amazonaws.com'], AWS: [] },
        Action: ['sts:AssumeRole'],
        Condition: {},
      },
    ],
  };
  gateway.iam.putRole({ name: 'Worker', trust, policies: [{ Statement: [statement] }] });
  const roleArn = `arn:aws:iam::${ACCOUNT}:role/Worker`;
  const assume = (service: string) => gateway.iam.assumeRole({ roleArn, service, session: 'worker' });
  expect(() => assume('scheduler.amazonaws.com')).toThrow(/not authorized to perform: sts:AssumeRole/);
  const clients = clientsAs(assume('lambda.amazonaws.com'));
  await clients.sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: 'text' }));
  await expect(clients.dynamoDb.send(new UpdateItemCommand({ TableName: 'things', Key }))).rejects.toThrow(
    `arn:aws:sts::${ACCOUNT}:assumed-role/Worker/worker is not authorized`,
  );
  clients.close();
  const unused = gateway.iam
    .unusedGrants()
    .filter(({ holder }) => holder === 'Worker')
    .map(({ holder, grant: { sid, action, resource } }) => [holder, sid, action, resource]);
  expect(unused).toEqual([
    ['Worker', 'Send', 'sqs:SendMessage', arn('sqs', 'dead')],
    ['Worker', 'Send', 'sqs:GetQueueUrl', arn('sqs', 'inbox')],
    ['Worker', 'Send', 'sqs:GetQueueUrl', arn('sqs', 'dead')],
  ]);
});
