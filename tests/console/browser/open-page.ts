import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { type ConsoleStack, startConsoleStack } from '../console-stack.ts';
import { launchBrowser } from './browser.ts';

/** How long a page may take to show something. Other tests use the processors too. */
const LIMIT_MS = 60_000;

/** The console of a calm embedded stack, in a browser. */
export interface OpenPage extends ConsoleStack {
  browser: Browser;
  context: BrowserContext;
  /** A tab that is signed in and shows the part Now. */
  page: Page;
  /** The browser's complaints: script errors, and resources that the policy forbids. */
  complaints: string[];
}

export async function openPage(options: BrowserContextOptions = {}): Promise<OpenPage> {
  const started = await startConsoleStack();
  const browser = await launchBrowser();
  const context = await browser.newContext(options);
  const complaints: string[] = [];
  context.setDefaultTimeout(LIMIT_MS);
  const page = await context.newPage();
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  await page.goto(started.console.address);
  await page.getByText('live', { exact: true }).waitFor();
  return {
    ...started,
    ...{ browser, context, page, complaints },
    async close() {
      await browser.close();
      await started.close();
    },
  };
}
