import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { openParkedQueueUnderTest, type ParkedQueueUnderTest, QUEUE_ARN } from '../../cli/stack/parked-queue.ts';
import { receive } from '../../support/gateway-clients.ts';
import { describePage } from './describe-page.ts';
import { type OpenPage, openPage } from './open-page.ts';

const HOSTILE = '<img src=x onerror="document.title=1"><script>document.title=2</script>';

const request = (key: string) => JSON.stringify({ idempotencyKey: key, name: 'parked', tenant: 'shop' });

describePage('the parked messages in a browser', () => {
  let open: OpenPage;
  let queue: ParkedQueueUnderTest;

  beforeAll(async () => {
    open = await openPage();
    queue = await openParkedQueueUnderTest(open.deployment);
    await queue.park(request('wait/1'), { reason: 'unfinished', detail: `waited ${HOSTILE}` });
    await queue.park(request('crash/1'), { reason: 'dead-lettered' });
    await queue.park(request('crash/2'), { reason: 'dead-lettered' });
    await queue.park(`{"broken": "${HOSTILE}`, { sourceQueue: `${QUEUE_ARN}other` });
    await open.page.getByRole('link', { name: 'Parked 4', exact: true }).click();
  });

  beforeEach(() => open.page.getByText(/^\d messages?, read/).waitFor());

  afterAll(() => open.close());

  const rows = () => open.page.getByRole('row').filter({ has: open.page.getByRole('rowheader') });
  const button = (name: string) => open.page.getByRole('button', { name });

  test('opening the part reads the queue, and leaves all messages visible', async () => {
    expect(await rows().count()).toBe(4);
    expect(await queue.counts()).toEqual({ visible: 4, hidden: 0 });
    expect(await open.page.getByText('1 message cannot be sent back').textContent()).toContain(
      'is not a queue of this stage',
    );
  });

  test('a message shows its note and its body as text, and stays selected after a reload', async () => {
    const { page } = open;
    await page.getByRole('link', { name: /no readable key/ }).click();
    const body = page.getByRole('region', { name: 'Body' }).locator('pre');
    expect(await body.textContent()).toBe(`{"broken": "${HOSTILE}`);
    await page.reload();
    expect(await body.textContent()).toBe(`{"broken": "${HOSTILE}`);
    expect(await button('Send back this message').isDisabled()).toBe(true);
    await page.getByRole('link', { name: 'Back to the list' }).click();

    await page.getByRole('link', { name: /wait\/1/ }).click();
    await page.getByText(`waited ${HOSTILE}`, { exact: true }).waitFor();
    expect(await body.textContent()).toBe(JSON.stringify(JSON.parse(request('wait/1')), null, 2));
    await button('As it was sent').click();
    expect(await body.textContent()).toBe(request('wait/1'));
    expect(await button('Discard this message').isDisabled()).toBe(true);
    await page.getByText('1 message may not be discarded, because it may have no outcome yet (unfinished)').waitFor();
    expect(await page.locator('main').locator('img, script').count()).toBe(0);
    await page.getByRole('link', { name: 'Back to the list' }).click();
  });

  test('Escape dismisses a question, changes nothing and returns the focus', async () => {
    const { page } = open;
    await page.getByRole('checkbox', { name: 'Select no readable key' }).check();
    await button('Discard the 1 selected').click();
    await page.getByRole('dialog', { name: 'Discard 1 message?' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await page.locator(':focus').textContent()).toBe('Discard the 1 selected');
    expect(await queue.counts()).toEqual({ visible: 4, hidden: 0 });
  });

  test('a discarded message leaves the list, and can be saved', async () => {
    const { page } = open;
    await button('Discard the 1 selected').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Discard 1 message' }).click();
    await page.getByText(/^Discarded 1 of 1 message at/).waitFor();
    expect(await page.getByText('read it again').count()).toBe(0);
    expect(await rows().count()).toBe(3);
    const downloading = page.waitForEvent('download');
    await button('Save 1 discarded message').click();
    const file = await (await downloading).path();
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ body: `{"broken": "${HOSTILE}` });
  });

  test('all messages with the same reason can be sent back with a new neededBy, and the reason stays in the address', async () => {
    const { page } = open;
    await page.getByLabel('Reason').selectOption('dead-lettered');
    await page.waitForURL(/\?reason=dead-lettered$/);
    expect(await rows().count()).toBe(2);
    await button('Send back all 2').click();
    const dialog = page.getByRole('dialog', { name: 'Send 2 messages back?' });
    await dialog.getByLabel('Needed by').fill('2020-01-01T00:00');
    await dialog.getByRole('button', { name: 'Send 2 messages back' }).click();
    expect(await dialog.getByRole('alert').textContent()).toContain('It must be in the future');
    await dialog.getByLabel('Needed by').fill('');
    await dialog.getByRole('button', { name: 'Send 2 messages back' }).click();
    await page.getByText(/^Sent back 2 of 2 messages at/).waitFor();
    await page.reload();
    await page.getByText('1 message, read').waitFor();
    expect(await page.getByLabel('Reason').inputValue()).toBe('dead-lettered');
    await page.getByLabel('Reason').selectOption('');
    expect(await rows().count()).toBe(1);
  });

  test('an unparseable message is parked again under a new id, as the question says, and its address says so', async () => {
    const { page } = open;
    const id = await queue.park('no JSON');
    await button('Read the queue').click();
    expect(await button('Send back all 2').getAttribute('class')).toBe('primary');
    await page.getByRole('link', { name: /no readable key/ }).click();
    expect(await button('Send back this message').getAttribute('class')).toBeNull();
    await button('Send back this message').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('It will be parked again, because its body does not change').waitFor();
    await dialog.getByRole('button', { name: 'Send 1 message back' }).click();
    const gone = page.getByRole('status').getByText('This message is no longer in the queue');
    await gone.waitFor();
    await queue.untilVisible(2);
    await button('Read the queue').click();
    await page.getByText('2 messages, read').waitFor();
    await page.reload();
    await gone.waitFor();
    expect(page.url()).toContain(id);
    expect(await page.getByRole('alert').count()).toBe(0);
    await page.getByRole('link', { name: 'Show all parked messages' }).click();
    await page.getByRole('checkbox', { name: 'Select no readable key' }).check();
    await button('Discard the 1 selected').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Discard 1 message' }).click();
    await page.getByText(/^Discarded 1 of 1 message at/).waitFor();
  });

  test('a message that another reader holds is counted as not visible', async () => {
    const { page } = open;
    const held = await receive(open.deployment.sqs, queue.url, { visibilityTimeoutSeconds: 60 });
    expect(held).toHaveLength(1);
    await button('Read the queue').click();
    await page.getByText('About 1 message was not visible').waitFor();
  });

  test('the browser has not complained', () => {
    // Chromium reports each refused call, here the neededBy in the past.
    expect(open.complaints.filter((each) => !each.includes('status of 400'))).toEqual([]);
  });
});
