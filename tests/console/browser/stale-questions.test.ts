import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { UserError } from '../../../client/user-error.ts';
import { startConsole } from '../../../console/server/console-server.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { openParkedQueueUnderTest, type ParkedQueueUnderTest } from '../../cli/stack/parked-queue.ts';
import { clientOf, eventAt, MINUTE_MS } from '../programme.ts';
import { describePage } from './describe-page.ts';
import { type OpenPage, openPage } from './open-page.ts';

const request = (key: string) => JSON.stringify({ idempotencyKey: key, name: 'parked', tenant: 'shop' });

/** Noon of a future day. */
const NOON_MS = new Date(new Date().setHours(12, 0, 0, 0)).getTime() + 4 * 24 * 60 * MINUTE_MS;
const DAY = new Date(NOON_MS).toLocaleDateString('en-CA');

describePage('a question that is open while the stage changes', () => {
  let open: OpenPage;
  let queue: ParkedQueueUnderTest;

  beforeAll(async () => {
    open = await openPage();
    queue = await openParkedQueueUnderTest(open.deployment);
  });

  afterAll(() => open.close());

  test('if another tab discards the selected message, the question does not apply to all other messages instead', async () => {
    for (const key of ['crash/1', 'crash/2', 'crash/3']) await queue.park(request(key), { reason: 'dead-lettered' });
    const { page, context } = open;
    const ask = async (tab: OpenPage['page']) => {
      await tab.goto(`${open.origin}/parked`);
      await tab.getByText('3 messages, read').waitFor();
      await tab.getByRole('checkbox', { name: 'Select crash/1' }).check();
      await tab.getByRole('button', { name: 'Discard the 1 selected' }).click();
      return tab.getByRole('dialog').getByRole('button', { name: /^Discard/ });
    };
    const discard = await ask(page);
    const other = await context.newPage();
    await (await ask(other)).click();
    await other.getByText('2 messages, read').waitFor();
    await other.close();
    await page.getByText('2 messages, read').waitFor();
    expect(await discard.textContent()).toBe('Discard 1 message');
    await discard.click();
    await page.getByText('Discarded 0 of 1 message').waitFor();
    await page.getByText('It is no longer visible').waitFor();
    expect(await queue.counts()).toEqual({ visible: 2, hidden: 0 });
  });

  test('a form and a question about an earlier revision do not move an event that has changed', async () => {
    const { page } = open;
    const { schedule } = clientOf(open);
    await schedule(eventAt('noon', NOON_MS));
    await page.goto(`${open.origin}/events?day=${DAY}&event=noon`);
    await page.getByRole('button', { name: 'Move…' }).click();
    await page.getByLabel(/^New start/).fill(`${DAY}T15:30:00`);
    await page.getByRole('button', { name: 'Check the move' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('This is revision 2.').waitFor();
    const endsAt = new Date(NOON_MS + 60 * MINUTE_MS).toISOString();
    await schedule(eventAt('noon', NOON_MS, { revision: 2, endsAt }));
    await page.getByText(/^Revision 2,/).waitFor();
    await dialog.getByRole('button', { name: 'Move the event' }).click();
    await dialog.getByText('noon now has revision 2').waitFor();
    await page.keyboard.press('Escape');
    await page.getByText('The event has changed since you opened this form').waitFor();
    expect(open.complaints.filter((each) => !each.includes('status of 422'))).toEqual([]);
  });

  test('Escape does not hide the result of a change that is in progress', async () => {
    const { page } = open;
    await page.goto(`${open.origin}/events?day=${DAY}&event=noon`);
    await page.getByRole('button', { name: 'Cancel the event…' }).click();
    const { promise: refused, resolve: refuse } = Promise.withResolvers<void>();
    await page.route('**/api/events/cancel', async (route) => {
      await refused;
      await route.fulfill({ status: 422, json: { problem: 'The stage is asleep' } });
    });
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Cancel the event' }).click();
    await dialog.getByRole('button', { name: 'Working…' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    refuse();
    await page.getByText('The stage is asleep').waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  });

  test('a queue that cannot be read is read once when the part is opened, and the reason stays', async () => {
    const findDeployment = () => Promise.reject(new UserError('No stack is running here'));
    const console = await startConsole({ findDeployment, port: 0, clock: systemClock, followsAtOnce: false });
    const page = await open.context.newPage();
    let readings = 0;
    let polls = 0;
    const { resolve: done, promise: polled } = Promise.withResolvers<void>();
    page.on('request', (sent) => {
      if (sent.url().endsWith('/api/parked/read')) readings += 1;
      if (readings > 0 && sent.url().includes('/api/parked?')) polls += 1;
      if (polls === 4) done();
    });
    await page.goto(console.address);
    await page.getByRole('link', { name: 'Parked' }).click();
    const reason = page.getByText(/^Read 0 messages at .* No stack is running here/);
    await reason.waitFor();
    await polled;
    await reason.waitFor();
    expect(readings).toBe(1);
    await page.close();
    await console.close();
  });
});
