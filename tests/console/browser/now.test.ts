import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { changePaces } from '../../../client/operate/region-pace.ts';
import { pause } from '../../../lib/pace/operator-settings.ts';
import { describePage } from './describe-page.ts';
import { type OpenPage, openPage } from './open-page.ts';

describePage('the part Now of the console', () => {
  let open: OpenPage;

  beforeAll(async () => {
    open = await openPage();
  });

  afterAll(() => open.close());

  test('shows the rooms by lane, the new rooms as a chart, and the published events', async () => {
    const { deployment, page } = open;
    const QueueUrl = await deployment.queueUrl('interactive');
    for (const key of ['now/1', 'now/2', 'now/3'])
      await deployment.sqs.send(
        new SendMessageCommand({
          QueueUrl,
          MessageBody: JSON.stringify({ idempotencyKey: key, room: { name: 'now' } }),
        }),
      );
    const region = page.getByRole('row', { name: /^eu-west-1/ });
    await region.getByText('3 in a minute').waitFor();
    await page.getByRole('img', { name: /^New rooms per second over time; .*: eu-west-1 / }).waitFor();
    await page.getByRole('region', { name: 'Published' }).getByText('now/3').waitFor();
    expect(open.complaints).toEqual([]);
  });

  test('shows that an operator has paused a lane', async () => {
    for await (const _ of changePaces(open.deployment, ['us-east-1'], () => pause(['bulk']))) break;
    const region = open.page.getByRole('row', { name: /^us-east-1/ });
    await region.getByText('paused until it is resumed').waitFor();
  });

  test('two tabs show the same, and share the readings', async () => {
    const second = await open.context.newPage();
    await second.goto(open.origin);
    await second
      .getByRole('row', { name: /^us-east-1/ })
      .getByText('paused until it is resumed')
      .waitFor();
    await second.close();
  });

  test('after the stack was killed, the page says so, keeps its last data, and continues with the next stack', async () => {
    const { page } = open;
    await open.killStack();
    await page.getByRole('banner').getByText('not up to date').waitFor();
    expect(await page.getByRole('alert').textContent()).toMatch(/No stack is running|cannot be reached/);
    await page.getByRole('row', { name: /^us-east-1/ }).waitFor();
    await open.startOtherStack();
    await page.getByRole('banner').getByText('live', { exact: true }).waitFor();
    // The new stack has no paused lane.
    await page.getByText('paused until it is resumed').waitFor({ state: 'detached' });
    expect(await page.getByRole('alert').count()).toBe(0);
  });
});
