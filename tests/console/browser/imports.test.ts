import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { must } from '../../support/must.ts';
import { clientOf } from '../programme.ts';
import { describePage } from './describe-page.ts';
import { type OpenPage, openPage } from './open-page.ts';

const ROWS = 'key,name\nhall,hall\nlobby,two words\ntaken,door\n';

/** A text, because this code runs in the browser, whose types are not available to the tests. */
const DROPPED_FILE = `(() => {
  const transfer = new DataTransfer();
  transfer.items.add(new File(['key,name\\nx,x\\n'], 'dropped.csv'));
  return transfer;
})()`;

describePage('the imports page', () => {
  let open: OpenPage;

  beforeAll(async () => {
    open = await openPage();
    const { requestRoom } = clientOf(open);
    await requestRoom({ idempotencyKey: 'taken', room: { name: 'window' } });
    await open.page.goto(`${open.origin}/imports`);
  });

  afterAll(() => open.close());

  const choose = (name: string, text: string) =>
    open.page
      .getByLabel(/^A file with one room request per row/)
      .setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(text) });

  test('a failed import can be repaired entirely in the page', async () => {
    const { page } = open;
    await page.getByText('No job has begun in this stage.').waitFor();
    await choose('rooms.csv', ROWS);
    await page.getByText('rooms.csv has 3 rows. Nothing is uploaded yet.').waitFor();
    await page.getByText(/^row 3: name: /).waitFor();
    await page.getByRole('button', { name: 'Upload rooms.csv' }).click();
    await page.getByRole('heading', { name: /^rooms\.csv [0-9a-f]{8} ended$/ }).waitFor();
    await page.getByText('2 rows without a room').waitFor();
    const saving = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download the rows without a room' }).click();
    const saved = await saving;
    expect(saved.suggestedFilename()).toMatch(/^repair-[0-9a-f]{8}\.ndjson$/);
    const repair = readFileSync(must(await saved.path()), 'utf8');
    await choose('repair.ndjson', repair.replace('two words', 'two-words').replace('door', 'window'));
    await page.getByRole('button', { name: 'Upload repair.ndjson' }).click();
    await page.getByRole('heading', { name: /^repair\.ndjson/ }).waitFor();
    await page.getByText('Every row has a room.').waitFor();
    await page.getByRole('row', { name: /repair\.ndjson .* ended .* 2 of 2 done/ }).waitFor();
    expect(open.complaints).toEqual([]);
  });

  test('an unreadable file is not uploaded, and a dropped file is checked', async () => {
    const { page } = open;
    await choose('rooms.csv', 'name\n"open\n');
    await page.getByText('rooms.csv cannot be accepted:').waitFor();
    expect(await page.getByRole('button', { name: 'Upload rooms.csv' }).isDisabled()).toBe(true);
    const dropped = await page.evaluateHandle(DROPPED_FILE);
    const target = page.getByRole('region', { name: 'Upload a manifest' });
    await target.dispatchEvent('drop', { dataTransfer: dropped });
    await page.getByText('dropped.csv has 1 row. Nothing is uploaded yet.').waitFor();
    await page.getByRole('button', { name: 'Do not upload' }).click();
    expect(open.complaints).toEqual([]);
  });

  test('a file that was edited after its check is not uploaded, and the page says why', async () => {
    const { page } = open;
    const directory = mkdtempSync(join(tmpdir(), 'greenroom-upload-'));
    const file = join(directory, 'edited.csv');
    writeFileSync(file, 'key,name\nedited,before\n');
    await page.getByLabel(/^A file with one room request per row/).setInputFiles(file);
    await page.getByText('edited.csv has 1 row. Nothing is uploaded yet.').waitFor();
    writeFileSync(file, 'key,name\nedited,after-it\n');
    // The new time differs by more than a second, because browsers compare whole seconds.
    utimesSync(file, new Date(), Date.now() / 1000 + 60);
    await page.getByRole('button', { name: 'Upload edited.csv' }).click();
    await page.getByText(/^The file has changed since you chose it/).waitFor();
    await page.getByRole('button', { name: 'Do not upload' }).click();
    rmSync(directory, { recursive: true });
    expect(open.complaints).toEqual([]);
  });

  test('a running job shows its rate and the remaining time, and stops after a confirmation', async () => {
    const { page } = open;
    const rows = Array.from({ length: 400 }, (_, index) => `room-${index},r${index}`);
    await choose('many.csv', ['key,name', ...rows].join('\n'));
    await page.getByRole('button', { name: 'Upload many.csv' }).click();
    const detail = page.getByRole('region', { name: /^many\.csv/ });
    await detail.getByText(/a second, about \d+ (s|min) left/).waitFor();
    await page.reload();
    await detail.getByRole('button', { name: 'Stop the job…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(/of 400 rooms do not exist yet/).waitFor();
    await dialog.getByRole('button', { name: 'Stop the job' }).click();
    await detail.getByText(/^Stopped at /).waitFor();
    await detail.getByRole('button', { name: 'Stop the job…' }).waitFor({ state: 'hidden' });
    expect(open.complaints).toEqual([]);
  });
});
