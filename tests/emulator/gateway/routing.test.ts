import { once } from 'node:events';
import { request } from 'node:http';
import { connect as connectSocket } from 'node:net';
import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { IvschatClient, ListRoomsCommand } from '@aws-sdk/client-ivschat';
import { GetAccountSettingsCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ListBucketsCommand } from '@aws-sdk/client-s3';
import { ListTopicsCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, ListQueuesCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ServiceRequest, ServiceResponse } from '../../../emulator/service.ts';
import { openGateway, type Stack } from '../../support/gateway-clients.ts';
import { must } from '../../support/must.ts';

let stack: Stack;
let response: ServiceResponse = { lost: true };
const seen: ServiceRequest[] = [];
let timesClosed = 0;

beforeAll(async () => {
  stack = await openGateway({
    services: {
      ivschat: {
        async handle(serviceRequest) {
          seen.push(serviceRequest);
          return response;
        },
        async close() {
          timesClosed += 1;
        },
      },
    },
    adminRoutes: {
      '/_greenroom/echo': async ({ path, query, body }) => ({
        status: 202,
        headers: { 'content-type': 'text/plain' },
        body: `${path} ${query.get('q')} ${body}`,
      }),
    },
  });
});
afterAll(() => stack.close());

const signedFor = (service: string) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=AKID/20261123/eu-west-1/${service}/aws4_request, SignedHeaders=host, Signature=0`,
});

async function listRooms(region: string) {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new IvschatClient({ endpoint: stack.endpoint, region, credentials, maxAttempts: 1 });
  try {
    return await client.send(new ListRoomsCommand({ maxResults: 3 }));
  } finally {
    client.destroy();
  }
}

test('all services answer at one endpoint', async () => {
  const { sqs, sns, s3, dynamoDb } = stack;
  expect((await sqs.send(new ListQueuesCommand({}))).$metadata.httpStatusCode).toBe(200);
  expect((await sns.send(new ListTopicsCommand({}))).Topics).toEqual([]);
  expect((await s3.send(new ListBucketsCommand({}))).Buckets ?? []).toEqual([]);
  expect((await dynamoDb.send(new ListTablesCommand({}))).TableNames).toEqual([]);
});

test('an injected service gets the complete request and its region', async () => {
  response = { status: 200, headers: { 'content-type': 'application/json' }, body: '{"rooms":[]}' };
  await expect(listRooms('us-west-2')).resolves.toMatchObject({ rooms: [] });
  const arrived = must(seen.at(-1));
  expect(arrived).toMatchObject({ method: 'POST', path: '/ListRooms', region: 'us-west-2' });
  expect(JSON.parse(arrived.body.toString())).toEqual({ maxResults: 3 });
});

test('a lost response closes the connection', async () => {
  response = { lost: true };
  await expect(listRooms('eu-west-1')).rejects.toThrow('socket hang up');
});

test('unsigned requests reach only the admin routes', async () => {
  const admin = await fetch(`${stack.endpoint}/_greenroom/echo/x?q=1`, { method: 'POST', body: 'hello' });
  expect([admin.status, await admin.text()]).toEqual([202, '/_greenroom/echo/x 1 hello']);
  for (const path of ['/', '/_greenroom/other', '/ListRooms']) {
    const refused = await fetch(stack.endpoint + path, { method: 'POST' });
    expect([refused.status, await refused.text()]).toEqual([403, expect.stringContaining('not signed')]);
  }
});

test('the refusal of a request to an unknown service names that service and the known ones', async () => {
  const refused = await fetch(stack.endpoint, { method: 'POST', headers: signedFor('kinesis') });
  expect(refused.status).toBe(400);
  expect(await refused.json()).toMatchObject({ message: expect.stringMatching(/"kinesis".*ivschat.*dynamodb/) });

  const unscoped = await fetch(stack.endpoint, { method: 'POST', headers: { authorization: 'Bearer x' } });
  expect([unscoped.status, await unscoped.text()]).toEqual([403, expect.any(String)]);
});

test('a request may be up to 16 MiB, and an upload to S3 up to 128 MiB', async () => {
  const send = async (path: string, bytes: number, init: RequestInit) => {
    const sent = await fetch(`${stack.endpoint}${path}`, { body: Buffer.alloc(bytes), ...init });
    await sent.arrayBuffer();
    return sent.status;
  };
  const post = (bytes: number) => send('/_greenroom/echo', bytes, { method: 'POST' });
  expect([await post(16 * 1_048_576), await post(16 * 1_048_576 + 1)]).toEqual([202, 413]);
  const put = (bytes: number) => send('/no-such-bucket/key', bytes, { method: 'PUT', headers: signedFor('s3') });
  expect([await put(128 * 1_048_576), await put(128 * 1_048_576 + 1)]).toEqual([404, 413]);
}, 30_000);

test('the gateway listens only on 127.0.0.1', async () => {
  const { hostname, port } = new URL(stack.endpoint);
  const reach = async (host: string) => {
    const socket = connectSocket({ host, port: Number(port) });
    try {
      await once(socket, 'connect', { signal: AbortSignal.timeout(2_000) });
      return 'connected';
    } catch {
      return 'unreachable';
    } finally {
      socket.destroy();
    }
  };
  expect(hostname).toBe('127.0.0.1');
  expect([await reach('127.0.0.1'), await reach('127.0.0.2'), await reach('::1')]).toEqual([
    'connected',
    'unreachable',
    'unreachable',
  ]);
});

test('responses contain the time, so that clients can correct their clocks', async () => {
  const sent = request(stack.endpoint, {
    method: 'POST',
    headers: { ...signedFor('dynamodb'), 'x-amz-target': 'DynamoDB_20120810.ListTables' },
  }).end('{}');
  const [answer] = await once(sent, 'response');
  answer.resume();
  expect(Math.abs(Date.parse(answer.headers.date) - Date.now())).toBeLessThan(2_000);
});

test('closing the gateway ends the waits of receivers and closes the services', async () => {
  const closing = await openGateway({
    services: {
      ivschat: {
        handle: async () => response,
        async close() {
          timesClosed += 1;
        },
      },
    },
  });
  const { QueueUrl } = await closing.sqs.send(new CreateQueueCommand({ QueueName: 'waited-for' }));
  const waiting = closing.sqs
    .send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }))
    .catch((error: unknown) => error);
  await closing.sqs.send(new ListQueuesCommand({}));

  const startedMs = Date.now();
  await closing.close();
  await waiting;
  expect(Date.now() - startedMs).toBeLessThan(5_000);
  expect(timesClosed).toBe(1);
});

test('a request to a service that the gateway lacks is refused in the protocol of that service, so that the SDK shows the reason', async () => {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const settings = { endpoint: stack.endpoint, region: 'eu-west-1', credentials, maxAttempts: 1 };
  const refusal = { name: 'UnknownService', message: expect.stringContaining('The gateway serves') };
  await expect(new STSClient(settings).send(new GetCallerIdentityCommand())).rejects.toMatchObject(refusal);
  await expect(new LambdaClient(settings).send(new GetAccountSettingsCommand())).rejects.toMatchObject(refusal);
});
