import { once } from 'node:events';
import { createServer } from 'node:http';
import { DeleteTopicCommand } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type RunningConsole, startConsole } from '../../../console/server/console-server.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { until } from '../../support/gateway-clients.ts';
import { clientOf } from '../programme.ts';
import { describePage } from './describe-page.ts';
import { type OpenPage, openPage } from './open-page.ts';

describePage('a console in unusual circumstances', () => {
  let open: OpenPage;
  let second: RunningConsole;

  beforeAll(async () => {
    open = await openPage();
    const findDeployment = async () => open.deployment;
    second = await startConsole({ findDeployment, port: 0, clock: systemClock, followsAtOnce: false });
  });

  afterAll(async () => {
    await second?.close();
    await open.close();
  });

  test('after a check of the room, the page still shows changes of the request', async () => {
    const { page } = open;
    await clientOf(open).requestRoom({ idempotencyKey: 'checked', room: {} });
    await page.goto(`${open.origin}/requests?key=checked`);
    await page.getByRole('button', { name: 'Verify' }).click();
    await page.getByText('IVS Chat has the room.').waitFor();
    await clientOf(open).release('checked', { releaseAt: '2030-01-01T00:00:00Z' });
    await until(async () => {
      // A completed request is read again every 30 seconds, and when its tab is shown.
      await page.evaluate(`document.dispatchEvent(new Event('visibilitychange'))`);
      return (await page.getByText('the room will be released then').count()) || undefined;
    });
    await page.getByText('IVS Chat has the room.').waitFor();
  });

  test('a link on another site, such as a terminal in the browser, signs the browser in', async () => {
    const site = createServer((_, response) =>
      response.setHeader('Content-Type', 'text/html').end(`<a href="${second.address}">console</a>`),
    ).listen(0, '127.0.0.1');
    await once(site, 'listening');
    const address = site.address();
    const page = await open.context.newPage();
    await page.goto(`http://localhost:${typeof address === 'object' ? address?.port : ''}`);
    await page.getByRole('link').click();
    await page.getByText('live', { exact: true }).waitFor();
    expect(page.url()).toBe(`${new URL(second.address).origin}/`);
    site.close();
    await page.close();
  });

  test('a page that receives no events does not say that none were published', async () => {
    const { sns, completionTopicArn } = open.deployment;
    await second.close();
    await sns.send(new DeleteTopicCommand({ TopicArn: await completionTopicArn() }));
    const findDeployment = async () => open.deployment;
    second = await startConsole({ findDeployment, port: 0, clock: systemClock, followsAtOnce: false });
    const page = await open.context.newPage();
    await page.goto(second.address);
    await page.getByText('The console receives no events at the moment').waitFor();
    expect(await page.getByText('Nothing has been published').count()).toBe(0);
  });
});
