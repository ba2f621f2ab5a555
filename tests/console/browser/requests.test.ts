import { DeleteRoomCommand } from '@aws-sdk/client-ivschat';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readRequestStatus } from '../../../client/operate/request-status.ts';
import { ledgerKey } from '../../../lib/contract/keys.ts';
import { until } from '../../support/gateway-clients.ts';
import { describePage } from './describe-page.ts';
import { type OpenPage, openPage } from './open-page.ts';

describePage('the part Requests', () => {
  let open: OpenPage;

  async function send(message: object): Promise<void> {
    const { sqs, queueUrl } = open.deployment;
    const MessageBody = JSON.stringify(message);
    await sqs.send(new SendMessageCommand({ QueueUrl: await queueUrl('interactive'), MessageBody }));
  }

  /** Sends a request, and waits for its room. @returns the ARN */
  async function sendAndWait(message: {
    idempotencyKey: string;
    room: object;
    tenant?: string;
    correlationId?: string;
    metadata?: object;
  }) {
    await send(message);
    return until(async () => {
      const status = await readRequestStatus(open.deployment, ledgerKey(message.idempotencyKey));
      if (status.kind !== 'known' || status.item.decision !== 'room') return undefined;
      return status.item.status === 'COMPLETED' ? status.item.room_arn : undefined;
    });
  }

  const search = async (text: string) => {
    await open.page.getByLabel('Key, room ARN or room name').fill(text);
    await open.page.keyboard.press('Enter');
  };
  const panel = (title: string) => open.page.getByRole('region', { name: title });
  const state = (title: string) => panel(title).locator('.pairs').getByRole('status');

  beforeAll(async () => {
    open = await openPage();
    await open.page.getByRole('link', { name: 'Requests' }).click();
  });

  afterAll(async () => {
    await open.close();
    expect(open.complaints.filter((text) => !text.includes('422'))).toEqual([]);
  });

  test('a request can be found by key, ARN and name, shows its timeline and completion, and stays selected after a reload', async () => {
    const request = {
      idempotencyKey: 'final/main',
      room: { name: 'final-main' },
      tenant: 'sports',
      correlationId: 'c-77',
      metadata: { show: 7 },
    };
    const arn = await sendAndWait(request);
    await search('final/main');
    await panel('final/main').getByText('the console received the event: created').waitFor();
    const text = await panel('final/main').textContent();
    for (const fact of [arn, 'final-main', 'sports', 'eu-west-1', 'completed: the completion was published'])
      expect(text).toContain(fact);
    const completion = await open.page.getByRole('region', { name: 'the completion' }).locator('pre').textContent();
    expect(JSON.parse(completion ?? '')).toMatchObject({ subject: 'final/main', data: { room: { arn } } });
    const attributes = open.page.getByRole('region', { name: 'the message attributes' }).locator('pre');
    expect(JSON.parse((await attributes.textContent()) ?? '')).toMatchObject({
      ...{ correlationId: 'c-77', metadata: '{"show":7}', tenant: 'sports', lane: 'interactive' },
    });
    const future = panel('final/main').getByRole('list', { name: 'From now on' });
    expect(await future.textContent()).toContain('the ledger keeps the key until then');
    expect(await panel('final/main').getByRole('heading', { name: 'Now', exact: true }).count()).toBe(0);
    await open.page.reload();
    await panel('final/main').waitFor();
    await search(arn);
    await open.page.waitForURL(/q=arn/);
    await panel('final/main').waitFor();
    await search('final-main');
    await open.page.waitForURL(/q=final-main/);
    await panel('final/main').waitFor();
  });

  test('a request in progress shows why it waits, and its outcome arrives without a reload', async () => {
    await search('tonight/outcome');
    await expect(state('tonight/outcome').textContent()).resolves.toBe('not in the ledger');
    open.stack.ivsChat.inject({ operation: 'CreateRoom', times: 4, fault: { error: 'ConflictException' } });
    await send({ idempotencyKey: 'tonight/outcome', room: {} });
    await panel('tonight/outcome').getByText('a resource of the room is being changed').first().waitFor();
    await panel('tonight/outcome').getByRole('heading', { name: 'Now', exact: true }).waitFor();
    await state('tonight/outcome').getByText('completed').waitFor();
    expect(await panel('tonight/outcome').getByRole('list', { name: 'Timeline' }).textContent()).toContain('conflict');
  });

  test('the filter searches keys, names, tenants, correlation ids and outcomes, and Enter opens a request', async () => {
    await send({ idempotencyKey: 'filter/bad', room: { name: 'a b' }, tenant: 'music' });
    const list = open.page.getByRole('region', { name: 'Published events, newest first' });
    await list.getByText('filter/bad').waitFor();
    for (const [text, key] of [
      ['MUSIC', 'filter/bad'],
      ['invalid-req', 'filter/bad'],
      ['c-77', 'final/main'],
    ] as const) {
      await open.page.getByLabel('Filter by key').fill(text);
      await open.page.getByText(/^1 of \d+ events$/).waitFor();
      expect(await list.getByRole('listitem').textContent()).toContain(key);
    }
    await list.getByRole('link').focus();
    await open.page.keyboard.press('Enter');
    await panel('final/main').waitFor();
    expect(new URL(open.page.url()).search).toBe('?key=final%2Fmain&filter=c-77');
    await open.page.getByLabel('Filter by key').fill('nothing has this');
    await list.getByText('No event contains this text.').waitFor();
    await open.page.getByLabel('Filter by key').fill('');
  });

  test('an invalid request, which the ledger does not store, shows its problems from the event', async () => {
    await search('filter/bad');
    await panel('filter/bad').getByText('may contain only letters a-z').first().waitFor();
    await panel('filter/bad').getByText('invalid-request').first().waitFor();
  });

  test('Verify shows that a room was deleted by hand, and its ARN still finds the request', async () => {
    const arn = await sendAndWait({ idempotencyKey: 'verify/me', room: {} });
    await search('verify/me');
    const verify = panel('verify/me').getByRole('button', { name: 'Verify' });
    await verify.click();
    await panel('verify/me').getByText('IVS Chat has the room.').waitFor();
    await open.deployment.ivsChat('eu-west-1').send(new DeleteRoomCommand({ identifier: arn }));
    await verify.click();
    await panel('verify/me').getByText('IVS Chat has no such room: it was deleted.').waitFor();
    expect(await state('verify/me').textContent()).toBe('room deleted');
    await search(arn);
    await open.page.getByRole('alert').getByText('There is no room').waitFor();
    await open.page.getByText('The console has seen the completion of this room').getByRole('link').click();
    await panel('verify/me').waitFor();
  });

  test('Send again shows the message first, and marks a replay as a replay', async () => {
    await search('final/main');
    await panel('final/main').getByRole('button', { name: 'Send again' }).click();
    const dialog = open.page.getByRole('dialog');
    await dialog.getByText('the hash in the ledger confirms').waitFor();
    await dialog.getByText(/^Replay: the key has this room already/).waitFor();
    await dialog.getByRole('button', { name: 'Send to the interactive lane' }).click();
    await panel('final/main')
      .getByText(/Sent to the interactive lane at .*Replay/)
      .waitFor();
    await panel('final/main').getByText('(published again)').waitFor();
  });

  test('HTML in a key, a name and a problem is shown as text', async () => {
    const key = '<img src=x onerror="document.title=1">';
    await send({ idempotencyKey: key, room: { name: '<b>name</b>' }, tenant: 'x', correlationId: '<i>c</i>' });
    const list = open.page.getByRole('region', { name: 'Published events, newest first' });
    await list.getByRole('link', { name: key }).click();
    await panel(key).getByText('invalid-request').first().waitFor();
    await open.page.getByText('Other events of this key').waitFor();
    expect(await open.page.locator('main :is(img, b, i)').count()).toBe(0);
  });
});
