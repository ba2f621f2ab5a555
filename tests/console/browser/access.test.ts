import { afterAll, beforeAll, expect, test } from '@jest/globals';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import * as z from 'zod';
import { openParkedQueueUnderTest } from '../../cli/stack/parked-queue.ts';
import { must } from '../../support/must.ts';
import { clientOf, eventAt, MINUTE_MS } from '../programme.ts';
import { describePage } from './describe-page.ts';
import { type OpenPage, openPage } from './open-page.ts';

const WIDTHS = [320, 800, 1280, 1920];
/** No part has as many controls as this. */
const MAX_TABS = 80;

const violations = z.array(z.object({ id: z.string(), nodes: z.array(z.object({ html: z.string() })) }));

/** Tests every part in the navigation of the console, with a few parked messages. */
describePage('access to each part of the console', () => {
  let open: OpenPage;
  let paths: string[];

  beforeAll(async () => {
    // Otherwise, colours would be measured in the middle of a transition.
    open = await openPage({ reducedMotion: 'reduce' });
    const queue = await openParkedQueueUnderTest(open.deployment);
    const id = await queue.park(JSON.stringify({ idempotencyKey: `long/${'key'.repeat(80)}`, name: 'long' }), {
      reason: 'unfinished',
    });
    await queue.park('no JSON');
    const links = await open.page.getByRole('navigation').getByRole('link').all();
    const parts = links.map(async (link) => must((await link.getAttribute('href')) ?? undefined));
    await clientOf(open).schedule(eventAt('final', Date.now() + 10 * MINUTE_MS));
    paths = [...(await Promise.all(parts)), `/parked?message=${id}`, '/events?event=final'];
  });

  afterAll(() => open.close());

  /** The findings of axe on the page: the rule and the elements of each. */
  async function findings(page: Page): Promise<string[]> {
    await page.evaluate(axe.source);
    const found = violations.parse(await page.evaluate('axe.run().then(({ violations }) => violations)'));
    return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  }

  /** Opens a part, and waits until its data is shown. */
  async function show(path: string): Promise<void> {
    await open.page.goto(open.origin + path);
    await open.page.getByText('live', { exact: true }).waitFor();
    await open.page.getByRole('heading', { level: 1 }).waitFor();
    if (path.includes('event=')) await open.page.getByRole('heading', { name: 'Rooms' }).waitFor();
    if (path.startsWith('/parked')) await open.page.getByText('2 messages, read').waitFor();
  }

  test('control: axe finds an input without a label, and text with too little contrast', async () => {
    const { page } = open;
    await show('/parked');
    await page.evaluate(`document.querySelector('main').append(document.createElement('input'))`);
    await page.evaluate(`document.querySelector('h1').style.color = '#c8c8c8'`);
    const found = await findings(page);
    expect(found.map((each) => each.split(':')[0]).sort()).toEqual(['color-contrast', 'label']);
  });

  test('the navigation lists the parts', () => {
    expect(paths).toEqual(expect.arrayContaining(['/', '/parked']));
  });

  test('axe finds nothing, in light and dark, on narrow and wide screens', async () => {
    const { page } = open;
    const found: string[] = [];
    for (const path of paths) {
      await show(path);
      for (const colorScheme of ['light', 'dark'] as const)
        for (const width of [320, 1280]) {
          await page.emulateMedia({ colorScheme });
          await page.setViewportSize({ width, height: 900 });
          found.push(...(await findings(page)).map((each) => `${path} ${colorScheme} ${width}: ${each}`));
        }
    }
    expect(found).toEqual([]);
  });

  test('no page scrolls sideways', async () => {
    const { page } = open;
    const tooWide: string[] = [];
    const note = async (path: string) => {
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 900 });
        const contentWidth = z.number().parse(await page.evaluate('document.documentElement.scrollWidth'));
        if (contentWidth > width) tooWide.push(`${path} at ${width}: ${contentWidth}`);
      }
    };
    for (const path of paths) {
      await show(path);
      await note(path);
    }
    expect(tooWide).toEqual([]);
    // Control
    await page.evaluate(`document.querySelector('main').append('wide'.repeat(1000))`);
    await note('a long word');
    expect(tooWide).toHaveLength(WIDTHS.length);
  });

  /** Lists the controls of a page that Tab does not reach, and those without a visible focus. */
  async function focusProblems(page: Page): Promise<string[]> {
    const controls = z.array(z.string()).parse(await page.evaluate(NUMBER_CONTROLS));
    const reached = new Map<number, string>();
    for (let presses = 0; presses < MAX_TABS && reached.size < controls.length; presses += 1) {
      await page.keyboard.press('Tab');
      const { control, outline } = focusSchema.parse(await page.evaluate(FOCUS));
      if (control !== undefined) reached.set(control, outline);
    }
    return controls.flatMap((html, index) => {
      const outline = reached.get(index) ?? 'not reached';
      return /^solid [2-9]/.test(outline) ? [] : [`${outline}: ${html}`];
    });
  }

  test('Tab reaches every control, and each has a visible focus', async () => {
    const { page } = open;
    await page.setViewportSize({ width: 1280, height: 900 });
    for (const path of paths) {
      await show(path);
      expect({ path, problems: await focusProblems(page) }).toEqual({ path, problems: [] });
    }
  });

  test('control: a control that Tab skips and one without a visible focus are found', async () => {
    const { page } = open;
    await show('/parked');
    await page.evaluate(`document.querySelectorAll('nav a')[0].style.outline = 'none'`);
    await page.evaluate(`document.querySelectorAll('nav a')[1].tabIndex = -1`);
    expect(await focusProblems(page)).toEqual([
      expect.stringMatching(/^none .*href="\/"/),
      expect.stringMatching(/^not reached: <a href/),
    ]);
  });

  test('the first press of Tab offers to skip the navigation', async () => {
    const { page } = open;
    await show('/');
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').textContent()).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await page.locator('nav :focus').count()).toBe(0);
  });

  test('the focus stays in a dialog, and Escape returns it to the button that opened the dialog', async () => {
    const { page } = open;
    await show('/parked');
    const opener = page.getByRole('button', { name: 'Send back all 2' });
    await opener.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    expect(await findings(page)).toEqual([]);
    for (let presses = 0; presses < 15; presses += 1) {
      await page.keyboard.press('Tab');
      expect(await page.locator('main :focus:not(dialog *), header :focus').count()).toBe(0);
    }
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await page.locator(':focus').textContent()).toBe('Send back all 2');
  });

  test('the browser has not complained', () => {
    expect(open.complaints).toEqual([]);
  });
});

/** All enabled controls that a pointer can use. Radio buttons are left out, because a group of them shares one Tab stop. */
const CONTROLS = ':is(a[href], button, input:not([type=radio]), select, textarea, [tabindex="0"]):not(:disabled)';
const NUMBER_CONTROLS = `[...document.querySelectorAll('${CONTROLS}')].map((each, index) => {
  const html = each.outerHTML.slice(0, 120);
  each.dataset.control = index;
  return html;
})`;
const FOCUS = `(() => {
  const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
  return { control: document.activeElement.dataset.control, outline: outlineStyle + ' ' + outlineWidth };
})()`;
const focusSchema = z.object({ control: z.coerce.number().optional(), outline: z.string() });
