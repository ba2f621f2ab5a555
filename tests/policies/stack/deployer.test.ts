import { resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { decide } from '../../../emulator/iam/evaluate.ts';
import { identityPolicySchema, parsePolicy } from '../../../emulator/iam/policy.ts';
import { readTemplate } from '../../../emulator/template/read-template.ts';
import { templateFile } from '../../../local/start/make-package.ts';
import { REGION } from '../paths/world.ts';
import { filledPolicy, policyNames, STAGE } from '../policy-files.ts';

const ACCOUNT = '000000000000';
const arn = (service: string, name: string) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${name}`;
const FUNCTION = arn('lambda', `function:greenroom-${STAGE}-provision-rooms`);

/**
 * The calls with which CloudFormation, with the deployer's permissions, creates, updates and deletes a resource, and the ARN of the
 * resource in this test.
 */
interface Calls {
  resource: string;
  actions: string;
  context?: Record<string, string>;
}

/**
 * By the type of the resource. The permissions are those that the types' schemas list for their handlers
 * (https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html), or, for types whose schema lists none, the calls
 * of the service that create, read, change, tag and delete such a resource.
 */
const CALLS: Record<string, Calls[]> = {
  'AWS::SQS::Queue': [
    {
      resource: arn('sqs', `greenroom-${STAGE}-interactive`),
      actions:
        'CreateQueue GetQueueUrl GetQueueAttributes ListQueueTags TagQueue UntagQueue SetQueueAttributes DeleteQueue',
    },
  ],
  'AWS::SQS::QueuePolicy': [{ resource: arn('sqs', `greenroom-${STAGE}-parked`), actions: 'SetQueueAttributes' }],
  'AWS::SNS::Topic': [
    {
      resource: arn('sns', `greenroom-${STAGE}-completions`),
      actions:
        'CreateTopic GetTopicAttributes SetTopicAttributes ListTagsForResource TagResource UntagResource DeleteTopic',
    },
  ],
  'AWS::SNS::TopicPolicy': [{ resource: arn('sns', `greenroom-${STAGE}-completions`), actions: 'SetTopicAttributes' }],
  'AWS::SNS::Subscription': [
    { resource: arn('sns', `greenroom-${STAGE}-completions`), actions: 'Subscribe ListSubscriptionsByTopic' },
    { resource: '*', actions: 'sns:Unsubscribe sns:GetSubscriptionAttributes sns:SetSubscriptionAttributes' },
  ],
  'AWS::DynamoDB::Table': [
    {
      resource: arn('dynamodb', `table/greenroom-${STAGE}-ledger`),
      actions:
        'CreateTable DescribeTable UpdateTable DeleteTable UpdateTimeToLive DescribeTimeToLive UpdateContinuousBackups DescribeContinuousBackups ListTagsOfResource TagResource UntagResource',
    },
  ],
  'AWS::S3::Bucket': [
    `greenroom-${STAGE}-${ACCOUNT}-${REGION}`,
    `greenroom-${STAGE}-serverlessdeploymentbucket-1a2b`,
  ].map((name) => ({
    resource: `arn:aws:s3:::${name}`,
    actions:
      'CreateBucket DeleteBucket PutBucketNotification PutLifecycleConfiguration PutEncryptionConfiguration PutBucketPublicAccessBlock PutBucketOwnershipControls',
  })),
  'AWS::S3::BucketPolicy': [
    {
      resource: `arn:aws:s3:::greenroom-${STAGE}-${ACCOUNT}-${REGION}`,
      actions: 'PutBucketPolicy GetBucketPolicy DeleteBucketPolicy',
    },
  ],
  'AWS::IAM::Role': [
    {
      resource: `arn:aws:iam::${ACCOUNT}:role/greenroom-${STAGE}-SweepRoomsRole-1A2B`,
      actions:
        'CreateRole GetRole UpdateRole DeleteRole UpdateAssumeRolePolicy PutRolePolicy GetRolePolicy DeleteRolePolicy ListRolePolicies ListAttachedRolePolicies TagRole UntagRole',
    },
  ],
  'AWS::Lambda::Function': [
    {
      resource: FUNCTION,
      actions:
        'CreateFunction GetFunction GetFunctionConfiguration UpdateFunctionCode UpdateFunctionConfiguration DeleteFunction ListTags TagResource UntagResource',
    },
    {
      resource: `arn:aws:iam::${ACCOUNT}:role/greenroom-${STAGE}-SweepRoomsRole-1A2B`,
      actions: 'PassRole',
      context: { 'iam:passedtoservice': 'lambda.amazonaws.com' },
    },
    {
      resource: `arn:aws:s3:::greenroom-${STAGE}-serverlessdeploymentbucket-1a2b/serverless/sweep-rooms.zip`,
      actions: 'PutObject GetObject DeleteObject',
    },
  ],
  'AWS::Lambda::EventSourceMapping': [
    {
      resource: arn('lambda', 'event-source-mapping:1a2b'),
      actions: 'CreateEventSourceMapping UpdateEventSourceMapping DeleteEventSourceMapping GetEventSourceMapping',
      context: { 'lambda:functionarn': FUNCTION },
    },
  ],
  'AWS::Lambda::EventInvokeConfig': [
    {
      resource: FUNCTION,
      actions:
        'GetFunctionEventInvokeConfig PutFunctionEventInvokeConfig UpdateFunctionEventInvokeConfig DeleteFunctionEventInvokeConfig',
    },
  ],
  'AWS::Lambda::Permission': [{ resource: FUNCTION, actions: 'AddPermission RemovePermission GetPolicy' }],
  'AWS::Events::Rule': [`greenroom-${STAGE}-SweepRule-1A2B`, `fixtures/greenroom-${STAGE}-live-events`].map((name) => ({
    resource: arn('events', `rule/${name}`),
    actions: 'PutRule DescribeRule DeleteRule PutTargets RemoveTargets ListTargetsByRule',
  })),
  'AWS::Logs::LogGroup': [
    {
      resource: arn('logs', `log-group:/aws/lambda/greenroom-${STAGE}-sweep-rooms`),
      actions: 'CreateLogGroup PutRetentionPolicy DeleteRetentionPolicy DeleteLogGroup ListTagsForResource TagResource',
    },
    { resource: '*', actions: 'logs:DescribeLogGroups' },
  ],
  'AWS::CloudWatch::Alarm': [
    {
      resource: arn('cloudwatch', `alarm:greenroom-${STAGE}-DeadLettersAlarm-1A2B`),
      actions: 'PutMetricAlarm DeleteAlarms',
    },
    { resource: '*', actions: 'cloudwatch:DescribeAlarms' },
  ],
  'AWS::CloudWatch::Dashboard': [
    {
      resource: `arn:aws:cloudwatch::${ACCOUNT}:dashboard/greenroom-${STAGE}-${REGION}`,
      actions: 'PutDashboard GetDashboard DeleteDashboards',
    },
  ],
  'AWS::Logs::QueryDefinition': [
    { resource: '*', actions: 'logs:PutQueryDefinition logs:DescribeQueryDefinitions logs:DeleteQueryDefinition' },
  ],
  'AWS::Scheduler::ScheduleGroup': [
    {
      resource: arn('scheduler', `schedule-group/greenroom-${STAGE}-live-events`),
      actions: 'CreateScheduleGroup GetScheduleGroup DeleteScheduleGroup',
    },
  ],
};

function permits(action: string, resource: string, context: Record<string, string> = {}): boolean {
  const policies = [parsePolicy(identityPolicySchema, filledPolicy('deployer'), 'the deployer')];
  const caller = { kind: 'identity', arn: `arn:aws:iam::${ACCOUNT}:user/deployer`, policies } as const;
  return decide(caller, { action, resource, context }, undefined).allowed;
}

describe('deployer.json', () => {
  const types = Object.values(readTemplate(templateFile(resolve())).Resources).map(({ Type }) => Type);

  test.each([...new Set(types)].sort())('permits creating, updating and deleting %s', (type) => {
    expect({ type, isKnown: type in CALLS }).toEqual({ type, isKnown: true });
    const missing = (CALLS[type] ?? []).flatMap(({ resource, actions, context }) =>
      actions
        .split(' ')
        .map((name) => (name.includes(':') ? name : `${resource.split(':')[2]}:${name}`))
        .filter((action) => !permits(action, resource, context))
        .map((action) => `${action} on ${resource}`),
    );
    expect(missing).toEqual([]);
  });

  test('permits the calls of the framework to CloudFormation', () => {
    const stack = arn('cloudformation', `stack/greenroom-${STAGE}/1a2b`);
    const actions = [
      'CreateStack',
      'UpdateStack',
      'DeleteStack',
      'UpdateTerminationProtection',
      'DescribeStacks',
      'DescribeStackEvents',
      'ListStackResources',
    ];
    expect(actions.filter((action) => !permits(`cloudformation:${action}`, stack))).toEqual([]);
  });

  test.each([
    ['iam:CreateRole', `arn:aws:iam::${ACCOUNT}:role/greenroom-other-SweepRoomsRole`],
    ['iam:CreateUser', `arn:aws:iam::${ACCOUNT}:user/greenroom-${STAGE}-me`],
    ['iam:AttachRolePolicy', `arn:aws:iam::${ACCOUNT}:role/greenroom-${STAGE}-SweepRoomsRole`],
    ['iam:PassRole', `arn:aws:iam::${ACCOUNT}:role/greenroom-${STAGE}-SweepRoomsRole`],
    ['sqs:SendMessage', arn('sqs', `greenroom-${STAGE}-redrive`)],
    ['sqs:ReceiveMessage', arn('sqs', `greenroom-${STAGE}-parked`)],
    ['sns:Publish', arn('sns', `greenroom-${STAGE}-completions`)],
    ['dynamodb:UpdateItem', arn('dynamodb', `table/greenroom-${STAGE}-ledger`)],
    ['dynamodb:DeleteTable', arn('dynamodb', 'table/greenroom-other-ledger')],
    ['s3:GetObject', `arn:aws:s3:::greenroom-${STAGE}-${ACCOUNT}-${REGION}/reports/a.csv`],
    ['lambda:InvokeFunction', FUNCTION],
    ['lambda:CreateEventSourceMapping', arn('lambda', 'event-source-mapping:1a2b')],
    ['ivschat:DeleteRoom', arn('ivschat', 'room/1a2b')],
  ])('does not permit %s on %s', (action, resource) => {
    expect(permits(action, resource)).toBe(false);
  });
});

/** "The size of each managed policy cannot exceed 6,144 characters", white space not counted: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
test.each(policyNames())('the policy %s fits into a managed policy, and has no placeholder left', (name) => {
  const text = JSON.stringify(filledPolicy(name));
  expect(text.length).toBeLessThanOrEqual(6_144);
  expect(text).not.toMatch(/REGION|ACCOUNT_ID|STAGE/);
});
