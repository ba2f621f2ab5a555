import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describePage } from './describe-page.ts';
import { type OpenPage, openPage } from './open-page.ts';

describePage('the console in a browser', () => {
  let open: OpenPage;

  beforeAll(async () => {
    open = await openPage();
  });

  afterAll(() => open.close());

  test('the address loses its token and its key, and the page shows the stage', async () => {
    expect(open.page.url()).toBe(`${open.origin}/`);
    expect(await open.page.getByRole('banner').textContent()).toContain('local, eu-west-1');
    expect(open.complaints).toEqual([]);
  });

  test('the page requests nothing from elsewhere', async () => {
    const page = await open.context.newPage();
    const hosts = new Set<string>();
    page.on('request', (request) => hosts.add(new URL(request.url()).origin));
    await page.goto(open.origin);
    await page.getByText('live', { exact: true }).waitFor();
    expect([...hosts]).toEqual([open.origin]);
    await page.close();
  });

  test('a reload and a second tab stay signed in', async () => {
    await open.page.reload();
    await open.page.getByText('live', { exact: true }).waitFor();
    const second = await open.context.newPage();
    await second.goto(open.origin);
    await second.getByText('live', { exact: true }).waitFor();
    await second.close();
  });

  test('another browser sees only where the address was printed, even if it opens that address', async () => {
    const other = await open.browser.newContext();
    const page = await other.newPage();
    for (const address of [open.origin, open.console.address]) {
      await page.goto(address);
      expect(await page.locator('body').textContent()).toMatch(/^Open the address that (npx )?greenroom console/);
    }
    await other.close();
  });
});
