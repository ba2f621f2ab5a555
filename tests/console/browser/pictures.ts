/** `npm run pictures`: makes the pictures of the console in docs/pictures, on a stack with sample data. Nothing else changes them. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { openPage } from './open-page.ts';
import { sendSamples } from './sample-data.ts';

const DIRECTORY = join('docs', 'pictures');

/** The parts of the console, and what must be visible in the picture of each. */
const PICTURES: [name: string, path: string, visible: string][] = [
  ['now', '/', 'limit 5'],
  ['requests', '/requests?q=final-2026/main-chat', 'decided: room created'],
  ['send', '/send', 'Send a request'],
  ['events', '/events?event=final-2026', 'night-talk'],
];

mkdirSync(DIRECTORY, { recursive: true });
const open = await openPage({ viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1 });
try {
  await sendSamples(open.deployment);
  for (const [name, path, visible] of PICTURES) await take(open.page, name, path, visible);
} finally {
  await open.close();
}

async function take(page: Page, name: string, path: string, visible: string): Promise<void> {
  await page.goto(new URL(path, open.origin).href);
  await page.getByText(visible).first().waitFor();
  const file = join(DIRECTORY, `console-${name}.png`);
  await page.screenshot({ path: file });
  console.log(file);
}
