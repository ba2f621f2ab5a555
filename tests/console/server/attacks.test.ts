import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { startConsole } from '../../../console/server/console-server.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { must } from '../../support/must.ts';
import { type ConsoleCalls, openConsoleCalls, type RawRequest, visit } from './console-calls.ts';
import { beginRequest, head, sendBytes } from './raw-bytes.ts';

type Headers = NonNullable<RawRequest['headers']>;

const FOREIGN = 'http://evil.example';
const HOSTILE = '<img src=x onerror=alert(1)>';

/** Every attack changes a request that would otherwise succeed. */
describe('attacks on the console', () => {
  let calls: ConsoleCalls;
  let port: string;
  /** Everything that this process has printed since the stack was started. */
  const printed: string[] = [];

  beforeAll(async () => {
    calls = await openConsoleCalls();
    port = new URL(calls.origin).port;
    for (const stream of [process.stdout, process.stderr])
      jest.spyOn(stream, 'write').mockImplementation((text) => printed.push(String(text)) > 0);
    for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const)
      jest.spyOn(console, method).mockImplementation((...texts) => void printed.push(texts.join(' ')));
  });

  afterAll(async () => {
    jest.restoreAllMocks();
    await calls.close();
  });

  /** The status of the page's most frequent call, with some headers replaced. */
  async function statusWith(headers: Headers, sent: Partial<RawRequest> = {}): Promise<number> {
    const { status } = await calls.raw({ path: '/api/now', ...sent, headers: { ...calls.signedIn, ...headers } });
    return status;
  }

  /** A console that has not been used. It never calls its stage. */
  const freshConsole = () =>
    startConsole({
      findDeployment: () => Promise.reject(new Error('Not searched for')),
      ...{ port: 0, clock: systemClock, followsAtOnce: false },
    });

  test('control: the unchanged request succeeds, with and without the headers that browsers add', async () => {
    expect(await statusWith({})).toBe(200);
    expect(await statusWith({ origin: calls.origin, 'sec-fetch-site': 'same-origin' })).toBe(200);
    const change = { method: 'POST', path: '/api/parked/stop', body: '{}' };
    expect(await statusWith({ origin: calls.origin, 'content-type': 'application/json' }, change)).toBe(200);
    expect(await statusWith({ host: `localhost:${port}`, origin: `http://localhost:${port}` })).toBe(200);
  });

  describe('another site sends requests', () => {
    test.each<[string, (port: string) => Headers]>([
      ['a foreign origin', () => ({ origin: FOREIGN })],
      ['the opaque origin of a sandboxed frame', () => ({ origin: 'null' })],
      ['another port of this computer', () => ({ origin: 'http://127.0.0.1:1' })],
      ['the other name of this computer', (own) => ({ origin: `http://localhost:${own}` })],
      ['another scheme', (own) => ({ origin: `https://127.0.0.1:${own}` })],
      ['an origin that begins like ours', (own) => ({ origin: `http://127.0.0.1:${own}.evil.example` })],
      ['another site, without an origin', () => ({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' })],
      ['another port, without an origin', () => ({ 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' })],
      [
        'a frame on another site',
        () => ({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }),
      ],
    ])('%s', async (_name, headers) => {
      expect(await statusWith(headers(port))).toBe(403);
      expect(await statusWith(headers(port), { method: 'POST', path: '/api/parked/stop', body: '{}' })).toBe(403);
    });

    test('a form can neither open a page nor send a change', async () => {
      const form = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
      const post = { method: 'POST', body: 'a=b' };
      for (const path of ['/', '/api/parked/stop']) expect(await statusWith(form, { ...post, path })).toBe(403);
      // Control: a link may open the page.
      expect(await statusWith(form, { path: '/' })).toBe(200);
    });

    test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', undefined])(
      'a body of type %s, which needs no permission, is refused even with both secrets',
      async (type) => {
        const post = { method: 'POST', path: '/api/parked/stop', body: '{}' };
        expect(await statusWith({ 'content-type': type }, post)).toBe(415);
        expect(await statusWith({ 'content-type': 'application/json' }, post)).toBe(200);
      },
    );

    test('a preflight request receives no permission', async () => {
      const asked = {
        origin: FOREIGN,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'x-greenroom-console-key, content-type',
        'access-control-request-private-network': 'true',
      };
      for (const headers of [asked, { ...asked, origin: calls.origin }]) {
        const answer = await calls.raw({ method: 'OPTIONS', path: '/api/now', headers });
        expect(answer.status).toBeGreaterThanOrEqual(400);
        expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
      }
    });
  });

  describe('another name resolves to the console (DNS rebinding)', () => {
    test.each<[string, (port: string) => string]>([
      ['a foreign name', (own) => `evil.example:${own}`],
      ['no port', () => '127.0.0.1'],
      ['another port', () => '127.0.0.1:1'],
      ['IPv6', (own) => `[::1]:${own}`],
      ['an IPv4 address in IPv6', (own) => `[::ffff:127.0.0.1]:${own}`],
      ['a decimal address', (own) => `2130706433:${own}`],
      ['a short address', (own) => `127.1:${own}`],
      ['the address of all interfaces', (own) => `0.0.0.0:${own}`],
      ['a trailing dot', (own) => `localhost.:${own}`],
      ['a trailing dot after the address', (own) => `127.0.0.1.:${own}`],
      ['a name below localhost', (own) => `evil.localhost:${own}`],
      ['our name as the user', (own) => `127.0.0.1:${own}@evil.example`],
      ['our name as a prefix', (own) => `127.0.0.1:${own}.evil.example`],
      ['an empty name', () => ''],
    ])('%s', async (_name, host) => {
      expect([400, 421]).toContain(await statusWith({ host: host(port) }));
      expect([400, 421]).toContain(await statusWith({ host: host(port) }, { path: '/' }));
      expect([400, 421]).toContain(await statusWith({ host: host(port), 'x-forwarded-host': `127.0.0.1:${port}` }));
    });

    test('a request without a host name or with two host names is refused', async () => {
      const { cookie } = calls.secrets;
      const end = [`cookie: ${cookie}`, `x-greenroom-console-key: ${calls.secrets.key}`, 'connection: close'];
      const own = `host: 127.0.0.1:${port}`;
      const answerTo = (...lines: string[]) => sendBytes(calls.origin, head(...lines, ...end));
      expect(await answerTo('GET /api/now HTTP/1.1', own)).toMatch(/^HTTP\/1.1 200 /);
      expect(await answerTo('GET /api/now HTTP/1.1')).toMatch(/^HTTP\/1.1 400 /);
      expect(await answerTo('GET /api/now HTTP/1.0')).toMatch(/^HTTP\/1.1 4(00|21) /);
      expect(await answerTo('GET /api/now HTTP/1.1', own, 'host: evil.example')).toMatch(/^HTTP\/1.1 4(00|21) /);
      expect(await answerTo('GET /api/now HTTP/1.1', 'host: evil.example', own)).toMatch(/^HTTP\/1.1 4(00|21) /);
    });
  });

  describe('a program on this computer calls without the secrets', () => {
    test.each<[string, (secrets: ConsoleCalls['secrets'], port: string) => { cookie?: string; key?: string }]>([
      ['neither', () => ({})],
      ['the cookie without the key', ({ cookie }) => ({ cookie })],
      ['the key without the cookie', ({ key }) => ({ key })],
      ['a guessed cookie', ({ key }, own) => ({ key, cookie: `greenroom-console-${own}=${'A'.repeat(22)}` })],
      ['a guessed key', ({ cookie }) => ({ cookie, key: 'A'.repeat(22) })],
      ['the cookie as the key', ({ cookie }) => ({ cookie, key: cookie.split('=')[1] ?? '' })],
      ['the key as the cookie', ({ key }, own) => ({ key, cookie: `greenroom-console-${own}=${key}` })],
      ['the beginning of the key', ({ cookie, key }) => ({ cookie, key: key.slice(0, -1) })],
      ['more than the key', ({ cookie, key }) => ({ cookie, key: `${key}A` })],
      ['empty secrets', (_secrets, own) => ({ cookie: `greenroom-console-${own}=`, key: '' })],
      [
        'the text "undefined" for both',
        (_secrets, own) => ({ cookie: `greenroom-console-${own}=undefined`, key: 'undefined' }),
      ],
      ['the cookie of another console', ({ cookie, key }) => ({ cookie: cookie.replace(/-\d+=/, '-1='), key })],
    ])('%s', async (_name, secretsOf) => {
      const { cookie, key } = secretsOf(calls.secrets, port);
      const headers = { cookie, 'x-greenroom-console-key': key };
      expect(await statusWith(headers)).toBe(401);
      expect(await statusWith(headers, { method: 'POST', path: '/api/parked/stop', body: '{}' })).toBe(401);
      for (const path of ['/api/%6eow', `/api/now?key=${calls.secrets.key}`, '/api/now/', '/api//now'])
        expect(await statusWith(headers, { path })).toBe(401);
    });

    test('the page shows it only where the address was printed', async () => {
      for (const path of ['/', '/parked']) {
        const { status, text } = await calls.raw({ path });
        expect({ status, text }).toEqual({ status: 401, text: expect.stringMatching(/^Open the address that/) });
      }
    });
  });

  describe('the token', () => {
    test.each<[string, (token: string) => string]>([
      ['wrong', () => 'A'.repeat(22)],
      ['empty', () => ''],
      ['one character short', (token) => token.slice(0, -1)],
      ['in another case', (token) => token.toUpperCase()],
      ['very long', (token) => token.repeat(400)],
      ['after a wrong one', (token) => `A&token=${token}`],
      ['wrongly encoded', () => '%E0%A4%A'],
    ])('%s: no secrets, and the right one still works', async (_name, tokenOf) => {
      const fresh = await freshConsole();
      const { origin, searchParams } = new URL(fresh.address);
      const given = tokenOf(must(searchParams.get('token') ?? undefined));
      const refused = await visit(`${origin}/?token=${given}`);
      expect({ status: refused.status, cookies: refused.cookies }).toEqual({ status: 401, cookies: [] });
      expect((await visit(fresh.address)).status).toBe(303);
      await fresh.close();
    });

    test('of many parallel exchanges, only one receives the secrets, and no later exchange does', async () => {
      const fresh = await freshConsole();
      const answers = await Promise.all(Array.from({ length: 20 }, () => visit(fresh.address)));
      const cookies = answers.flatMap((each) => each.cookies);
      expect(answers.map(({ status }) => status).sort()).toEqual([303, ...Array.from({ length: 19 }, () => 401)]);
      expect(cookies).toHaveLength(1);
      const later = await visit(fresh.address);
      expect({ status: later.status, cookies: later.cookies }).toEqual({ status: 401, cookies: [] });
      await fresh.close();
    });

    test('a prefetch or a preview of the address does not use up the token', async () => {
      const fresh = await freshConsole();
      const previews = [{ method: 'HEAD' }, { headers: { 'sec-purpose': 'prefetch;prerender' } }, { method: 'POST' }];
      for (const preview of previews) {
        const answer = await visit(fresh.address, preview);
        expect(answer.status).not.toBe(303);
        expect(answer.cookies).toEqual([]);
      }
      expect((await visit(fresh.address)).status).toBe(303);
      await fresh.close();
    });

    test('the cookie is valid only for this host and until the browser is closed, and scripts cannot read it', async () => {
      const fresh = await freshConsole();
      const [cookie] = (await visit(fresh.address)).cookies;
      expect(must(cookie).split('; ').slice(1).sort()).toEqual(['HttpOnly', 'Path=/', 'SameSite=Strict']);
      await fresh.close();
    });

    test.each([
      '/?token=//evil.example',
      '//evil.example/?token=a',
      '/?token=a&next=http://evil.example',
      '/\\evil.example',
    ])('%s redirects to no other site', async (path) => {
      for (const headers of [{}, calls.signedIn]) {
        const { headers: given } = await calls.raw({ path, headers });
        expect([undefined, '/']).toContain(given.location);
      }
    });
  });

  describe('a path names a file', () => {
    test.each([
      '/../package.json',
      '/%2e%2e/package.json',
      '/%2e%2e%2fpackage.json',
      '/..%5cpackage.json',
      '/..;/package.json',
      '//etc/passwd',
      '/%2fetc%2fpasswd',
      '/api/../../package.json',
      '/page.js/../../../package.json',
      '/page.js%00.txt',
      '/index.html%00',
      '/.git/config',
      '/page.js.map',
      '/console-server.ts',
      '/%E0%A4%A',
      '/constructor',
      '/__proto__',
    ])('%s', async (path) => {
      const answer = await calls.raw({ path, headers: calls.signedIn });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
      expect(answer.text).not.toMatch(/greenroom"|root:|createServer/);
    });

    test.each<[string, string]>([
      ['a target with a foreign host', 'http://evil.example/api/now'],
      ['a target that is a file address', 'file:///etc/passwd'],
      ['NUL', '/page.js\0'],
      ['a target without a slash', 'etc/passwd'],
      ['the whole server', '*'],
    ])('%s', async (_name, target) => {
      const answer = await sendBytes(
        calls.origin,
        head(`GET ${target} HTTP/1.1`, `host: 127.0.0.1:${port}`, 'connection: close'),
      );
      expect(answer).toMatch(/^HTTP\/1.1 4\d\d /);
    });

    test('control: the files of the page are served', async () => {
      for (const path of ['/page.js', '/page.css', '/icon.svg']) expect((await calls.raw({ path })).status).toBe(200);
    });
  });

  describe('requests that are not what they seem', () => {
    const lines = (own: string) => [`host: 127.0.0.1:${own}`, 'content-type: application/json', 'connection: close'];

    test.each<[string, string[], string]>([
      ['two lengths', ['content-length: 2', 'content-length: 40'], '{}'],
      ['a length and chunks', ['content-length: 6', 'transfer-encoding: chunked'], '0\r\n\r\nX'],
      ['an unknown encoding', ['transfer-encoding: xchunked'], '0\r\n\r\n'],
      ['a folded header', ['x-a: b', ' content-length: 2'], '{}'],
    ])('%s are refused', async (_name, attack, body) => {
      const bytes = head('POST /api/none HTTP/1.1', ...lines(port), ...attack) + body;
      expect(await sendBytes(calls.origin, bytes)).toMatch(/^HTTP\/1.1 400 /);
    });

    test.each(['TRACE', 'PUT', 'DELETE', 'PATCH', 'PROPFIND', 'OPTIONS'])(
      '%s changes and reveals nothing',
      async (method) => {
        for (const path of ['/', '/api/now', '/page.js']) {
          const answer = await calls.raw({ method, path, headers: calls.signedIn });
          expect([404, 405]).toContain(answer.status);
          expect(answer.text).not.toContain(calls.secrets.key);
        }
      },
    );

    test('CONNECT opens no tunnel, and an upgrade is not accepted', async () => {
      const connect = head('CONNECT 127.0.0.1:22 HTTP/1.1', 'host: 127.0.0.1:22');
      expect(await sendBytes(calls.origin, connect)).not.toMatch(/ 200 /);
      const upgrade = {
        connection: 'upgrade',
        upgrade: 'websocket',
        'sec-websocket-key': 'x',
        'sec-websocket-version': '13',
      };
      const { status } = await calls.raw({ path: '/api/now', headers: upgrade });
      expect(status).toBe(401);
    });

    test.each(['__proto__', 'constructor', 'prototype', 'toString', '__proto__[since]'])(
      'the query parameter %s is only a name',
      async (name) => {
        const path = `/api/now?${encodeURIComponent(name)}=9&since=0`;
        expect(await statusWith({}, { path })).toBe(200);
        expect(Object.keys(Object.prototype)).toEqual([]);
        expect({}).not.toHaveProperty('since');
      },
    );
  });

  describe('bodies and connections', () => {
    const json = { 'content-type': 'application/json' };

    test('a body of more than 2 MiB, or of an unknown length, is refused with a problem', async () => {
      const post = { method: 'POST', path: '/api/none', headers: { ...calls.signedIn, ...json } };
      const longest = `"${'1'.repeat(2 * 1024 * 1024 - 2)}"`;
      expect((await calls.raw({ ...post, body: longest })).status).toBe(404);
      const longer = await calls.raw({ ...post, body: `${longest} ` });
      expect({ status: longer.status, ...JSON.parse(longer.text) }).toEqual({
        status: 413,
        problem: 'The body is longer than 2 MiB.',
      });
      const chunks = { ...post.headers, 'content-length': undefined, 'transfer-encoding': 'chunked' };
      for (const body of ['{}', longest]) {
        const unknown = await calls.raw({ ...post, headers: chunks, body });
        expect({ status: unknown.status, ...JSON.parse(unknown.text) }).toEqual({
          status: 411,
          problem: 'The length of the body is missing.',
        });
      }
    });

    test('without the secrets, a body is not even read', async () => {
      const endless = head('POST /api/none HTTP/1.1', `host: 127.0.0.1:${port}`, 'content-length: 1000000000');
      expect(await sendBytes(calls.origin, `${endless}${'1'.repeat(100_000)}`)).toMatch(/^HTTP\/1.1 401 /);
    });

    test('a head of more than 16 KiB is refused', async () => {
      expect(await statusWith({ 'x-long': 'a'.repeat(20_000) })).toBe(431);
      expect(await statusWith({}, { path: `/?token=${'a'.repeat(20_000)}` })).toBe(431);
    });

    test.each(['', 'GET / HTT', 'POST /api/none HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{'])(
      'the console can be closed while a request is unfinished: %j',
      async (bytes) => {
        const fresh = await freshConsole();
        const closed = await beginRequest(new URL(fresh.address).origin, bytes);
        await fresh.close();
        await closed();
      },
    );
  });

  describe('what an answer contains', () => {
    /** A request for every kind of answer, with the expected status. */
    const requests: [number, Partial<RawRequest>][] = [
      [200, { path: '/' }],
      [200, { path: '/page.js' }],
      [200, { path: '/api/now' }],
      [303, { path: '/?token=a' }],
      [400, { path: '/api/published?after=x' }],
      [401, { path: '/api/now', headers: { cookie: '' } }],
      [403, { path: '/', headers: { origin: FOREIGN } }],
      [404, { path: '/none' }],
      [404, { path: '/api/none' }],
      [415, { path: '/api/none', method: 'POST', body: '{}' }],
      [421, { path: '/', headers: { host: 'evil.example' } }],
    ];

    test.each(requests)(
      '%i for %j: the answer cannot be stored, framed, sniffed or read by other sites',
      async (status, sent) => {
        const answer = await calls.raw({ path: '/', ...sent, headers: { ...calls.signedIn, ...sent.headers } });
        expect(answer.status).toBe(status);
        expect(answer.headers).toMatchObject({
          'cache-control': 'no-store',
          'content-security-policy': expect.stringContaining("default-src 'none'; script-src 'self'"),
          'cross-origin-opener-policy': 'same-origin',
          'cross-origin-resource-policy': 'same-origin',
          'referrer-policy': 'no-referrer',
          'x-content-type-options': 'nosniff',
          'x-frame-options': 'DENY',
        });
        expect(answer.headers['content-security-policy']).toContain("frame-ancestors 'none'");
        expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
        expect(answer.headers).not.toHaveProperty('x-powered-by');
        expect(answer.headers).not.toHaveProperty('server');
      },
    );

    test('an answer repeats what was sent only as JSON or as text, never as HTML', async () => {
      const path = encodeURIComponent(HOSTILE);
      for (const each of [`/${path}`, `/api/${path}`, `/?token=${path}`, `/api/published?after=${path}`]) {
        const { headers, text } = await calls.raw({ path: each, headers: calls.signedIn });
        expect(headers['content-type'] ?? 'none').not.toContain('html');
        expect(text).not.toContain(HOSTILE);
      }
    });

    test('a body that is not JSON is an error of the sender', async () => {
      const headers = { ...calls.signedIn, 'content-type': 'application/json' };
      for (const body of ['{', '', 'NaN', '[1,]', '{"a":1}{"b":2}']) {
        const { status, text } = await calls.raw({ method: 'POST', path: '/api/none', headers, body });
        expect({ status, ...JSON.parse(text) }).toEqual({ status: 400, problem: 'The body is not JSON.' });
      }
    });

    test('an unexpected error names no file and no line', async () => {
      const fresh = await freshConsole();
      const { headers, cookies } = await visit(fresh.address);
      const key = must(headers.location?.replace('/#key=', ''));
      const cookie = must(cookies[0]?.split(';')[0]);
      const failed = await visit(`${new URL(fresh.address).origin}/api/now`, {
        headers: { cookie, 'x-greenroom-console-key': key },
      });
      expect(failed.status).toBe(502);
      expect(JSON.parse(failed.text)).toEqual({ problem: 'Not searched for' });
      await fresh.close();
    });
  });

  test('nothing was printed: an operator may keep the output of the console', () => {
    expect(printed).toEqual([]);
    console.info('control');
    process.stderr.write('control');
    expect(printed.splice(0)).toEqual(['control', 'control']);
  });
});
