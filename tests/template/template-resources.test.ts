import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DescribeTimeToLiveCommand, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { HeadBucketCommand } from '@aws-sdk/client-s3';
import { ListSubscriptionsCommand, PublishCommand } from '@aws-sdk/client-sns';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { templateFile } from '../../local/start/make-package.ts';
import { createResources } from '../../local/template/create-resources.ts';
import { readTemplate } from '../../local/template/read-template.ts';
import { must, openGateway, queueAttributes, receiveAll, type Stack } from '../gateway/clients.ts';
import { createArtifacts } from '../support/packaged-function.ts';

type Resources = Record<
  string,
  { Type: string; Properties?: object; DependsOn?: string | string[]; Condition?: string }
>;

const artifacts = createArtifacts();
let gateway: Stack;
beforeAll(async () => {
  gateway = await openGateway();
  artifacts.add({ 'index.cjs': 'exports.handler = async () => null' }, 'worker');
});
afterAll(async () => {
  await gateway.close();
  artifacts.remove();
});

function create(file: string, { sqs, sns, dynamoDb: dynamodb, s3 } = gateway) {
  const setting = { region: 'eu-west-1', accountId: '000000000000', stackName: 'stack', artifactsDir: dirname(file) };
  return createResources(readTemplate(file), { ...setting, clients: { sqs, sns, dynamodb, s3 } });
}

function writeTemplate(Resources: Resources, Outputs: object = {}): string {
  const file = join(artifacts.directory, 'template.json');
  writeFileSync(file, JSON.stringify({ Resources, Outputs }));
  return file;
}

const queue = (QueueName: string, rest: object = {}) => ({
  Type: 'AWS::SQS::Queue',
  Properties: { QueueName, ...rest },
});
const table = (TableName: string) => ({
  Type: 'AWS::DynamoDB::Table',
  Properties: {
    TableName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [
      { AttributeName: 'id', AttributeType: 'S' },
      { AttributeName: 'owner', AttributeType: 'S' },
    ],
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'by-owner',
        KeySchema: [{ AttributeName: 'owner', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
    TimeToLiveSpecification: { AttributeName: 'expires_at', Enabled: true },
  },
});
const lambda = (rest: object = {}) => ({
  Type: 'AWS::Lambda::Function',
  Properties: {
    FunctionName: 'worker',
    Handler: 'index.handler',
    Runtime: 'nodejs24.x',
    Code: { S3Bucket: 'packages', S3Key: 'some/where/worker.zip' },
    Timeout: '7',
    MemorySize: 128,
    ...rest,
  },
});

/** One of everything, what is referred to after what refers to it. */
const ALL: Resources = {
  Mapping: {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: {
      EventSourceArn: { 'Fn::GetAtt': ['Inbox', 'Arn'] },
      FunctionName: { 'Fn::GetAtt': ['Worker', 'Arn'] },
      MaximumBatchingWindowInSeconds: '2',
      ScalingConfig: { MaximumConcurrency: 4 },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    },
  },
  Worker: lambda({
    Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
    Environment: { Variables: { INBOX: { Ref: 'Inbox' }, TABLE: { Ref: 'Table' }, TOPIC: { Ref: 'Topic' }, COUNT: 3 } },
  }),
  Subscription: {
    Type: 'AWS::SNS::Subscription',
    Properties: {
      TopicArn: { Ref: 'Topic' },
      Protocol: 'sqs',
      Endpoint: { 'Fn::GetAtt': 'Inbox.Arn' },
      RawMessageDelivery: true,
      FilterPolicy: { outcome: ['created'] },
    },
  },
  Inbox: queue('inbox', {
    VisibilityTimeout: 11,
    RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['DeadLetters', 'Arn'] }, maxReceiveCount: '3' },
  }),
  DeadLetters: queue('dead-letters'),
  Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'news' } },
  Table: table('things'),
  Bucket: { Type: 'AWS::S3::Bucket' },
  Role: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: {} } },
  Alarm: { Type: 'AWS::CloudWatch::Alarm' },
  OtherAlarm: { Type: 'AWS::CloudWatch::Alarm' },
};
const OUTPUTS = {
  Inbox: { Value: { Ref: 'Inbox' }, Description: 'for people' },
  Bucket: { Value: { 'Fn::GetAtt': 'Bucket.Arn' } },
};

describe('a template that has one of everything', () => {
  test('is made, whatever its order', async () => {
    const { functions, eventSourceMappings, outputs, skipped } = await create(writeTemplate(ALL, OUTPUTS));
    const inboxUrl = `${gateway.endpoint}/000000000000/inbox`;
    expect(outputs).toEqual({ Inbox: inboxUrl, Bucket: 'arn:aws:s3:::stack-bucket' });
    expect(skipped).toEqual({ 'AWS::IAM::Role': 1, 'AWS::CloudWatch::Alarm': 2 });
    expect(functions).toEqual([
      {
        logicalId: 'Worker',
        name: 'worker',
        arn: 'arn:aws:lambda:eu-west-1:000000000000:function:worker',
        handler: 'index.handler',
        environment: { INBOX: inboxUrl, TABLE: 'things', TOPIC: 'arn:aws:sns:eu-west-1:000000000000:news', COUNT: '3' },
        timeoutSeconds: 7,
        memoryMb: 128,
        artifact: join(artifacts.directory, 'worker.zip'),
      },
    ]);
    expect(eventSourceMappings).toEqual([
      {
        logicalId: 'Mapping',
        queueArn: 'arn:aws:sqs:eu-west-1:000000000000:inbox',
        functionArn: 'arn:aws:lambda:eu-west-1:000000000000:function:worker',
        batchSize: 10,
        batchingWindowSeconds: 2,
        maximumConcurrency: 4,
        reportBatchItemFailures: true,
        enabled: true,
      },
    ]);
    expect(await queueAttributes(gateway.sqs, inboxUrl)).toMatchObject({
      VisibilityTimeout: '11',
      RedrivePolicy: JSON.stringify({
        deadLetterTargetArn: 'arn:aws:sqs:eu-west-1:000000000000:dead-letters',
        maxReceiveCount: 3,
      }),
    });
    const timeToLive = await gateway.dynamoDb.send(new DescribeTimeToLiveCommand({ TableName: 'things' }));
    expect(timeToLive.TimeToLiveDescription).toMatchObject({
      AttributeName: 'expires_at',
      TimeToLiveStatus: 'ENABLED',
    });
    await gateway.s3.send(new HeadBucketCommand({ Bucket: 'stack-bucket' }));
  });

  test('is found the second time, and a changed setting of a queue takes effect', async () => {
    const first = await create(writeTemplate(ALL, OUTPUTS));
    const second = await create(
      writeTemplate({ ...ALL, DeadLetters: queue('dead-letters', { VisibilityTimeout: 44 }) }, OUTPUTS),
    );
    expect(second).toEqual(first);
    const deadLetters = await queueAttributes(gateway.sqs, `${gateway.endpoint}/000000000000/dead-letters`);
    expect(deadLetters.VisibilityTimeout).toBe('44');
    const { Subscriptions } = await gateway.sns.send(new ListSubscriptionsCommand());
    expect(Subscriptions).toHaveLength(1);
  });

  test('delivers what its subscription asks for, once and raw', async () => {
    const { outputs, functions } = await create(writeTemplate(ALL, OUTPUTS));
    const TopicArn = must(functions[0]?.environment.TOPIC);
    for (const outcome of ['created', 'failed']) {
      const MessageAttributes = { outcome: { DataType: 'String', StringValue: outcome } };
      await gateway.sns.send(new PublishCommand({ TopicArn, Message: outcome, MessageAttributes }));
    }
    const messages = await receiveAll(gateway.sqs, must(outputs.Inbox));
    expect(messages.map(({ Body }) => Body)).toEqual(['created']);
  });

  test('is found with all that it holds after a restart on the same data directory', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'greenroom-template-'));
    const first = await openGateway({ dataDir });
    const before = await create(writeTemplate(ALL, OUTPUTS), first);
    await first.sqs.send(new SendMessageCommand({ QueueUrl: must(before.outputs.Inbox), MessageBody: 'kept' }));
    await first.dynamoDb.send(new PutItemCommand({ TableName: 'things', Item: { id: { S: 'kept' } } }));
    await first.close();

    const second = await openGateway({ dataDir });
    const after = await create(writeTemplate(ALL, OUTPUTS), second);
    const inboxUrl = must(after.outputs.Inbox);
    expect(inboxUrl).toBe(`${second.endpoint}/000000000000/inbox`);
    expect((await receiveAll(second.sqs, inboxUrl)).map(({ Body }) => Body)).toEqual(['kept']);
    const { Item } = await second.dynamoDb.send(
      new GetItemCommand({ TableName: 'things', Key: { id: { S: 'kept' } } }),
    );
    expect(Item).toEqual({ id: { S: 'kept' } });
    expect((await second.sns.send(new ListSubscriptionsCommand())).Subscriptions).toHaveLength(1);
    await second.close();
    rmSync(dataDir, { recursive: true });
  });
});

const mapping = (rest: object) => ({
  Mapping: {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: { EventSourceArn: 'arn:aws:sqs:r:0:q', FunctionName: 'f', ...rest },
  },
});
/** A topic whose name is made of these references. */
const sub = (...names: string[]) => ({
  Type: 'AWS::SNS::Topic',
  Properties: { TopicName: { 'Fn::Sub': names.map((name) => `\${${name}}`).join('') } },
});

test.each<[string, Resources, RegExp]>([
  ['a type that is not known', { Stream: { Type: 'AWS::Kinesis::Stream' } }, /^Stream is of type AWS::Kinesis::Stream/],
  [
    'a property that is not known',
    { Inbox: queue('inbox', { FifoQueue: true }) },
    /^Inbox can't be made here:.*"FifoQueue"/s,
  ],
  [
    'a property within a property',
    { Inbox: queue('inbox', { RedrivePolicy: { deadLetterTargetArn: 'a', maxReceiveCount: 1, more: 1 } }) },
    /^Inbox .*"more".*RedrivePolicy/s,
  ],
  [
    'a property of the wrong kind',
    { Inbox: queue('inbox', { VisibilityTimeout: 'soon' }) },
    /^Inbox .*VisibilityTimeout/s,
  ],
  ['a property that is missing', { Topic: { Type: 'AWS::SNS::Topic' } }, /^Topic .*TopicName/s],
  [
    'provisioned throughput',
    { Table: { ...table('t'), Properties: { ...table('t').Properties, BillingMode: 'PROVISIONED' } } },
    /^Table .*BillingMode/s,
  ],
  ['another runtime', { Worker: lambda({ Runtime: 'python3.13' }) }, /^Worker .*only Node\.js.*Runtime/s],
  [
    'a package that is not there',
    { Worker: lambda({ Code: { S3Key: 'some/missing.zip' } }) },
    /worker is not there: .*missing\.zip/,
  ],
  ['another event source', mapping({ EventSourceArn: 'arn:aws:kinesis:r:0:stream/s' }), /^Mapping .*only queues/s],
  ['a filter of an event source', mapping({ FilterCriteria: {} }), /^Mapping .*"FilterCriteria"/s],
  ['a name that is nowhere', { Topic: sub('Nowhere') }, /refers to Nowhere, which/],
  [
    'a dependency that is nowhere',
    { Alarm: { Type: 'AWS::CloudWatch::Alarm', DependsOn: 'Nowhere' } },
    /refers to Nowhere, which/,
  ],
  ['itself', { Topic: sub('Topic.TopicName') }, /^Topic → Topic refer to each other/],
  ['a circle', { A: sub('B'), B: sub('C'), C: sub('A') }, /^A → B → C → A refer to each other/],
  ['a circle behind a fork', { A: sub('B', 'C'), B: sub('C'), C: sub('B') }, /^A → B → C → B refer to each other/],
  [
    'a circle of dependencies',
    { A: { ...sub('AWS::Region'), DependsOn: ['B'] }, B: { ...sub('AWS::Region'), DependsOn: ['A'] } },
    /^A → B → A refer to each other/,
  ],
])('%s is an error that names it', async (_title, resources, message) => {
  await expect(create(writeTemplate(resources))).rejects.toThrow(message);
});

test.each<[string, object, RegExp]>([
  [
    'a condition of a resource',
    { Resources: { A: { Type: 'AWS::SNS::Topic', Condition: 'IsProd' } } },
    /conditions are not evaluated.*Resources\.A\.Condition/s,
  ],
  [
    'a condition of an output',
    { Resources: {}, Outputs: { A: { Value: 'a', Condition: 'IsProd' } } },
    /conditions are not evaluated.*Outputs\.A\.Condition/s,
  ],
  ['a resource without a type', { Resources: { A: {} } }, /template\.json is no template.*Resources\.A\.Type/s],
])('%s is refused when the template is read', (_title, template, message) => {
  const file = join(artifacts.directory, 'template.json');
  writeFileSync(file, JSON.stringify(template));
  expect(() => readTemplate(file)).toThrow(message);
});

test('what is deployed is made here as well: twice the same, with every name that others go by', async () => {
  const file = templateFile(join(import.meta.dirname, '../..'));
  const first = await create(file);
  expect(await create(file)).toEqual(first);
  expect(Object.keys(first.outputs)).toEqual(
    expect.arrayContaining([
      'InteractiveQueue',
      'InteractiveDeadLetterQueue',
      'BulkQueue',
      'BulkDeadLetterQueue',
      'LiveEventsQueue',
      'ManifestQueue',
      'ParkedQueue',
      'CompletionTopic',
      'LedgerTable',
      'PaceTable',
      'RosterTable',
      'ManifestBucket',
    ]),
  );
  const types = Object.values(readTemplate(file).Resources).map(({ Type }) => Type);
  const made = /::(Queue|Topic|Subscription|Table|Bucket|Function|EventSourceMapping)$/;
  const withoutEffect = types.filter((type) => !made.test(type));
  expect(first.skipped).toEqual(
    Object.fromEntries([...Map.groupBy(withoutEffect, (type) => type)].map(([type, all]) => [type, all.length])),
  );
  expect(first.functions).toHaveLength(types.filter((type) => type === 'AWS::Lambda::Function').length);
  const provisionRooms = must(first.functions.find(({ name }) => name.endsWith('provision-rooms')));
  expect(provisionRooms.environment).toMatchObject({
    GREENROOM_INTERACTIVE_QUEUE_URL: first.outputs.InteractiveQueue,
    GREENROOM_LEDGER_TABLE: first.outputs.LedgerTable,
    GREENROOM_COMPLETION_TOPIC_ARN: first.outputs.CompletionTopic,
  });
  const mapped = first.eventSourceMappings.filter(({ functionArn }) => functionArn === provisionRooms.arn);
  expect(mapped.map(({ queueArn }) => queueArn.split('-').at(-1))).toEqual(['interactive', 'bulk']);
});
