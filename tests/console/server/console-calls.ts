import { once } from 'node:events';
import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { must } from '../../support/must.ts';
import { type ConsoleStack, startConsoleStack } from '../console-stack.ts';

/** The calls of the page, made without a browser. */
export interface ConsoleCalls extends ConsoleStack {
  /** The secrets that this client received for the token, as a browser does. `cookie` is the whole header: `name=value`. */
  secrets: { cookie: string; key: string };
  /** Makes a call that reads, as the page does. @param path without `/api/` */
  get<Body>(path: string, query?: Record<string, string>): Promise<Answer<Body>>;
  /** Makes a call that changes something, as the page does. */
  post<Body>(path: string, body: unknown): Promise<Answer<Body>>;
  /** Sends exactly this request. The cookie and the key are sent only if `headers` contains them. */
  raw(request: RawRequest): Promise<RawAnswer>;
  /** The headers of the page's calls: the address of the console, the cookie and the key. */
  signedIn: { host: string; cookie: string; 'x-greenroom-console-key': string };
}

/** `problem` is present if the call failed. */
export interface Answer<Body> {
  status: number;
  answer: Body & { problem?: string };
}

export interface RawRequest {
  /** Default: GET */
  method?: string;
  /** The request target, which is sent unchanged. */
  path: string;
  /** Default: `host`, and `content-length` if there is a body. A header whose value is undefined is not sent. */
  headers?: OutgoingHttpHeaders;
  body?: string;
}

export interface RawAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** Starts a calm stack with a console, and exchanges the token. */
export async function openConsoleCalls(): Promise<ConsoleCalls> {
  const started = await startConsoleStack();
  const { host } = new URL(started.origin);
  const raw = rawSender(started.origin);
  const { pathname, search } = new URL(started.console.address);
  const { headers } = await raw({ path: pathname + search });
  const secrets = {
    cookie: must(must(headers['set-cookie']?.[0]).split(';')[0]),
    key: must(headers.location).replace('/#key=', ''),
  };
  const signedIn = { host, cookie: secrets.cookie, 'x-greenroom-console-key': secrets.key };

  async function call<Body>(sent: RawRequest): Promise<Answer<Body>> {
    const { status, text: json } = await raw(sent);
    return { status, answer: JSON.parse(json) };
  }

  return {
    ...started,
    ...{ secrets, signedIn, raw },
    get: (path, query = {}) => call({ path: `/api/${path}?${new URLSearchParams(query)}`, headers: signedIn }),
    post: (path, body) =>
      call({
        method: 'POST',
        path: `/api/${path}`,
        headers: { ...signedIn, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
  };
}

/**
 * Requests an address without any change, follows no redirects, and reads the whole answer. If a body is not read, Node's fetch leaves a
 * timer that may end the process minutes later (Node 24).
 */
export async function visit(
  address: string,
  request: Pick<RawRequest, 'method' | 'headers'> = {},
): Promise<RawAnswer & { cookies: string[] }> {
  const { origin, pathname, search } = new URL(address);
  const answer = await rawSender(origin)({ ...request, path: pathname + search });
  return { ...answer, cookies: answer.headers['set-cookie'] ?? [] };
}

/** @param origin where to send the requests */
function rawSender(origin: string): ConsoleCalls['raw'] {
  const { hostname, port, host } = new URL(origin);
  return async ({ method = 'GET', path, headers = {}, body }) => {
    const length = body !== undefined && { 'content-length': Buffer.byteLength(body) };
    const given = Object.entries({ host, ...length, ...headers }).filter(([, value]) => value !== undefined);
    const sent = request({
      ...{ hostname, port, method, path, agent: false, setHost: false },
      headers: Object.fromEntries(given),
    });
    sent.end(body);
    const [response] = await once(sent, 'response');
    return { status: response.statusCode, headers: response.headers, text: await text(response) };
  };
}
