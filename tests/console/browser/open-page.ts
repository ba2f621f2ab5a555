import { resolve } from 'node:path';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { connectLocally, type Deployment } from '../../../client/deployment.ts';
import { type RunningConsole, startConsole } from '../../../console/server/console-server.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { type Stack, startStack } from '../../../local/stack.ts';
import { templateFile } from '../../../local/start/make-package.ts';
import { launchBrowser } from './browser.ts';

/** The console of a calm embedded stack, in a browser. */
export interface OpenPage {
  stack: Stack;
  deployment: Deployment;
  console: RunningConsole;
  /** The address of the console without a path: `http://127.0.0.1:4646`. */
  origin: string;
  browser: Browser;
  context: BrowserContext;
  /** A tab that is signed in, and shows the load. */
  page: Page;
  /** What the browser has complained about: errors of scripts, and resources that the policy forbids. */
  complaints: string[];
  close(): Promise<void>;
}

export async function openPage(options: BrowserContextOptions = {}): Promise<OpenPage> {
  const stack = await startStack({ templateFile: templateFile(resolve()), seed: 1, calm: true, isolation: 'thread' });
  const { endpoint } = stack;
  const connected = () => connectLocally({ endpoint, region: 'eu-west-1' });
  const deployment = connected();
  const running = await startConsole({
    findDeployment: async () => connected(),
    port: 0,
    clock: systemClock,
    followsAtOnce: true,
  });
  const browser = await launchBrowser();
  const context = await browser.newContext(options);
  const complaints: string[] = [];
  const page = await context.newPage();
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  await page.goto(running.address);
  await page.getByText('live', { exact: true }).waitFor();
  return {
    ...{ stack, deployment, console: running, origin: new URL(running.address).origin },
    ...{ browser, context, page, complaints },
    async close() {
      await browser.close();
      await running.close();
      deployment.close();
      await stack.stop();
    },
  };
}
