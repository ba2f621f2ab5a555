/** `npm run pictures`: makes the pictures of the console in docs/pictures, on a stack with sample data. Nothing else changes them. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { openPage } from './open-page.ts';
import { sendSamples } from './sample-data.ts';

const DIRECTORY = join('docs', 'pictures');

/** The parts of the console, and what must be visible in the picture of each. */
const PICTURES: [name: string, path: string, visible: string][] = [
  ['requests', '/requests?q=final-2026/main-chat', 'decided: room created'],
  ['events', '/events?event=final-2026', 'night-talk'],
  ['parked', '/parked', 'the message has no readable key'],
];

mkdirSync(DIRECTORY, { recursive: true });
const open = await openPage({ viewport: { width: 1280, height: 800 } });
try {
  await sendSamples(open.deployment);
  await open.page.getByRole('row', { name: /^eu-west-1 [345]\.\d of 5/ }).waitFor({ timeout: 120_000 });
  await save(open.page, 'now', 'limit 5');
  for (const [name, path, visible] of PICTURES) {
    await open.page.goto(open.origin + path);
    await save(open.page, name, visible);
  }
  await open.page.goto(`${open.origin}/imports`);
  await open.page
    .getByRole('link', { name: /season-2026/ })
    .first()
    .click();
  await save(open.page, 'imports', 'rows without a room');
} finally {
  await open.close();
}

async function save(page: Page, name: string, visible: string): Promise<void> {
  await page.getByText(visible).first().waitFor({ timeout: 120_000 });
  const path = join(DIRECTORY, `console-${name}.png`);
  await page.screenshot({ path });
  console.log(path);
}
