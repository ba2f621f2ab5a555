import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeTimeToLiveCommand, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { HeadBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { GetScheduleGroupCommand } from '@aws-sdk/client-scheduler';
import { ListSubscriptionsCommand, PublishCommand } from '@aws-sdk/client-sns';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readTemplate } from '../../../emulator/template/read-template.ts';
import { roleIdOf } from '../../../emulator/template/role-id.ts';
import { templateFile } from '../../../local/start/make-package.ts';
import { queueAttributes, receiveAll, type Stack } from '../../support/gateway-clients.ts';
import { must } from '../../support/must.ts';
import {
  create,
  lambda,
  openStackGateway,
  openTemplates,
  queue,
  queuePolicy,
  type Resources,
  role,
  table,
} from './template-fixture.ts';

const templates = openTemplates();
let gateway: Stack;
beforeAll(async () => {
  gateway = await openStackGateway();
});
afterAll(async () => {
  await gateway.close();
  templates.remove();
});

/** One resource of each kind. A resource that others refer to comes after them. */
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
  InboxPolicy: queuePolicy('Inbox', 'sns.amazonaws.com'),
  Inbox: queue('inbox', {
    VisibilityTimeout: 11,
    RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['DeadLetters', 'Arn'] }, maxReceiveCount: '3' },
  }),
  DeadLetters: queue('dead-letters'),
  Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'news' } },
  Table: table('things'),
  Bucket: { Type: 'AWS::S3::Bucket' },
  EveryFiveMinutes: {
    Type: 'AWS::Events::Rule',
    Properties: {
      ScheduleExpression: 'rate(5 minutes)',
      Targets: [{ Arn: { 'Fn::GetAtt': ['Worker', 'Arn'] }, Id: 'worker' }],
    },
  },
  Shows: { Type: 'AWS::Scheduler::ScheduleGroup', Properties: { Name: 'shows' } },
  Role: role('lambda.amazonaws.com'),
  TopicPolicy: {
    Type: 'AWS::SNS::TopicPolicy',
    Properties: { Topics: [{ Ref: 'Topic' }], PolicyDocument: { Statement: [] } },
  },
  BucketPolicy: {
    Type: 'AWS::S3::BucketPolicy',
    Properties: { Bucket: { Ref: 'Bucket' }, PolicyDocument: { Statement: [] } },
  },
  InvokeConfig: {
    Type: 'AWS::Lambda::EventInvokeConfig',
    Properties: {
      FunctionName: { Ref: 'Worker' },
      Qualifier: '$LATEST',
      DestinationConfig: {},
      MaximumRetryAttempts: 0,
      MaximumEventAgeInSeconds: 60,
    },
  },
  Alarm: { Type: 'AWS::CloudWatch::Alarm' },
  OtherAlarm: { Type: 'AWS::CloudWatch::Alarm' },
};
const OUTPUTS = {
  Inbox: { Value: { Ref: 'Inbox' }, Description: 'for people' },
  Bucket: { Value: { 'Fn::GetAtt': 'Bucket.Arn' } },
  Sender: { Value: { 'Fn::GetAtt': ['Role', 'RoleId'] } },
};

describe('a template with one resource of each kind', () => {
  test('is created, whatever the order of its resources', async () => {
    const made = await create(templates.write(ALL, OUTPUTS), gateway);
    const { functions, eventSourceMappings, scheduledRules, outputs, skipped } = made;
    const inboxUrl = `${gateway.endpoint}/000000000000/inbox`;
    expect(outputs).toEqual({ Inbox: inboxUrl, Bucket: 'arn:aws:s3:::stack-bucket', Sender: roleIdOf('Role') });
    expect(roleIdOf('Role')).toMatch(/^AROA[A-Z2-7]{17}$/);
    expect(roleIdOf('OtherRole')).not.toBe(roleIdOf('Role'));
    expect(skipped).toEqual({ 'AWS::CloudWatch::Alarm': 2 });
    expect(functions).toEqual([
      {
        logicalId: 'Worker',
        name: 'worker',
        arn: 'arn:aws:lambda:eu-west-1:000000000000:function:worker',
        handler: 'index.handler',
        environment: { INBOX: inboxUrl, TABLE: 'things', TOPIC: 'arn:aws:sns:eu-west-1:000000000000:news', COUNT: '3' },
        timeoutSeconds: 7,
        memoryMb: 128,
        artifact: join(templates.directory, 'worker.zip'),
        roleArn: 'arn:aws:iam::000000000000:role/Role',
        asynchronous: { retries: 0, maxAgeMs: 60_000 },
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
    expect(scheduledRules).toEqual([
      {
        name: 'EveryFiveMinutes',
        everyMs: 300_000,
        functionArn: 'arn:aws:lambda:eu-west-1:000000000000:function:worker',
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
    await gateway.scheduler.send(new GetScheduleGroupCommand({ Name: 'shows' }));
  });

  test('keeps its resources when it is created again, and applies a changed setting of a queue', async () => {
    const first = await create(templates.write(ALL, OUTPUTS), gateway);
    const DeadLetters = queue('dead-letters', { VisibilityTimeout: 44 });
    const second = await create(templates.write({ ...ALL, DeadLetters }, OUTPUTS), gateway);
    expect(second).toEqual(first);
    const deadLetters = await queueAttributes(gateway.sqs, `${gateway.endpoint}/000000000000/dead-letters`);
    expect(deadLetters.VisibilityTimeout).toBe('44');
    const { Subscriptions } = await gateway.sns.send(new ListSubscriptionsCommand());
    expect(Subscriptions).toHaveLength(1);
  });

  test('delivers each message that matches the subscription once, with raw delivery', async () => {
    const { outputs, functions } = await create(templates.write(ALL, OUTPUTS), gateway);
    const TopicArn = must(functions[0]?.environment.TOPIC);
    for (const outcome of ['created', 'failed']) {
      const MessageAttributes = { outcome: { DataType: 'String', StringValue: outcome } };
      await gateway.sns.send(new PublishCommand({ TopicArn, Message: outcome, MessageAttributes }));
    }
    const messages = await receiveAll(gateway.sqs, must(outputs.Inbox));
    expect(messages.map(({ Body }) => Body)).toEqual(['created']);
  });

  test('is refused if its bucket notifies a queue whose policy does not allow it', async () => {
    const QueueConfigurations = [{ Event: 's3:ObjectCreated:*', Queue: { 'Fn::GetAtt': ['Closed', 'Arn'] } }];
    const Properties = { BucketName: 'not-let-in', NotificationConfiguration: { QueueConfigurations } };
    const resources = { Closed: queue('closed'), Bucket: { Type: 'AWS::S3::Bucket', Properties } };
    await expect(create(templates.write(resources), gateway)).rejects.toThrow(
      'Unable to validate the following destination configurations',
    );
  });

  test('has a bucket that notifies its queue only of objects that match the filter', async () => {
    const NotificationConfiguration = {
      QueueConfigurations: [
        {
          Event: 's3:ObjectCreated:*',
          Queue: { 'Fn::GetAtt': ['Notices', 'Arn'] },
          Filter: { S3Key: { Rules: [{ Name: 'prefix', Value: 'manifests/' }] } },
        },
      ],
    };
    const Properties = { BucketName: 'telling', NotificationConfiguration };
    const Bucket = { Type: 'AWS::S3::Bucket', DependsOn: 'NoticesPolicy', Properties };
    const NoticesPolicy = queuePolicy('Notices', 's3.amazonaws.com');
    const outputs = { Notices: { Value: { Ref: 'Notices' } } };
    const made = await create(templates.write({ Notices: queue('notices'), Bucket, NoticesPolicy }, outputs), gateway);
    for (const Key of ['manifests/a.csv', 'reports/a.csv'])
      await gateway.s3.send(new PutObjectCommand({ Bucket: 'telling', Key, Body: 'key' }));
    const bodies = (await receiveAll(gateway.sqs, must(made.outputs.Notices))).map(({ Body }) =>
      JSON.parse(must(Body)),
    );
    const keys = bodies.flatMap(({ Records = [] }) =>
      Records.map((record: { s3: { object: { key: string } } }) => record.s3.object.key),
    );
    expect(keys).toEqual(['manifests/a.csv']);
  });

  test('keeps its resources and their data after a restart on the same data directory', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'greenroom-template-'));
    const first = await openStackGateway({ dataDir });
    const before = await create(templates.write(ALL, OUTPUTS), first);
    await first.sqs.send(new SendMessageCommand({ QueueUrl: must(before.outputs.Inbox), MessageBody: 'kept' }));
    await first.dynamoDb.send(new PutItemCommand({ TableName: 'things', Item: { id: { S: 'kept' } } }));
    await first.close();

    const second = await openStackGateway({ dataDir });
    const after = await create(templates.write(ALL, OUTPUTS), second);
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

test('the deployed template can be created on the emulator, with the same outputs each time', async () => {
  const file = templateFile(join(import.meta.dirname, '../../..'));
  const first = await create(file, gateway);
  expect(await create(file, gateway)).toEqual(first);
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
  const made =
    /::(Queue|QueuePolicy|Role|Topic|TopicPolicy|BucketPolicy|Subscription|Table|Bucket|ScheduleGroup|Function|EventSourceMapping|EventInvokeConfig|Permission|Rule)$/;
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
  expect(mapped.map(({ queueArn }) => queueArn.split('-').at(-1))).toEqual(['interactive', 'bulk', 'redrive']);
  const rules = first.scheduledRules.map(({ functionArn, everyMs }) => [functionArn.split('local-').at(-1), everyMs]);
  expect(rules.sort()).toEqual([
    ['release-rooms', 60_000],
    ['schedule-live-events', 300_000],
    ['sweep-rooms', 3_600_000],
  ]);
});
