import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Locator } from 'playwright-core';
import { changePaces } from '../../../client/operate/region-pace.ts';
import { pause } from '../../../lib/pace/operator-settings.ts';
import { openParkedQueueUnderTest } from '../../cli/stack/parked-queue.ts';
import { must } from '../../support/must.ts';
import { clientOf } from '../programme.ts';
import { describePage } from './describe-page.ts';
import { type OpenPage, openPage } from './open-page.ts';

const GUIDE = readFileSync('docs/console.md', 'utf8');

/** The number of clicks that the guide gives for a task. Entering a text and choosing a file count as one click each. */
function statedClicks(task: string): number {
  const found = must(new RegExp(`^\\| ${task} \\|[^|]*\\| (\\d+) \\|`, 'm').exec(GUIDE) ?? undefined);
  return Number(found[1]);
}

describePage('the five tasks of docs/console.md', () => {
  let open: OpenPage;
  let clicks = 0;

  const click = async (target: Locator) => {
    clicks += 1;
    await target.click();
  };
  const enter = async (target: Locator, text: string) => {
    clicks += 1;
    await target.fill(text);
  };
  const part = (name: RegExp) => open.page.getByRole('navigation').getByRole('link', { name });
  const begin = async () => {
    await open.page.goto(open.origin);
    clicks = 0;
  };

  beforeAll(async () => {
    open = await openPage();
  });

  afterAll(() => open.close());

  test('what is stuck, and why', async () => {
    for await (const _ of changePaces(open.deployment, ['us-east-1'], () => pause(['interactive', 'bulk']))) break;
    const requested = { idempotencyKey: 'stuck', region: 'us-east-1', room: {} } as const;
    await clientOf(open).requestRoom(requested);
    await begin();
    await open.page
      .getByRole('row', { name: /^us-east-1/ })
      .getByText('paused until it is resumed')
      .first()
      .waitFor();
    await click(part(/^Requests/));
    await enter(open.page.getByLabel('Key, room ARN or room name'), 'stuck');
    await click(open.page.getByRole('button', { name: 'Find' }));
    await open.page
      .getByText(/paused by an operator/)
      .first()
      .waitFor();
    expect(clicks).toBe(statedClicks('What is stuck, and why\\?'));
  });

  test("whether tonight's programme will be ready", async () => {
    const startsAt = new Date(Date.now() + 3_600_000).toISOString();
    await clientOf(open).schedule({
      liveEventId: 'tonight',
      revision: 1,
      startsAt,
      rooms: [{ key: 'main', room: {} }],
    });
    await begin();
    await click(part(/^Events/));
    await open.page.getByText(/All rooms are expected in time/).waitFor();
    expect(clicks).toBe(statedClicks("Will tonight's programme be ready\\?"));
  });

  test('repairing a failed import', async () => {
    const { page } = open;
    await clientOf(open).importRooms({ name: 'rooms.csv', content: 'key,name\none,one\ntwo,not a name\n' });
    await begin();
    await click(part(/^Imports/));
    await page.getByRole('row', { name: /rooms\.csv .* ended/ }).waitFor();
    await click(page.getByRole('link', { name: 'rooms.csv' }));
    const saving = page.waitForEvent('download');
    await click(page.getByRole('button', { name: 'Download the rows without a room' }));
    const saved = readFileSync(must(await (await saving).path()), 'utf8');
    clicks += 1;
    await page.getByLabel(/^A file with one room request per row/).setInputFiles({
      name: 'repair.ndjson',
      mimeType: 'text/plain',
      buffer: Buffer.from(saved.replace('not a name', 'two')),
    });
    await click(page.getByRole('button', { name: 'Upload repair.ndjson' }));
    await page.getByText('Every row has a room.').waitFor();
    expect(clicks).toBe(statedClicks('Repair a failed import'));
  });

  test('what happened to an ARN', async () => {
    const greenroom = clientOf(open);
    await greenroom.requestRoom({ idempotencyKey: 'known', room: { name: 'known' } });
    const outcome = await greenroom.waitFor('known');
    const arn = outcome.kind === 'provisioned' ? outcome.room.arn : '';
    await begin();
    await click(part(/^Requests/));
    await enter(open.page.getByLabel('Key, room ARN or room name'), arn);
    await click(open.page.getByRole('button', { name: 'Find' }));
    await open.page
      .getByText(/decided: room created/)
      .first()
      .waitFor();
    expect(clicks).toBe(statedClicks('What happened to this ARN\\?'));
  });

  test('redriving a parked request', async () => {
    const { page } = open;
    const queue = await openParkedQueueUnderTest(open.deployment);
    await queue.park(JSON.stringify({ idempotencyKey: 'parked/1', room: {} }), { reason: 'unfinished' });
    await begin();
    await click(part(/^Parked/));
    await click(page.getByRole('link', { name: /parked\/1/ }));
    await click(page.getByRole('button', { name: 'Send back this message' }));
    await click(page.getByRole('dialog').getByRole('button', { name: /^Send 1 message back/ }));
    await page
      .getByText(/sent back/i)
      .first()
      .waitFor();
    expect(await clientOf(open).waitFor('parked/1')).toMatchObject({ kind: 'provisioned' });
    expect(clicks).toBe(statedClicks('Redrive a parked request'));
  });
});
