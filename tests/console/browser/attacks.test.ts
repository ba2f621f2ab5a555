import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import * as z from 'zod';
import { openParkedQueueUnderTest, sendTo } from '../../cli/stack/parked-queue.ts';
import { must } from '../../support/must.ts';
import { visit } from '../server/console-calls.ts';
import { type Attacker, startAttacker } from './attacker.ts';
import { describePage } from './describe-page.ts';
import { type OpenPage, openPage } from './open-page.ts';

const HOSTILE = `<img src=x onerror="document.title='hit'"><script>document.title='hit'</script>`;

/** The browser is signed in to the console, and also shows an attacker's page. */
describePage('attacks on the console through the browser', () => {
  let open: OpenPage;
  let attacker: Attacker;

  beforeAll(async () => {
    attacker = await startAttacker();
    open = await openPage();
  });

  afterAll(async () => {
    await open.close();
    attacker.close();
  });

  /** Runs `script`, the body of a function, on the page. The script can use `target`, which is an origin. */
  const run = (page: Page, script: string, target = open.origin) =>
    page.evaluate(`(async (target) => {${script}})(${JSON.stringify(target)})`);

  /** Whether the parked queue was read. This happens only if a POST call of the page succeeds. */
  async function hasRead(): Promise<boolean> {
    const script = `const key = localStorage.getItem('greenroom-console-key');
      const answer = await fetch('/api/parked', { headers: { 'x-greenroom-console-key': key } });
      return answer.json();`;
    const state = z
      .object({ version: z.number(), running: z.unknown().optional() })
      .parse(await run(open.page, script));
    return state.version > 0 || state.running !== undefined;
  }

  describe.each([
    ['another site', 'evil.example'],
    ['another port of this computer', '127.0.0.1'],
  ])('a page of %s', (_name, host) => {
    let page: Page;
    let own: string;

    beforeEach(async () => {
      page = await open.context.newPage();
      own = `http://${host}:${attacker.port}`;
      await page.goto(own);
    });

    afterEach(() => page.close());

    test.each([
      ['reads a call', 'GET', '', {}],
      ['reads a call without asking for permission', 'GET', 'no-cors', {}],
      ['sends a change', 'POST', '', { 'Content-Type': 'application/json' }],
      ['sends a change with a guessed key', 'POST', '', { 'x-greenroom-console-key': 'guess' }],
      ['sends a change as text, without asking for permission', 'POST', 'no-cors', { 'Content-Type': 'text/plain' }],
    ])('%s: the browser or the console refuses', async (_attack, method, mode, headers) => {
      const path = method === 'GET' ? '/api/parked' : '/api/parked/read';
      const init = {
        method,
        headers,
        credentials: 'include',
        ...(mode && { mode }),
        ...(method === 'POST' && { body: '{}' }),
      };
      const statuses: number[] = [];
      page.on('response', (response) => statuses.push(response.status()));
      const script = `return fetch(target + '${path}', ${JSON.stringify(init)}).then(({ type }) => type, () => 'refused');`;
      expect(await run(page, script)).toBe('refused');
      expect(statuses.filter((status) => status !== 403)).toEqual([]);
      expect(await hasRead()).toBe(false);
      // Control: the attacker's own server answers the same request.
      expect(await run(page, script, own)).toBe('basic');
    });

    test('a form is refused', async () => {
      for (const type of ['text/plain', 'application/x-www-form-urlencoded']) {
        await page.goto(own);
        const [answer] = await Promise.all([
          page.waitForResponse((response) => response.url().startsWith(open.origin)),
          page.waitForURL(`${open.origin}/**`),
          run(
            page,
            `const form = document.createElement('form');
            Object.assign(form, { method: 'post', enctype: '${type}', action: target + '/api/parked/read' });
            document.body.append(form);
            form.submit();`,
          ),
        ]);
        expect(answer.status()).toBe(403);
      }
      expect(await hasRead()).toBe(false);
    });

    test.each([
      ['script', 'src', '/page.js'],
      ['img', 'src', '/icon.svg'],
    ])('a %s of the console is not loaded', async (tag, attribute, path) => {
      const script = `const element = document.createElement('${tag}');
        const loaded = new Promise((resolve) => { element.onload = () => resolve('loaded'); element.onerror = () => resolve('refused'); });
        element.${attribute} = target + '${path}';
        document.body.append(element);
        return loaded;`;
      expect(await run(page, script)).toBe('refused');
      expect(await run(page, script, own)).toBe('loaded');
    });

    test('the console does not appear in a frame', async () => {
      const script = `const frame = document.createElement('iframe');
        const loaded = new Promise((resolve) => { frame.onload = resolve; });
        frame.src = target + '/?framed';
        document.body.append(frame);
        await loaded;`;
      await run(page, script);
      await run(page, script, own);
      expect(
        page
          .frames()
          .filter((frame) => frame.url().includes('framed'))
          .map((frame) => new URL(frame.url()).origin),
      ).toEqual([own]);
      for (const frame of page.frames()) expect(await frame.getByText('greenroom').count()).toBe(0);
    });

    test('a window that it opens has no reference to it', async () => {
      for (const [target, isCutOff] of [
        [open.origin, true],
        [own, false],
      ] as const) {
        const [popup] = await Promise.all([
          page.waitForEvent('popup'),
          run(page, 'window.popup = window.open(target);', target),
        ]);
        await popup.waitForLoadState();
        expect(await popup.evaluate('window.opener === null')).toBe(isCutOff);
        await popup.close();
      }
    });
  });

  test('the server on another port can receive the cookie, but cannot use it', async () => {
    const cookies = attacker.received.flatMap(({ headers: { cookie } }) => (cookie === undefined ? [] : [cookie]));
    expect(cookies).toContainEqual(expect.stringContaining('greenroom-console-'));
    const stolen = must(cookies[0]);
    for (const headers of [
      { cookie: stolen },
      { cookie: stolen, 'x-greenroom-console-key': must(stolen.split('=')[1]) },
    ])
      expect((await visit(`${open.origin}/api/parked`, { headers })).status).toBe(401);
    // The other site did not receive the cookie, and no server received the key or the token.
    const foreign = attacker.received.filter(({ headers }) => headers.host?.startsWith('evil.example'));
    expect(foreign.length).toBeGreaterThan(0);
    expect(foreign.flatMap(({ headers: { cookie } }) => cookie ?? [])).toEqual([]);
    const key = z.string().parse(await open.page.evaluate(`localStorage.getItem('greenroom-console-key')`));
    const token = must(new URL(open.console.address).searchParams.get('token') ?? undefined);
    const all = JSON.stringify(attacker.received);
    expect([all.includes(key), all.includes(token)]).toEqual([false, false]);
  });

  test('a foreign name that resolves to the console shows nothing (DNS rebinding)', async () => {
    const page = await open.context.newPage();
    const { port } = new URL(open.origin);
    for (const name of ['rebound.example', 'localhost.', '[::ffff:127.0.0.1]']) {
      const answer = await page.goto(`http://${name}:${port}/`).catch(() => undefined);
      expect(answer?.status() ?? 'not reached').not.toBe(200);
      if (name === 'rebound.example') {
        expect(answer?.status()).toBe(421);
        expect(await run(page, `return (await fetch('/api/parked')).status;`)).toBe(421);
      }
    }
    await page.close();
  });

  test('the token and the key are in neither the history nor a referrer', async () => {
    const { page } = open;
    const session = await open.context.newCDPSession(page);
    const { entries } = await session.send('Page.getNavigationHistory');
    expect(entries.map(({ url }) => url).filter((url) => /token|key/.test(url))).toEqual([]);
    expect(page.url()).toBe(`${open.origin}/`);
    await run(
      page,
      `const link = document.createElement('a');
      Object.assign(link, { href: target + '/link-out', textContent: 'out', target: '_blank' });
      document.querySelector('main').append(link);`,
      `http://evil.example:${attacker.port}`,
    );
    const [popup] = await Promise.all([page.waitForEvent('popup'), page.getByText('out', { exact: true }).click()]);
    await popup.waitForLoadState();
    await popup.close();
    const { headers } = must(attacker.received.find(({ path }) => path === '/link-out'));
    expect({ referer: headers.referer, cookie: headers.cookie }).toEqual({});
    // Control: a link on another page sends a referrer.
    const other = await open.context.newPage();
    await other.goto(`http://evil.example:${attacker.port}/other`);
    await Promise.all([other.waitForURL('**/linked'), run(other, `location.href = '/linked';`)]);
    expect(must(attacker.received.find(({ path }) => path === '/linked')).headers.referer).toContain('/other');
    await other.close();
  });

  test('every part shows HTML in keys, names, bodies and notes as text, and loads no foreign resources', async () => {
    const { page, deployment } = open;
    const body = JSON.stringify({ idempotencyKey: HOSTILE, name: HOSTILE, tenant: HOSTILE, tags: { a: HOSTILE } });
    const queue = await openParkedQueueUnderTest(deployment);
    const id = await queue.park(body, { reason: HOSTILE, detail: HOSTILE, sourceQueue: HOSTILE });
    for (let count = 0; count < 2; count += 1) await sendTo(deployment, await deployment.queueUrl('interactive'), body);
    const requested: string[] = [];
    page.on('request', (request) => requested.push(request.url()));
    const links = await page.getByRole('navigation').getByRole('link').all();
    const parts = await Promise.all(links.map((link) => link.getAttribute('href')));
    const key = encodeURIComponent(HOSTILE);
    const paths = [
      ...parts,
      `/requests?key=${key}`,
      `/parked?message=${id}`,
      `/parked?reason=${key}`,
      `/parked?message=${key}`,
    ];
    for (const path of paths) {
      await page.goto(open.origin + path);
      await page.getByText('live', { exact: true }).waitFor();
      if (path?.startsWith('/parked')) await page.getByText('1 message, read').waitFor();
      expect({ path, elements: await page.locator('main').locator('img, script').count() }).toEqual({
        path,
        elements: 0,
      });
    }
    await page.goto(`${open.origin}/parked?message=${id}`);
    await page.getByRole('heading', { level: 2 }).filter({ hasText: HOSTILE }).waitFor();
    expect(await page.title()).toMatch(/^Parked/);
    const { origin } = new URL(open.origin);
    expect(requested.filter((url) => new URL(url).origin !== origin)).toEqual([]);
    expect(requested.filter((url) => /token=|key=[\w-]{22}$/.test(url))).toEqual([]);
    // Control: the page itself may make the change that the attackers could not make.
    expect(await hasRead()).toBe(true);
    expect(open.complaints).toEqual([]);
  });

  test('control: the policy forbids HTML from strings, foreign resources and inline scripts', async () => {
    const { page } = open;
    const outcomeOf = (script: string) =>
      run(
        page,
        `const violated = new Promise((resolve) => document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => resolve(effectiveDirective), { once: true }));
        try { ${script} } catch {}
        return violated;`,
        `http://evil.example:${attacker.port}`,
      );
    expect(await outcomeOf(`document.querySelector('main').innerHTML = '<b>x</b>'`)).toBe('require-trusted-types-for');
    expect(await outcomeOf(`document.body.append(Object.assign(new Image(), { src: target + '/a.svg' }))`)).toBe(
      'img-src',
    );
    expect(await outcomeOf(`fetch(target).catch(() => {})`)).toBe('connect-src');
    expect(
      await outcomeOf(`document.body.append(Object.assign(document.createElement('iframe'), { src: target }))`),
    ).toBe('frame-src');
    expect(await outcomeOf(`document.body.setAttribute('onclick', 'alert(1)')`)).toMatch(
      /script-src-attr|trusted-types/,
    );
  });
});
