/**
 * `npm run smoothness`: how smooth the console stays with 10,000 completions and 1,000 live events. It scrolls and filters both lists in
 * Chromium, and reports the long tasks. These take more than 50 ms, during which the page does not react
 * (https://www.w3.org/TR/longtasks-1/). This program answers the calls of the page itself, so that the speed of a stack does not affect the
 * result.
 */
import type { Page } from 'playwright-core';
import { alignColumns } from '../../../client/fit-line.ts';
import { eventsAnswer, publishedAnswer } from './many.ts';
import { type OpenPage, openPage } from './open-page.ts';

const COMPLETIONS = 10_000;
const LIVE_EVENTS = 1_000;
const SCROLLS = 60;

/** Runs in the page, before its own scripts. */
const OBSERVE_LONG_TASKS = `
  globalThis.longTasks = [];
  new PerformanceObserver((list) => longTasks.push(...list.getEntries().map(({ duration }) => duration)))
    .observe({ type: 'longtask', buffered: true });
`;

interface Row {
  what: string;
  longTasks: number;
  longestMs: number;
  rows: number;
}

const open = await openPage({ viewport: { width: 1280, height: 900 } });
try {
  await open.context.addInitScript(OBSERVE_LONG_TASKS);
  await answerCalls(open.page);
  const rows = [
    ...(await measure(open, '/requests', `${COMPLETIONS} completions`, /Filter by key/)),
    ...(await measure(open, '/events', `${LIVE_EVENTS} live events`, undefined)),
  ];
  const cells = rows.map(({ what, longTasks, longestMs, rows: shown }) => [
    what,
    String(longTasks),
    `${Math.round(longestMs)} ms`,
    String(shown),
  ]);
  const header = ['action', 'long tasks', 'longest', 'rows in the document'];
  for (const line of alignColumns([header, ...cells], [1, 2, 3])) console.log(line);
} finally {
  await open.close();
}

/** Answers the calls for the two lists. All other calls reach the console. */
async function answerCalls(page: Page): Promise<void> {
  const numberIn = (url: string, name: string) => Number(new URL(url).searchParams.get(name));
  await page.route('**/api/published?*', (route) =>
    route.fulfill({ json: publishedAnswer(numberIn(route.request().url(), 'after'), COMPLETIONS, Date.now()) }),
  );
  await page.route('**/api/events?*', (route) =>
    route.fulfill({ json: eventsAnswer(numberIn(route.request().url(), 'from'), LIVE_EVENTS) }),
  );
}

async function measure(
  { page, origin }: OpenPage,
  path: string,
  what: string,
  filter: RegExp | undefined,
): Promise<Row[]> {
  await page.goto(origin + path);
  const list = page.locator('.list').first();
  await list.locator('li').first().waitFor();
  const opened = await take(page, `${what}: open`);
  await list.hover();
  for (let scroll = 0; scroll < SCROLLS; scroll += 1) {
    await page.mouse.wheel(0, 2_000);
    await page.evaluate('new Promise((resolve) => requestAnimationFrame(resolve))');
  }
  const scrolled = await take(page, `${what}: scroll ${SCROLLS} times`);
  if (filter === undefined) return [opened, scrolled];
  await page.getByLabel(filter).pressSequentially('match-77', { delay: 30 });
  return [opened, scrolled, await take(page, `${what}: type 8 characters into the filter`)];
}

/** The long tasks since the last call. */
async function take(page: Page, what: string): Promise<Row> {
  const durations: number[] = await page.evaluate('longTasks.splice(0)');
  return {
    what,
    longTasks: durations.length,
    longestMs: Math.max(0, ...durations),
    rows: await page.locator('.list li').count(),
  };
}
