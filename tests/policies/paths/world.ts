import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { type AttributeValue, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { IvschatClient } from '@aws-sdk/client-ivschat';
import { SchedulerClient } from '@aws-sdk/client-scheduler';
import { type MessageAttributeValue, SendMessageCommand } from '@aws-sdk/client-sqs';
import { connectLocally } from '../../../client/deployment.ts';
import type { Denial } from '../../../emulator/iam/usage.ts';
import type { OperationName } from '../../../emulator/ivschat/api.ts';
import { readTemplate, type Template } from '../../../emulator/template/read-template.ts';
import { ledgerKey } from '../../../lib/contract/keys.ts';
import { startStack } from '../../../local/stack.ts';
import { templateFile } from '../../../local/start/make-package.ts';
import { queueAttributes, until } from '../../support/gateway-clients.ts';
import { must } from '../../support/must.ts';

export const REGION = 'eu-west-1';
const LIMIT_MS = 60_000;

export type Item = Record<string, AttributeValue>;
type Resource = Template['Resources'][string];

/** The sweep deletes extra rooms as soon as it may. */
const SWEEP = {
  GREENROOM_SWEEP_DELETE: 'true',
  GREENROOM_SWEEP_SAFE_AGE_SECONDS: '10',
  GREENROOM_SWEEP_CALLS_PER_SECOND: '100',
};

/** Wishes are accepted, and a release command needs no grace period. */
const RELEASES = { GREENROOM_RELEASES: 'true', GREENROOM_RELEASE_GRACE_SECONDS: '0' };

/** A copy of the package, with changes to its template. */
export function copyOfPackage(change: (logicalId: string, resource: Resource) => Resource) {
  const source = templateFile(resolve());
  const directory = mkdtempSync(join(tmpdir(), 'greenroom-policies-'));
  cpSync(dirname(source), directory, { recursive: true });
  const { Resources, ...rest } = readTemplate(source);
  const changed = Object.entries(Resources).map(([id, resource]) => [id, change(id, resource)]);
  const file = join(directory, basename(source));
  writeFileSync(file, JSON.stringify({ ...rest, Resources: Object.fromEntries(changed) }));
  return { templateFile: file, remove: () => rmSync(directory, { recursive: true }) };
}

/** The same resource with further environment variables, if it is a function. */
export function withVariables(resource: Resource, variables: Record<string, string>): Resource {
  if (resource.Type !== 'AWS::Lambda::Function') return resource;
  const { Variables } = Object(resource.Properties.Environment);
  const Environment = { Variables: { ...Variables, ...variables } };
  return { ...resource, Properties: { ...resource.Properties, Environment } };
}

/** A statement of a role's policy in the template. */
export interface Statement {
  Sid?: string;
  Action: string | string[];
  Resource: unknown;
}

/** A role with other statements in its only policy. Every other resource is returned as it is. */
export function withStatements(resource: Resource, change: (statements: Statement[]) => object[]): Resource {
  if (resource.Type !== 'AWS::IAM::Role') return resource;
  const [{ PolicyName, PolicyDocument }] = Object(resource.Properties.Policies);
  const Policies = [{ PolicyName, PolicyDocument: { ...PolicyDocument, Statement: change(PolicyDocument.Statement) } }];
  return { ...resource, Properties: { ...resource.Properties, Policies } };
}

export type World = Awaited<ReturnType<typeof openWorld>>;

/** A calm stack of the packaged functions, whose policies are enforced. @param change what differs in the template */
export async function openWorld(change: (logicalId: string, resource: Resource) => Resource = (_id, same) => same) {
  const copy = copyOfPackage((id, resource) => change(id, withVariables(resource, { ...SWEEP, ...RELEASES })));
  const denied: Denial[] = [];
  const logs: string[] = [];
  const stack = await startStack({
    templateFile: copy.templateFile,
    seed: 1,
    calm: true,
    isolation: 'thread',
    onDenied: (denial) => denied.push(denial),
    onLog: (name, line) => logs.push(`${name}: ${line}`),
  });
  const deployment = connectLocally({ endpoint: stack.endpoint, region: REGION });
  const { sqs, dynamodb } = deployment;
  const settings = {
    endpoint: stack.endpoint,
    region: REGION,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  };
  const scheduler = new SchedulerClient(settings);
  const ivsChat = new IvschatClient(settings);
  const queue = (name: string) => must(stack.outputs[name]);

  return {
    stack,
    deployment,
    scheduler,
    ivsChat,
    denied,
    logs,
    queue,

    async send(name: string, body: object | string, attributes: Record<string, MessageAttributeValue> = {}) {
      const MessageBody = typeof body === 'string' ? body : JSON.stringify(body);
      await sqs.send(new SendMessageCommand({ QueueUrl: queue(name), MessageBody, MessageAttributes: attributes }));
    },

    /** Waits until a queue has neither visible messages nor messages in flight. */
    untilDone: (name: string) =>
      until(async () => {
        const counts = await queueAttributes(sqs, queue(name));
        const left = Number(counts.ApproximateNumberOfMessages) + Number(counts.ApproximateNumberOfMessagesNotVisible);
        return left === 0 || undefined;
      }, LIMIT_MS),

    async item(TableName: string, Key: Item): Promise<Item | undefined> {
      return (await dynamodb.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }))).Item;
    },

    /** Waits for a state of a key's ledger item. */
    untilItem(key: string, is: (item: Item) => boolean): Promise<Item> {
      return until(async () => {
        const item = await this.item(deployment.ledgerTable, { id: { S: ledgerKey(key) } });
        return item && is(item) ? item : undefined;
      }, LIMIT_MS);
    },

    /** Claims the key as a later generation would: the worker that holds the key loses its lease, and its room is extra. */
    async nextGeneration(key: string): Promise<void> {
      await dynamodb.send(
        new UpdateItemCommand({
          TableName: deployment.ledgerTable,
          Key: { id: { S: ledgerKey(key) } },
          UpdateExpression: 'SET lease_token = :other ADD generation :one, version :one',
          ExpressionAttributeValues: { ':other': { S: 'another worker' }, ':one': { N: '1' } },
        }),
      );
    },

    /** Lets the releaser look at a key again immediately. */
    async lookAgain(key: string): Promise<void> {
      await dynamodb.send(
        new UpdateItemCommand({
          TableName: deployment.ledgerTable,
          Key: { id: { S: ledgerKey(key) } },
          UpdateExpression: 'SET release_look_at = :now',
          ExpressionAttributeValues: { ':now': { N: String(Date.now()) } },
        }),
      );
    },

    /** Waits until an operation of IVS Chat was called more often than before. */
    callsOf: (name: OperationName) =>
      stack.ivsChat.calls().counts.reduce((sum, each) => sum + (each.operation === name ? each.count : 0), 0),

    /** Waits until a function has logged a message that matches, since the last call. */
    logged(pattern: RegExp): Promise<true> {
      return until(async () => logs.some((line) => pattern.test(line)) || undefined, LIMIT_MS);
    },

    async close() {
      deployment.close();
      scheduler.destroy();
      ivsChat.destroy();
      await stack.stop();
      copy.remove();
    },
  };
}
