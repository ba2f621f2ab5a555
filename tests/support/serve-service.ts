import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { ServiceRequest, ServiceResponse } from '../../emulator/service.ts';

export interface ServedService {
  url: string;
  close(): Promise<void>;
}

/** Serves an emulated service on a free loopback port. The region comes from the credential scope of the request. */
export async function serveService(
  handle: (request: ServiceRequest) => Promise<ServiceResponse>,
): Promise<ServedService> {
  const server = createServer((incoming, outgoing) => {
    answer(handle, incoming, outgoing).catch((error: unknown) => outgoing.destroy(asError(error)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  handle: (request: ServiceRequest) => Promise<ServiceResponse>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const response = await handle(await toServiceRequest(incoming));
  if ('lost' in response) {
    outgoing.destroy();
    return;
  }
  outgoing.writeHead(response.status, response.headers).end(response.body);
}

async function toServiceRequest(incoming: IncomingMessage): Promise<ServiceRequest> {
  const [path = '/', query] = (incoming.url ?? '/').split('?', 2);
  const headers = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]));
  return {
    method: incoming.method ?? 'GET',
    path,
    query: new URLSearchParams(query),
    headers,
    body: await buffer(incoming),
    region: /Credential=[^/]+\/\d+\/([^/]+)\//.exec(headers.authorization ?? '')?.[1] ?? 'us-east-1',
  };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
