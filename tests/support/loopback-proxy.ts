import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { buffer } from 'node:stream/consumers';

export interface LoopbackProxy {
  /** `http://127.0.0.1:<port>` */
  endpoint: string;
  close(): Promise<void>;
}

const KEEP_ALIVE_TIMEOUT_MS = 120_000;

/** A complete request or answer. */
interface Message {
  headers: IncomingHttpHeaders;
  body: Buffer;
}
export type ProxiedRequest = Message & { method: string; url: string };
export type ProxiedAnswer = Message & { status: number };

/**
 * An HTTP server on this machine between a client and another server.
 *
 * @param answer if it gives no answer or rejects, the connection is destroyed, as by a network failure
 */
export async function startLoopbackProxy(
  answer: (request: ProxiedRequest) => Promise<ProxiedAnswer | undefined>,
): Promise<LoopbackProxy> {
  // By default, a server closes idle connections after five seconds. A process that pauses for that long on a busy machine
  // would send its next request into a connection that is being closed.
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS }, async (message, response) => {
    try {
      const { method = 'GET', url = '/', headers } = message;
      const answered = await answer({ method, url, headers, body: await buffer(message) });
      if (answered) response.writeHead(answered.status, answered.headers).end(answered.body);
      else response.destroy();
    } catch {
      response.destroy();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Forwards a request to another server on a new connection. @throws if there is no complete answer */
export async function passOn(target: string, { method, url, headers, body }: ProxiedRequest): Promise<ProxiedAnswer> {
  const outgoing = request(new URL(url, target), { method, headers, agent: false }).end(body);
  const [answer]: IncomingMessage[] = await once(outgoing, 'response');
  if (answer === undefined) throw new Error('There is no answer');
  return { status: answer.statusCode ?? 502, headers: answer.headers, body: await buffer(answer) };
}
