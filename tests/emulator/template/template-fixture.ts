import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { GatewayOptions } from '../../../emulator/gateway/gateway.ts';
import { createScheduler } from '../../../emulator/scheduler/scheduler.ts';
import { type CreatedStack, createResources } from '../../../emulator/template/create-resources.ts';
import { readTemplate, type Template } from '../../../emulator/template/read-template.ts';
import { openGateway, type Stack } from '../../support/gateway-clients.ts';
import { createArtifacts } from '../../support/packaged-function.ts';

export type Resources = Record<
  string,
  { Type: string; Properties?: object; DependsOn?: string | string[]; Condition?: string }
>;

/** A folder for templates. It has the package of the function that `lambda` declares. */
export function openTemplates() {
  const { directory, add, remove } = createArtifacts();
  add({ 'index.cjs': 'exports.handler = async () => null' }, 'worker');
  return {
    directory,
    write(Resources: Resources, Outputs: object = {}): string {
      const file = join(directory, 'template.json');
      writeFileSync(file, JSON.stringify({ Resources, Outputs }));
      return file;
    },
    remove,
  };
}

/** A gateway with all services that the resources of templates need. */
export function openStackGateway(options: Partial<GatewayOptions> = {}): Promise<Stack> {
  const send = () => Promise.reject(new Error('Nothing is due in these tests'));
  const scheduler = createScheduler({ now: Date.now, random: Math.random, accountId: '000000000000', send });
  return openGateway({ services: { scheduler }, ...options });
}

/** Creates on a gateway the resources that a template file declares. */
export function create(file: string, stack: Stack): Promise<CreatedStack> {
  return createFrom(readTemplate(file), dirname(file), stack);
}

/** Creates the resources of a template on a gateway. The folder contains the packages of its functions. */
export function createFrom(
  template: Template,
  artifactsDir: string,
  { sqs, sns, dynamoDb: dynamodb, s3, scheduler, iam }: Stack,
): Promise<CreatedStack> {
  const setting = { region: 'eu-west-1', accountId: '000000000000', stackName: 'stack', artifactsDir };
  return createResources(template, { ...setting, iam, clients: { sqs, sns, dynamodb, s3, scheduler } });
}

export const queue = (QueueName: string, rest: object = {}) => ({
  Type: 'AWS::SQS::Queue',
  Properties: { QueueName, ...rest },
});
/** Lets a service send to the queue with this logical id, for any topic or bucket. */
export const queuePolicy = (queueId: string, Service: string, changes: object = {}) => ({
  Type: 'AWS::SQS::QueuePolicy',
  Properties: {
    Queues: [{ Ref: queueId }],
    PolicyDocument: {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service },
          Action: 'sqs:SendMessage',
          Resource: '*',
          Condition: { ArnLike: { 'aws:SourceArn': 'arn:*:*:*:*:*' } },
          ...changes,
        },
      ],
    },
  },
});
/** A role that a service may act as, with one statement. */
export const role = (Service: string, statement: object = {}) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: { Statement: [{ Effect: 'Allow', Principal: { Service }, Action: 'sts:AssumeRole' }] },
    Policies: [
      {
        PolicyName: 'all',
        PolicyDocument: { Statement: [{ Effect: 'Allow', Action: 'sqs:SendMessage', Resource: '*', ...statement }] },
      },
    ],
  },
});
export const table = (TableName: string) => ({
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
export const lambda = (rest: object = {}) => ({
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
