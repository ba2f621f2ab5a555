import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IvschatClient } from '@aws-sdk/client-ivschat';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { type Stack, type StackOptions, startStack } from '../../../local/stack.ts';
import { connect, queueAttributes, receiveAll, until } from '../../support/gateway-clients.ts';
import { must } from '../../support/must.ts';
import { createArtifacts } from '../../support/packaged-function.ts';

const artifacts = createArtifacts();
const stacks: Stack[] = [];
const connections: ReturnType<typeof connect>[] = [];
const directories: string[] = [];
let fixtures = 0;

/** Stops what the test has opened. */
export async function closeStacks(): Promise<void> {
  for (const connection of connections.splice(0)) connection.disconnect();
  await Promise.all(stacks.splice(0).map((stack) => stack.stop()));
}

export function removeFiles(): void {
  artifacts.remove();
  for (const directory of directories) rmSync(directory, { recursive: true });
}

/** A function that passes each message from the inbox to the outbox, unless the message says otherwise. */
const HAND_ON = `exports.handler = async ({ Records, ...event }) => {
  console.log('called');
  for (const { body, attributes } of Records ?? []) {
    if (body === 'hang at first' && attributes.ApproximateReceiveCount === '1') await new Promise(() => setInterval(() => {}, 1000));
    await fetch(process.env.AWS_ENDPOINT_URL, {
      method: 'POST',
      headers: {
        authorization: 'AWS4-HMAC-SHA256 Credential=' + process.env.AWS_ACCESS_KEY_ID + '/20260101/' + process.env.AWS_REGION + '/sqs/aws4_request',
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': 'AmazonSQS.SendMessage',
      },
      body: JSON.stringify({ QueueUrl: process.env.OUTBOX, MessageBody: body }),
    });
  }
  return event;
}`;
artifacts.add({ 'index.cjs': HAND_ON }, 'hand-on');

export const FUNCTION = {
  FunctionName: 'fixture-hand-on',
  Handler: 'index.handler',
  Runtime: 'nodejs24.x',
  Code: { S3Key: 'some/where/hand-on.zip' },
  Timeout: 60,
  MemorySize: 128,
};

export interface Fixture {
  variables?: Record<string, unknown>;
  /** Resources in addition to, or in place of, the two queues and the function between them. */
  resources?: object;
}

/** The function may do everything. Tests of policies replace this role. */
const ROLE = {
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Statement: { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
    },
    Policies: [{ PolicyName: 'all', PolicyDocument: { Statement: { Effect: 'Allow', Action: '*', Resource: '*' } } }],
  },
};

/** The file of a template, in the same folder as the package of its function. */
export function fixture({ variables = {}, resources = {} }: Fixture = {}): string {
  const file = join(artifacts.directory, `template-${++fixtures}.json`);
  const Variables = {
    OUTBOX: { Ref: 'Outbox' },
    GREENROOM_SIGNATURE_LIFETIME_SECONDS: '30',
    GREENROOM_LISTING_LAG_SECONDS: '1',
    ...variables,
  };
  const Resources = {
    HandOn: {
      Type: 'AWS::Lambda::Function',
      Properties: { ...FUNCTION, Role: { 'Fn::GetAtt': ['Role', 'Arn'] }, Environment: { Variables } },
    },
    Mapping: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        EventSourceArn: { 'Fn::GetAtt': ['Inbox', 'Arn'] },
        FunctionName: { 'Fn::GetAtt': ['HandOn', 'Arn'] },
      },
    },
    Inbox: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'inbox', VisibilityTimeout: 2 } },
    Outbox: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'outbox' } },
    Role: ROLE,
    ...resources,
  };
  const Outputs = { Inbox: { Value: { Ref: 'Inbox' } }, Outbox: { Value: { Ref: 'Outbox' } } };
  writeFileSync(file, JSON.stringify({ Resources, Outputs }));
  return file;
}

export function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'greenroom-stack-'));
  directories.push(directory);
  return directory;
}

/** A calm stack of the fixture unless the options say otherwise, with clients for it. */
export async function open(options: Partial<StackOptions> = {}) {
  const logs: string[] = [];
  const errors: unknown[] = [];
  const stack = await startStack({
    templateFile: options.templateFile ?? fixture(),
    seed: 1,
    calm: true,
    isolation: 'thread',
    onLog: (name, line) => logs.push(`${name}: ${line}`),
    onError: (error) => errors.push(error),
    ...options,
  });
  stacks.push(stack);
  const clients = connect(stack.endpoint);
  connections.push(clients);
  return { stack, ...clients, inbox: stack.outputs.Inbox ?? '', outbox: stack.outputs.Outbox ?? '', logs, errors };
}

/** Waits until every message is done. */
export function emptied(sqs: SQSClient, url: string): Promise<true> {
  return until(async () => {
    const counts = await queueAttributes(sqs, url);
    const left = Number(counts.ApproximateNumberOfMessages) + Number(counts.ApproximateNumberOfMessagesNotVisible);
    return left === 0 || undefined;
  }, 20_000);
}

export async function bodiesIn(sqs: SQSClient, url: string): Promise<string[]> {
  return (await receiveAll(sqs, url)).map(({ Body }) => must(Body)).sort();
}

/** Waits until at least `count` messages were received from a queue. */
export async function collect(sqs: SQSClient, url: string, count: number): Promise<string[]> {
  const bodies: string[] = [];
  return until(async () => {
    bodies.push(...(await bodiesIn(sqs, url)));
    return bodies.length >= count ? bodies : undefined;
  }, 20_000);
}

/** @param signedAgoMs how far its clock is behind */
export function ivsChatClient({ endpoint, region }: Stack, signedAgoMs = 0): IvschatClient {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  return new IvschatClient({ endpoint, region, credentials, maxAttempts: 1, systemClockOffset: -signedAgoMs });
}
