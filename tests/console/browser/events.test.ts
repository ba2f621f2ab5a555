import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { listLiveEvents } from '../../../client/operate/live-event-list.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { until } from '../../support/gateway-clients.ts';
import { clientOf, eventAt, MINUTE_MS } from '../programme.ts';
import { describePage } from './describe-page.ts';
import { type OpenPage, openPage } from './open-page.ts';
import { putWaitingEvents } from './waiting-events.ts';

const HOUR_MS = 60 * MINUTE_MS;
/** Noon of a future day, so that no event of a test falls on the next day. */
const NOON_MS = new Date(new Date().setHours(12, 0, 0, 0)).getTime() + 4 * 24 * HOUR_MS;
const DAY = new Date(NOON_MS).toLocaleDateString('en-CA');
const MANY_DAY_MS = NOON_MS + 24 * HOUR_MS;

describePage('the events page', () => {
  let open: OpenPage;

  beforeAll(async () => {
    open = await openPage({ viewport: { width: 1400, height: 900 } });
    const { schedule } = clientOf(open);
    const endsAt = new Date(NOON_MS + HOUR_MS).toISOString();
    await schedule(eventAt('noon', NOON_MS, { endsAt, leadTime: 'P5D' }));
    await schedule(eventAt('evening', NOON_MS + 7 * HOUR_MS));
    const rooms = Array.from({ length: 400 }, (_, index) => ({ key: `${index}`, room: {} }));
    await schedule(eventAt('crowd', NOON_MS + 8 * HOUR_MS, { leadTime: 'PT1M', atRiskTime: 'PT30S', rooms }));
    await putWaitingEvents(open.deployment, 1_000, MANY_DAY_MS);
    const waiting = { clock: systemClock, random: Math.random, signal: new AbortController().signal };
    const range = { fromMs: NOON_MS, untilMs: NOON_MS + 12 * HOUR_MS };
    // The page reads the list only every ten seconds.
    await until(async () => {
      const states = (await listLiveEvents(open.deployment, range, waiting)).map(({ state }) => state);
      return (states.length === 3 && states[0] !== 'waiting') || undefined;
    });
  });

  afterAll(() => open.close());

  const goTo = (path: string) => open.page.goto(`${open.origin}${path}`);
  const row = (name: string) => open.page.getByRole('link', { name: new RegExp(name) });

  test('a day shows its events as text, and marks those that need attention', async () => {
    const { page } = open;
    await goTo(`/events?day=${DAY}`);
    await row('noon . of 2 rooms (opening|ready)').waitFor();
    await row('evening 0 of 2 rooms waiting').waitFor();
    await row('crowd 0 of 400 rooms waiting late').waitFor();
    await page.getByText(/1 event will be late/).waitFor();
    const text = await row('noon').textContent();
    expect(text).toMatch(/opens .*, ends 13:00, rooms released 13:00/);
    await page.getByLabel('Only events that need attention').check();
    await page.getByRole('heading', { name: '1 of 3 events' }).waitFor();
    expect(await row('noon').count()).toBe(0);
    await page.getByLabel('Only events that need attention').uncheck();
    expect(open.complaints).toEqual([]);
  });

  test('the keyboard selects an event, its rooms link to their requests, and a reload keeps the selection', async () => {
    const { page } = open;
    await row('noon').focus();
    await page.keyboard.press('Enter');
    const heading = page.getByRole('heading', { name: /^noon/ });
    await heading.waitFor();
    expect(await heading.evaluate((element) => element === element.ownerDocument.activeElement)).toBe(true);
    await page.reload();
    const room = page.getByRole('link', { name: 'a', exact: true });
    expect(await room.getAttribute('href')).toBe('/requests?key=live%2Fnoon%2Fa');
    await page
      .getByText(/^arn:aws:ivschat:/)
      .first()
      .waitFor();
    expect(open.complaints).toEqual([]);
  });

  test('a move shows a problem beside its field, then its effects, and then that greenroom has accepted it', async () => {
    const { page } = open;
    await page.getByRole('button', { name: 'Move…' }).click();
    const start = page.getByLabel(/^New start/);
    await start.fill('2026-01-01T12:00:00');
    await page.getByRole('button', { name: 'Check the move' }).click();
    const problem = page.getByRole('alert').filter({ hasText: 'New start: is in the past' });
    await problem.waitFor();
    expect(await start.getAttribute('aria-invalid')).toBe('true');
    await start.fill(`${DAY}T15:30:00`);
    expect(await page.getByLabel('New end').inputValue()).toBe(`${DAY}T16:30`);
    await page.getByRole('button', { name: 'Check the move' }).click();
    const dialog = page.getByRole('dialog');
    await dialog
      .getByText(/existing rooms? will be kept|requested rooms? will still be created/)
      .first()
      .waitFor();
    await dialog.getByRole('button', { name: 'Move the event' }).click();
    await page.getByText('The move of noon (revision 2) is accepted.').waitFor();
    await row('15:30 ?noon').waitFor();
    await page.getByText(/^Revision 2,/).waitFor();
    expect(open.complaints).toEqual([]);
  });

  test('a cancellation says what happens to the rooms, and the question can be dismissed', async () => {
    const { page } = open;
    await page.getByRole('button', { name: 'Cancel the event…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Its rooms are deleted after the grace period.').waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: 'Cancel the event…' }).click();
    await dialog.getByRole('button', { name: 'Cancel the event' }).click();
    await page.getByText('The cancellation of noon is accepted.').waitFor();
    await row('noon.*cancelled').waitFor();
    await page.getByRole('button', { name: 'Move…' }).waitFor({ state: 'hidden' });
    expect(open.complaints).toEqual([]);
  });

  test('after a move to another day, the note links to the event on that day', async () => {
    const { page } = open;
    const otherDay = new Date(NOON_MS + 48 * HOUR_MS).toLocaleDateString('en-CA');
    await goTo(`/events?day=${DAY}&event=evening`);
    await page.getByRole('button', { name: 'Move…' }).click();
    await page.getByLabel(/^New start/).fill(`${otherDay}T09:00:00`);
    await page.getByRole('button', { name: 'Check the move' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Close' }).waitFor();
    await dialog.getByRole('button', { name: 'Move the event' }).click();
    await page.getByRole('link', { name: `Show evening on ${otherDay}` }).click();
    await row('09:00 ?evening').waitFor();
    await page.getByRole('link', { name: 'Show evening' }).waitFor({ state: 'hidden' });
    expect(open.complaints).toEqual([]);
  });

  test('1,000 events need few elements, and the last event can be reached', async () => {
    const { page } = open;
    await goTo(`/events?day=${new Date(MANY_DAY_MS).toLocaleDateString('en-CA')}`);
    await page.getByRole('heading', { name: '1,000 events' }).waitFor();
    const list = page.getByLabel('Live events, in the order of their starts');
    const rows = list.getByRole('listitem');
    expect(await rows.count()).toBeLessThan(60);
    expect(await rows.first().getAttribute('aria-setsize')).toBe('1000');
    await list.focus();
    await page.keyboard.press('End');
    await row('show-0999').waitFor();
    expect(await rows.count()).toBeLessThan(60);
    expect(open.complaints).toEqual([]);
  });
});
