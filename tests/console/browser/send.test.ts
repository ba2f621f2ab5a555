import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readRequestStatus } from '../../../client/operate/request-status.ts';
import { ledgerKey } from '../../../lib/contract/keys.ts';
import { describePage } from './describe-page.ts';
import { type OpenPage, openPage } from './open-page.ts';

describePage('the form', () => {
  let open: OpenPage;
  const field = (label: string) => open.page.getByLabel(label, { exact: true });
  const sendButton = () => open.page.getByRole('button', { name: 'Send', exact: true });
  const message = async () =>
    JSON.parse((await open.page.getByRole('region', { name: 'the message' }).locator('pre').textContent()) ?? '');

  beforeAll(async () => {
    open = await openPage();
  });

  afterAll(async () => {
    await open.close();
    expect(open.complaints).toEqual([]);
  });

  test('problems appear beside their fields in the words of the service, and Send is disabled until they are corrected', async () => {
    await open.page.goto(`${open.origin}/send`);
    expect(await sendButton().isDisabled()).toBe(true);
    await field('Name').fill('with space');
    await field('Messages per second').fill('many');
    await field('Tags').fill('aws:x=1\nshow');
    await field('Metadata').fill('{');
    const problems = {
      Key: 'is required',
      Name: 'may contain only letters a-z and A-Z, digits, "-" and "_"',
      'Messages per second': 'must be a whole number from 1 to 100',
      Tags: 'reserved for AWS',
      Metadata: 'is not JSON',
    };
    for (const [label, problem] of Object.entries(problems)) {
      const own = open.page.locator('.field', { has: field(label) });
      await own.getByText(problem).waitFor();
      expect(await field(label).getAttribute('aria-invalid')).toBe('true');
      const ids = (await field(label).getAttribute('aria-describedby')) ?? '';
      expect(ids.split(' ')).toContain(await own.locator('.problem').getAttribute('id'));
    }
    await open.page
      .locator('.field', { has: field('Tags') })
      .getByText('has no "="')
      .waitFor();
    expect(await sendButton().isDisabled()).toBe(true);
  });

  test('a corrected form survives a reload, is sent, and links to the request, which waits for its outcome', async () => {
    await field('Key').fill('form/one');
    await field('Name').fill('form-one');
    await field('Messages per second').fill('50');
    await field('Tags').fill('show=final');
    await field('Metadata').fill('{"fixture": 4711}');
    await field('Lane').selectOption('bulk');
    await open.page.reload();
    await open.page.getByText('No request with this key is known').waitFor();
    expect(await message()).toEqual({
      idempotencyKey: 'form/one',
      room: { name: 'form-one', maximumMessageRatePerSecond: 50, tags: { show: 'final' } },
      metadata: { fixture: 4711 },
    });
    await sendButton().click();
    await open.page.getByRole('link', { name: 'Show the request' }).click();
    const panel = open.page.getByRole('region', { name: 'form/one' });
    await panel.getByText('sent from this console to the bulk lane').waitFor();
    await panel.getByText('the console received the event: created').waitFor();
  });

  test('the same request is a replay, and another room for its key is refused', async () => {
    await open.page.goto(`${open.origin}/send`);
    await open.page.getByText(/^Replay: the key has this room already/).waitFor();
    await sendButton().click();
    await open.page.getByText(/^Sent to the bulk lane. Replay/).waitFor();
    await field('Name').fill('form-two');
    await open.page.getByText('The key belongs to a request for another room').waitFor();
    await sendButton().click();
    await open.page.getByRole('link', { name: 'Show the request' }).click();
    const panel = open.page.getByRole('region', { name: 'form/one' });
    await panel.getByText(/was refused: key-reused-with-different-payload/).waitFor();
  });

  test('a message that the user writes in an envelope is checked and sent unchanged', async () => {
    await open.page.goto(`${open.origin}/send?key=own/one&tenant=sports`);
    expect(await message()).toEqual({ idempotencyKey: 'own/one', tenant: 'sports', room: {} });
    await open.page.getByRole('button', { name: 'Edit this JSON' }).click();
    const event = { 'detail-type': 'Room Requested', detail: { idempotencyKey: 'own/one', room: {}, rooom: 1 } };
    await field('Message').fill(JSON.stringify(event));
    await open.page.getByText('is not a known field: did you mean "room"?').waitFor();
    expect(await sendButton().isDisabled()).toBe(true);
    await field('Message').fill(JSON.stringify({ ...event, detail: { idempotencyKey: 'own/one', room: {} } }));
    await open.page.getByText('No request with this key is known').waitFor();
    await sendButton().click();
    await open.page.getByText(/^Sent to the interactive lane/).waitFor();
    await open.page.reload();
    expect(await field('Message').inputValue()).toContain('own/one');
  });

  test('a release command asks first, because it deletes a room', async () => {
    await field('Message').fill(JSON.stringify({ type: 'Room Release Requested', idempotencyKey: 'own/two' }));
    await open.page.getByText('This is a release command').waitFor();
    await sendButton().click();
    const dialog = open.page.getByRole('dialog');
    await dialog.getByText('A deleted room cannot be restored').waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await readRequestStatus(open.deployment, ledgerKey('own/two'))).toEqual({ kind: 'unknown' });
    await sendButton().click();
    await dialog.getByRole('button', { name: 'Send' }).click();
    await open.page.getByText(/^Sent to the interactive lane/).waitFor();
    await open.page.getByRole('link', { name: 'Show the request' }).click();
    await open.page.getByText('not requested', { exact: true }).waitFor();
  });
});
