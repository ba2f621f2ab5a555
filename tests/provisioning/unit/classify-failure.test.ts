import { createServer, Agent as HttpAgent, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, Socket } from 'node:net';
import { IvschatClient } from '@aws-sdk/client-ivschat';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createAwsClients } from '../../../lib/platform/aws-clients.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { createRoom, type SlotUse } from '../../../lib/provisioning/create-room.ts';

type Respond = (request: IncomingMessage, response: ServerResponse) => void;

const CALL_TIMEOUT_MS = 300;
const timing = { signatureLifetimeMs: 0, listingLagMs: 0, clockErrorMs: 0, sendWindowMs: 60_000, settleMs: 0 };
const connection = { region: 'eu-west-1', credentials: { accessKeyId: 'AKID', secretAccessKey: 'SECRET' } };
const HTML = { 'content-type': 'text/html' };
const PAGE = '<html><body>Blocked by your network</body></html>';

let respond: Respond;
let client: IvschatClient;
const clients: IvschatClient[] = [];
const server = createServer((request, response) => {
  request.resume().on('end', () => respond(request, response));
});

/** The product's own client with its own timeouts, on a server whose responses the test decides. */
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  process.env.AWS_ENDPOINT_URL_IVSCHAT = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  process.env.AWS_ACCESS_KEY_ID = 'AKID';
  process.env.AWS_SECRET_ACCESS_KEY = 'SECRET';
  client = remembered(createAwsClients({ callTimeoutMs: CALL_TIMEOUT_MS }).ivsChat('eu-west-1'));
});
afterAll(async () => {
  for (const each of clients) each.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/**
 * Keeps the client, so that it can be closed at the end. Node's errors are not instances of Error in Jest's realm, so the SDK would wrap
 * them. Each error is therefore copied into an Error of this realm, which is what the SDK gets outside Jest.
 */
function remembered(made: IvschatClient): IvschatClient {
  clients.push(made);
  const { requestHandler } = made.config;
  const handle = requestHandler.handle.bind(requestHandler);
  requestHandler.handle = (request, options) =>
    handle(request, options).catch((error: Error) => {
      throw Object.assign(new Error(error.message), { name: error.name }, error);
    });
  return made;
}

function create(by = client, signal = new AbortController().signal, awaitSlot = async (): Promise<SlotUse> => 'send') {
  const intentMs = Date.now();
  return createRoom({ client: by, request: {}, intentMs, timing, clock: systemClock, signal, awaitSlot });
}

async function failureOf(by?: IvschatClient, signal?: AbortSignal) {
  const result = await create(by, signal);
  if (result.kind === 'created') throw new Error('The call succeeded');
  return result.failure;
}

function answer(status: number, body: string | object, headers: Record<string, string> = {}): Respond {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
}

/** An error as IVS Chat returns it, with its name in a header. */
const awsError = (status: number, name: string) => answer(status, { message: 'no' }, { 'x-amzn-errortype': name });

describe('a call that fails with an AWS error had no effect, and the name of the error decides its kind:', () => {
  test.each([
    [429, 'ThrottlingException', 'throttled'],
    [400, 'ThrottlingException', 'throttled'],
    [400, 'TooManyRequestsException', 'throttled'],
    [400, 'RequestLimitExceeded', 'throttled'],
    [402, 'ServiceQuotaExceededException', 'quota'],
    [409, 'ConflictException', 'conflict'],
    [403, 'PendingVerification', 'blocked'],
    [403, 'AccessDeniedException', 'denied'],
    [400, 'ValidationException', 'refused'],
    [404, 'ResourceNotFoundException', 'not-found'],
    [403, 'InvalidSignatureException', 'never-sent'],
    [403, 'SignatureDoesNotMatch', 'never-sent'],
    [403, 'IncompleteSignatureException', 'never-sent'],
    [400, 'RequestExpired', 'never-sent'],
    [403, 'RequestTimeTooSkewed', 'never-sent'],
    [403, 'MissingAuthenticationTokenException', 'never-sent'],
    [403, 'UnrecognizedClientException', 'never-sent'],
    [403, 'ExpiredTokenException', 'never-sent'],
  ])('%d %s: %s', async (status, name, kind) => {
    respond = awsError(status, name);
    expect(await failureOf()).toMatchObject({ kind, name });
  });

  test.each([
    [
      'in its header, with a namespace and an address',
      awsError(409, 'com.amazon.x#ConflictException:http://x/'),
      'conflict',
    ],
    ['in its body', answer(409, { __type: 'ConflictException', message: 'no' }), 'conflict'],
    ['in its body, with a namespace', answer(409, { __type: 'com.amazon.x#ConflictException' }), 'conflict'],
    ['as the code in its body', answer(429, { code: 'ThrottlingException' }), 'throttled'],
  ])('the name may be %s', async (_where, response, kind) => {
    respond = response;
    expect(await failureOf()).toMatchObject({ kind });
  });

  test.each([
    [402, 'quota'],
    [403, 'denied'],
    [404, 'not-found'],
    [409, 'conflict'],
    [429, 'throttled'],
    [400, 'refused'],
    [413, 'refused'],
  ])('for an unknown name, the status decides: %d is %s', async (status, kind) => {
    respond = awsError(status, 'BrandNewException');
    expect(await failureOf()).toMatchObject({ kind, name: 'BrandNewException' });
  });

  test('the fields that a ValidationException names are kept', async () => {
    const fieldList = [{ name: 'name', message: 'too long' }];
    const body = { message: 'wrong', reason: 'FIELD_VALIDATION_FAILED', fieldList };
    respond = answer(400, body, { 'x-amzn-errortype': 'ValidationException' });
    expect(await failureOf()).toEqual({ kind: 'refused', name: 'ValidationException', message: 'wrong', fieldList });
  });
});

describe('a response that may not come from AWS says nothing about the effect:', () => {
  test.each([
    ['400 with an HTML page', answer(400, PAGE, HTML)],
    ['403 with an HTML page', answer(403, PAGE, HTML)],
    ['404 with an HTML page', answer(404, PAGE, HTML)],
    ['407 with an HTML page', answer(407, PAGE, HTML)],
    ['429 with an HTML page', answer(429, PAGE, HTML)],
    ['403 with an empty body', answer(403, '')],
    ['403 with JSON that names no error', answer(403, { message: 'Forbidden' })],
    ["403 with a proxy's JSON, whose code is the status", answer(403, { code: 403, message: 'Forbidden' })],
    ['408 from AWS', awsError(408, 'RequestTimeoutException')],
    ['408 with an HTML page', answer(408, PAGE, HTML)],
    ['307 with a redirection', answer(307, '', { location: 'http://127.0.0.1:1/' })],
  ])('%s: ambiguous', async (_what, response) => {
    respond = response;
    expect(await failureOf()).toMatchObject({ kind: 'ambiguous' });
  });
});

describe('a failure of the service may come after the call took effect:', () => {
  test.each([
    ['500 from AWS', awsError(500, 'InternalServerException')],
    ['500 with the error name of a throttle', awsError(500, 'ThrottlingException')],
    ['502 with an HTML page', answer(502, PAGE, HTML)],
    ['503 from AWS', awsError(503, 'ServiceUnavailable')],
    ['504 with an empty body', answer(504, '')],
    ['200 with an HTML page', answer(200, PAGE, HTML)],
    ['200 with an empty body', answer(200, '')],
    ['200 with a body that is not JSON', answer(200, '{"arn":')],
    ['200 without an ARN', answer(200, { name: 'hall' })],
    ['200 with an invalid ARN', answer(200, { arn: 5 })],
    ['a reset', (_request, response) => response.destroy()] satisfies [string, Respond],
    ['a reset in the middle of the response', cutOff],
    ['no answer', () => undefined] satisfies [string, Respond],
    ['a response that stops in the middle', beginOnly],
  ])('%s: ambiguous', async (_what, response) => {
    respond = response;
    expect(await failureOf()).toMatchObject({ kind: 'ambiguous' });
  });

  function beginOnly(_request: IncomingMessage, response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
    response.write('{"arn":"arn"');
  }

  function cutOff(request: IncomingMessage, response: ServerResponse): void {
    beginOnly(request, response);
    setImmediate(() => response.destroy());
  }
});

describe('a request that fails before it is sent, or while it is sent:', () => {
  test.each([
    ['a port on which no process listens', () => clientOf({ endpoint: 'http://127.0.0.1:1' }), 'ECONNREFUSED'],
    ['a host name that does not exist', () => clientOf({ endpoint: 'http://ivschat.invalid' }), 'getaddrinfo'],
    ['a connection that is not established in time', unconnected, 'did not establish a connection'],
    ['no credentials', () => clientOf({ credentials: noCredentials }), 'no credentials'],
  ])('%s: never sent', async (_what, made, message) => {
    const failure = await failureOf(made());
    expect(failure).toMatchObject({ kind: 'never-sent', message: expect.stringContaining(message) });
  });

  test('a request that was aborted earlier is never sent, and the server receives nothing', async () => {
    let requests = 0;
    respond = () => requests++;
    expect(await failureOf(client, AbortSignal.abort())).toMatchObject({ kind: 'never-sent' });
    expect(requests).toBe(0);
  });

  test('a request that is too late for its slot is never sent', async () => {
    const received: string[] = [];
    respond = (request, response) => {
      received.push(request.url ?? '');
      response.end('{}');
    };
    const result = await create(client, undefined, async () => 'missed');
    expect(result).toMatchObject({ kind: 'failed', failure: { kind: 'slot-missed' } });
    expect(received).toEqual([]);
  });

  test('a request that is aborted after it was sent is ambiguous', async () => {
    const abort = new AbortController();
    respond = () => abort.abort();
    expect(await failureOf(client, abort.signal)).toMatchObject({ kind: 'ambiguous', name: 'AbortError' });
  });

  function clientOf(settings: object): IvschatClient {
    return remembered(new IvschatClient({ ...connection, maxAttempts: 1, ...settings }));
  }

  async function noCredentials(): Promise<never> {
    throw Object.assign(new Error('no credentials'), { name: 'CredentialsProviderError' });
  }

  function unconnected(): IvschatClient {
    const httpAgent = new HttpAgent();
    httpAgent.createConnection = () => Object.assign(new Socket(), { connecting: true });
    return clientOf({ endpoint: 'http://127.0.0.1:1', requestHandler: { httpAgent, connectionTimeout: 50 } });
  }
});

test('a response that names a room is not a failure', async () => {
  respond = answer(200, { arn: 'arn', createTime: '2026-01-01T00:00:00Z' });
  expect(await create()).toEqual({ kind: 'created', room: { arn: 'arn', createTime: '2026-01-01T00:00:00.000Z' } });
});
