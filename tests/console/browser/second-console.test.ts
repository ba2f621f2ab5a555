import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type RunningConsole, startConsole } from '../../../console/server/console-server.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { clientOf } from '../programme.ts';
import { describePage } from './describe-page.ts';
import { type OpenPage, openPage } from './open-page.ts';

describePage('a console that is started again at the same address', () => {
  let open: OpenPage;
  let second: RunningConsole;

  beforeAll(async () => {
    open = await openPage();
  });

  afterAll(async () => {
    await second?.close();
    await open.close();
  });

  test('a tab that stayed open shows no data with the new sign-in until it is reloaded', async () => {
    const { page, context, deployment } = open;
    const { requestRoom } = clientOf(open);
    await page.goto(`${open.origin}/requests`);
    await requestRoom({ idempotencyKey: 'before', room: {} });
    await page.getByRole('link', { name: /before/ }).waitFor();
    await open.console.close();
    await page.getByText('The console does not answer').first().waitFor();

    const port = Number(new URL(open.origin).port);
    const findDeployment = async () => deployment;
    second = await startConsole({ findDeployment, port, clock: systemClock, followsAtOnce: true });
    await page.getByText('This browser is not signed in').first().waitFor();

    const other = await context.newPage();
    await other.goto(second.address);
    await other.getByText('live', { exact: true }).waitFor();
    await page.getByText('live', { exact: true }).waitFor();
    await page.getByText('The console has received events since').waitFor();
    expect(await page.getByRole('link', { name: /before/ }).count()).toBe(0);
    await requestRoom({ idempotencyKey: 'after', room: {} });
    await page.getByRole('link', { name: /after/ }).waitFor();
  });
});
