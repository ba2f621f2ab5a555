import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';

export interface OneAtATimeProxy {
  /** `http://127.0.0.1:<port>` */
  endpoint: string;
  /** How many requests have been forwarded. */
  readonly forwardedCount: number;
  close(): Promise<void>;
}

/** Passes HTTP requests on to another server on this machine, each only when the one before it has its whole answer. */
export async function startOneAtATimeProxy(target: string): Promise<OneAtATimeProxy> {
  let forwardedCount = 0;
  let last: Promise<void> = Promise.resolve();
  const server = createServer((message, response) => {
    forwardedCount += 1;
    last = last.then(() => forward(target, message, response)).catch(() => hangUp(response));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port');

  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    get forwardedCount() {
      return forwardedCount;
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** What the target did not answer is not answered here either: the client knows what to do then. */
function hangUp(response: ServerResponse): void {
  response.destroy();
}

async function forward(target: string, message: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method, url = '/', headers } = message;
  const body = await buffer(message);
  const outgoing = request(new URL(url, target), { method, headers, agent: false }).end(body);
  const [answer]: IncomingMessage[] = await once(outgoing, 'response');
  if (answer === undefined) throw new Error('There is no answer');
  const answered = await buffer(answer);
  response.writeHead(answer.statusCode ?? 502, answer.headers).end(answered);
}
