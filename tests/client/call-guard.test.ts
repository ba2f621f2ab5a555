import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { DeleteQueueCommand, GetQueueUrlCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createCallGuard } from '../../client/calls/call-guard.ts';
import { addressByPath } from '../../client/calls/path-addressing.ts';
import { explainError } from '../../client/explain-error.ts';
import { Interruption } from '../../client/interruption.ts';
import { createS3Client } from '../../lib/platform/s3-client.ts';
import { createVirtualClock } from '../../simulation/virtual-clock.ts';
import { recogniseNodeErrors } from '../support/node-errors.ts';
import { type SilentEndpoint, startSilentEndpoint } from '../support/silent-endpoint.ts';

recogniseNodeErrors();

const ACCESS = { region: 'eu-west-1', credentials: { accessKeyId: 'any', secretAccessKey: 'any' } };
const QUEUE_URL = 'https://sqs.eu-west-1.amazonaws.com/000000000000/any';
const open: { close(): unknown }[] = [];

afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

async function silentEndpoint(): Promise<SilentEndpoint> {
  const endpoint = await startSilentEndpoint();
  open.push(endpoint);
  return endpoint;
}

async function serve(listener: RequestListener): Promise<{ url: string; server: Server }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push({ close: () => server.closeAllConnections() }, server);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

function guarded(endpoint: string, settings: Parameters<typeof createCallGuard>[0] = {}) {
  const { guard, requestHandler } = createCallGuard(settings);
  const options = { ...ACCESS, endpoint, requestHandler, useQueueUrlAsEndpoint: false };
  const clients = { sqs: guard(new SQSClient(options)), s3: guard(addressByPath(createS3Client(options))) };
  open.push({ close: () => requestHandler.destroy() });
  return clients;
}

async function errorOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'no error',
    (error) => explainError(error),
  );
}

/** Lets all code run that can run. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
}

describe('an interruption', () => {
  const clock = createVirtualClock(0);

  test('cancels a reading call at once, and another call three seconds later', async () => {
    const interruption = new AbortController();
    const endpoint = await silentEndpoint();
    const lines: string[] = [];
    const onSlow = (line: string) => lines.push(line);
    const { sqs } = guarded(endpoint.url, { signal: interruption.signal, clock, onSlow });
    let hasDeleted = false;
    const deleting = errorOf(sqs.send(new DeleteQueueCommand({ QueueUrl: QUEUE_URL }))).finally(() => {
      hasDeleted = true;
    });
    const reading = errorOf(sqs.send(new GetQueueUrlCommand({ QueueName: 'any' })));
    await endpoint.called();
    interruption.abort();
    expect(await reading).toBe('Interrupted');
    await settled();
    expect(hasDeleted).toBe(false);
    await clock.run(clock.nowMs() + 3_000);
    expect(lines).toEqual(['Waiting until SQS DeleteQueue ends. To end immediately, press Ctrl-C again']);
    await expect(deleting).resolves.toBe('Interrupted: it is not known whether SQS DeleteQueue took effect');
  });

  test.each([
    ['after SIGTERM, the next Ctrl-C is the first one', { exitCode: 143 }, [' To end immediately, press Ctrl-C']],
    ['nothing is said if nothing reads the output', { exitCode: 141, isQuiet: true }, []],
  ])('%s', async (_what, kind, hints) => {
    const interruption = new AbortController();
    const endpoint = await silentEndpoint();
    const lines: string[] = [];
    const onSlow = (line: string) => lines.push(line);
    const { sqs } = guarded(endpoint.url, { signal: interruption.signal, clock, onSlow });
    const deleting = errorOf(sqs.send(new DeleteQueueCommand({ QueueUrl: QUEUE_URL })));
    await endpoint.called();
    interruption.abort(new Interruption('Ended', kind));
    await clock.run(clock.nowMs() + 3_000);
    expect(lines).toEqual(hints.map((hint) => `Waiting until SQS DeleteQueue ends.${hint}`));
    await expect(deleting).resolves.toContain('it is not known whether SQS DeleteQueue took effect');
  });

  test('lets a temporary queue be deleted, and refuses further reading calls', async () => {
    let requests = 0;
    const { url } = await serve((_request, response) => {
      requests += 1;
      response.end('{}');
    });
    const interruption = new AbortController();
    const { sqs } = guarded(url, { signal: interruption.signal, clock });
    interruption.abort();
    await sqs.send(new DeleteQueueCommand({ QueueUrl: QUEUE_URL }));
    expect(await errorOf(sqs.send(new GetQueueUrlCommand({ QueueName: 'any' })))).toBe('Interrupted');
    expect(requests).toBe(1);
  });

  test('obeys the own signal of a call', async () => {
    const endpoint = await silentEndpoint();
    const { sqs } = guarded(endpoint.url, { clock });
    const own = new AbortController();
    const receiving = sqs.send(new ReceiveMessageCommand({ QueueUrl: QUEUE_URL }), { abortSignal: own.signal });
    await endpoint.called();
    own.abort();
    expect(await errorOf(receiving)).toBe('Interrupted');
  });
});

describe('a slow call', () => {
  test.each([
    ['is named after five seconds', new GetQueueUrlCommand({ QueueName: 'any' }), 5_000, 'SQS GetQueueUrl'],
    [
      'that polls is named five seconds after the end of its poll',
      new ReceiveMessageCommand({ QueueUrl: QUEUE_URL, WaitTimeSeconds: 20 }),
      25_000,
      'SQS ReceiveMessage',
    ],
  ])('%s', async (_what, command, afterMs, name) => {
    const clock = createVirtualClock(0);
    const interruption = new AbortController();
    const lines: string[] = [];
    const endpoint = await silentEndpoint();
    const settings = { signal: interruption.signal, clock, onSlow: (line: string) => lines.push(line) };
    const { sqs } = guarded(endpoint.url, settings);
    // The two overloads of `send` do not accept a union of commands.
    const sending = errorOf(
      command instanceof GetQueueUrlCommand ? sqs.send(command) : sqs.send(command, { abortSignal: settings.signal }),
    );
    await endpoint.called();
    await clock.run(afterMs - 1);
    expect(lines).toEqual([]);
    await clock.run(afterMs);
    expect(lines).toEqual([`Still waiting for ${name} at ${endpoint.url}`]);
    interruption.abort();
    await sending;
  });

  const HASTY = { connectionMs: 5_000, responseMs: 1, idleMs: 5_000 };

  test('ends at its time limit, and the error names the call, the endpoint and what to check', async () => {
    const endpoint = await silentEndpoint();
    const { sqs } = guarded(endpoint.url, { limits: HASTY });
    expect(await errorOf(sqs.send(new GetQueueUrlCommand({ QueueName: 'any' })))).toBe(
      `SQS GetQueueUrl failed after 3 attempts: ${new URL(endpoint.url).host} did not answer in time. Check that it is running, and AWS_ENDPOINT_URL`,
    );
  });

  test('has no limit for a whole upload', async () => {
    const { url } = await serve((request, response) => {
      request.resume().on('end', () => response.end());
    });
    const { s3 } = guarded(url, { limits: HASTY });
    async function* chunks() {
      for (let chunk = 0; chunk < 200; chunk++) {
        await settled();
        yield Buffer.alloc(10_000);
      }
    }
    const upload = { Bucket: 'any', Key: 'any', Body: Readable.from(chunks()), ContentLength: 2_000_000 };
    expect(await errorOf(s3.send(new PutObjectCommand(upload)))).toBe('no error');
    const silent = await silentEndpoint();
    const download = guarded(silent.url, { limits: HASTY }).s3.send(
      new GetObjectCommand({ Bucket: 'any', Key: 'any' }),
    );
    expect(await errorOf(download)).toMatch(/^S3 GetObject failed after 3 attempts: .* did not answer in time/);
  });
});

describe('a network error names the host and the port', () => {
  test('where nothing listens', async () => {
    const { url, server } = await serve(() => undefined);
    server.close();
    const { s3 } = guarded(url.replace('127.0.0.1', 'localhost'));
    expect(await errorOf(s3.send(new GetObjectCommand({ Bucket: 'any', Key: 'any' })))).toBe(
      `S3 GetObject failed after 3 attempts: localhost:${new URL(url).port} cannot be reached (ECONNREFUSED). Check that it is running, and AWS_ENDPOINT_URL`,
    );
  });

  test('of a name that does not exist', async () => {
    const { sqs } = guarded('https://nowhere.invalid');
    expect(await errorOf(sqs.send(new GetQueueUrlCommand({ QueueName: 'any' })))).toMatch(
      /^SQS GetQueueUrl failed.*: nowhere\.invalid:443 cannot be reached \((ENOTFOUND|EAI_AGAIN)\)/,
    );
  });
});

describe('a proxy', () => {
  test('receives the calls to HTTPS endpoints as tunnels', async () => {
    const { url, server } = await serve(() => undefined);
    const tunnelled = new Promise<{ target: string | undefined; start: Buffer }>((resolve) => {
      server.on('connect', (request, socket) => {
        socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
        socket.once('data', (start: Buffer) => {
          resolve({ target: request.url, start });
          socket.destroy();
        });
      });
    });
    const environment = { HTTPS_PROXY: url.replace('//', '//user:secret@') };
    const { sqs } = guarded('https://sqs.eu-west-1.amazonaws.com', { environment });
    const failed = errorOf(sqs.send(new GetQueueUrlCommand({ QueueName: 'any' })));
    const { target, start } = await tunnelled;
    expect(target).toBe('sqs.eu-west-1.amazonaws.com:443');
    // The handshake of TLS begins with 0x16, and contains the name of the host.
    expect(start[0]).toBe(0x16);
    expect(start.includes('sqs.eu-west-1.amazonaws.com')).toBe(true);
    const message = await failed;
    expect(message).toContain(`and the proxy ${new URL(url).host} (HTTPS_PROXY, NO_PROXY)`);
    expect(message).not.toContain('secret');
  });

  test('that refuses a tunnel is named in the error', async () => {
    const { url, server } = await serve(() => undefined);
    server.on('connect', (_request, socket) => socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'));
    const { sqs } = guarded('https://sqs.eu-west-1.amazonaws.com', { environment: { https_proxy: url } });
    expect(await errorOf(sqs.send(new GetQueueUrlCommand({ QueueName: 'any' })))).toBe(
      `SQS GetQueueUrl failed: sqs.eu-west-1.amazonaws.com:443 cannot be reached (ERR_PROXY_TUNNEL). Check the network, and the region, and the proxy ${new URL(url).host} (https_proxy, NO_PROXY)`,
    );
  });

  test('receives the calls to HTTP endpoints, except those that NO_PROXY and loopback addresses exclude', async () => {
    const seen: string[] = [];
    const proxy = await serve((request, response) => {
      seen.push(new URL(request.url ?? '', 'http://direct.invalid').host);
      response.end('{"QueueUrl":"proxied"}');
    });
    const direct = await serve((_request, response) => response.end('{"QueueUrl":"direct"}'));
    const environment = { HTTP_PROXY: proxy.url, NO_PROXY: 'inside.invalid' };
    const ask = (endpoint: string) =>
      guarded(endpoint, { environment })
        .sqs.send(new GetQueueUrlCommand({ QueueName: 'any' }))
        .then(({ QueueUrl }) => QueueUrl, explainError);
    expect(await ask('http://outside.invalid')).toBe('proxied');
    expect(await ask(direct.url)).toBe('direct');
    expect(await ask(direct.url.replace('127.0.0.1', 'localhost'))).toBe('direct');
    expect(await ask('http://inside.invalid')).toMatch(/cannot be reached/);
    expect(seen).toEqual(['outside.invalid']);
  });
});
