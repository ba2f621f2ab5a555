import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openScene, type Scene } from '../../live-events/scene.ts';
import { cancelled, scheduled } from '../../live-events/story.ts';
import { type BulkCli, type CliRun, createBulkCli } from '../../support/bulk-cli.ts';
import { type BulkDesk, openBulkDesk, START_MS } from '../../support/bulk-desk.ts';
import { madeRoom } from '../../support/completions.ts';
import { createLedgerTable } from '../../support/ledger-table.ts';
import { createLiveCli } from '../../support/live-cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'greenroom-release-'));
afterAll(() => rmSync(folder, { recursive: true }));

const json = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
const keysIn = (text: string) => json(text).flatMap(({ key }): string[] => (key === undefined ? [] : [key]));

describe('the rooms of a bulk job', () => {
  let desk: BulkDesk;
  let cli: BulkCli;

  beforeEach(async () => {
    desk = await openBulkDesk({ outstandingRows: 2 });
    await createLedgerTable(desk.clients.dynamodb);
    cli = createBulkCli(desk);
  });
  afterEach(() => desk.close());

  const ROWS = ['name', 'hall', 'lobby', 'hall', 'foyer', 'two words', 'arena'].join('\n');
  const release = (...words: string[]): Promise<CliRun> => cli.run(['release', ...words, '--dry-run', '--json']);

  /** Reads the manifest: two rows of it are requested, and get their rooms later. */
  async function begin(rows = ROWS): Promise<string> {
    const { jobId } = desk.put('rooms.csv', rows);
    cli.answerWith(() => undefined);
    await cli.work();
    return jobId;
  }

  test('include those of rows that are not read yet, with the keys that the reader will derive', async () => {
    const jobId = await begin();
    expect(desk.keys()).toHaveLength(2);
    const listed = await release('--job', jobId.slice(0, 8));
    expect([listed.code, listed.stderr]).toEqual([0, '']);
    expect(json(listed.stdout)[2]).toMatchObject({ region: 'eu-west-1', roomName: 'hall', state: 'unknown' });
    // In the end, the reader has requested exactly these keys.
    for (let pass = 0; pass < 4; pass++) {
      cli.answerWith((key) => madeRoom(key, { decidedAtMs: desk.nowMs() }));
      await cli.work();
      desk.pass(3_600_000);
      await desk.tell([desk.noticeOf('manifests/rooms.csv').record]);
    }
    expect(keysIn(listed.stdout).sort()).toEqual([...new Set(desk.keys())].sort());
  });

  test('are those of its members once all rows are read, so the manifest is not needed', async () => {
    const jobId = await begin('key\na\nb\n');
    expect(await desk.meta(jobId)).toMatchObject({ state: 'sealed' });
    desk.s3.objects.clear();
    expect(keysIn((await release('--job', jobId)).stdout).sort()).toEqual(['a', 'b']);
  });

  test('are those that it has read if its manifest was deleted, with a note', async () => {
    const jobId = await begin();
    desk.s3.objects.clear();
    const { code, stdout, stderr } = await release('--job', jobId);
    expect(keysIn(stdout).sort()).toEqual(desk.keys().sort());
    expect([code, stderr]).toEqual([
      0,
      expect.stringContaining('was deleted, so only the rows that the job has read are listed.'),
    ]);
  });

  test('are not listed with another default region, because their keys would be those of no room', async () => {
    const jobId = await begin();
    const { code, stdout, stderr } = await release('--job', jobId, '--default-region', 'us-east-1');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('--default-region');
  });

  test('of an unknown job are an error', async () => {
    const { code, stderr } = await release('--job', 'ab'.repeat(32));
    expect([code, stderr]).toEqual([1, expect.stringContaining('There is no bulk job abab')]);
  });

  test('of a manifest on this computer have the same keys, also from standard input', async () => {
    const jobId = await begin();
    const file = join(folder, 'rooms.csv');
    writeFileSync(file, ROWS);
    const listed = await release('--manifest', file);
    expect(listed.stderr).toContain('1 row of ');
    expect(keysIn(listed.stdout)).toEqual(keysIn((await release('--job', jobId)).stdout));
    // Another name means other keys.
    const renamed = await release('--manifest', file, '--name', 'other');
    expect(keysIn(renamed.stdout)[0]).toMatch(/^bulk\/other\//);
  });

  test('of a file that is no manifest are an error that shows why', async () => {
    const file = join(folder, 'broken.csv');
    writeFileSync(file, 'key,key\na,b\n');
    const { code, stderr } = await release('--manifest', file);
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('cannot be read as a manifest for the reasons above; nothing was sent'),
    ]);
  });

  test.each([
    ['behind', -3_600_000],
    ['ahead', 3_600_000],
  ])(
    'are released at the time of AWS, although the clock of the computer is an hour %s',
    async (_what, clockErrorMs) => {
      const { code } = await cli.run(['release', 'a', '--yes'], { clockErrorMs });
      const [command] = desk.queue('interactive').messages();
      expect(code).toBe(0);
      expect(Math.abs(Date.parse(JSON.parse(command?.body ?? '{}').wishedAt) - START_MS)).toBeLessThan(2_000);
    },
  );
});

describe('the rooms of a live event', () => {
  let scene: Scene;
  let greenroom: ReturnType<typeof createLiveCli>;

  beforeEach(async () => {
    scene = await openScene();
    await createLedgerTable(scene.world.clients.dynamodb);
    greenroom = createLiveCli(scene.world);
  });
  afterEach(() => scene.world.close());

  const room = (key: string) => ({ key, room: {} });
  const listed = async () => keysIn((await greenroom(['release', '--event', 'final', '--dry-run', '--json'])).out);

  test('are those of the last revision, and those that earlier revisions requested', async () => {
    await scene.send(0, scheduled(1, { at: 40, rooms: [room('a'), room('b')] }));
    expect(await listed()).toEqual(['live/final/a', 'live/final/b']);
    await scene.runUntil(15);
    await scene.send(16, scheduled(2, { at: 40, rooms: [room('b'), room('c')] }));
    expect(await listed()).toEqual(['live/final/b', 'live/final/c', 'live/final/a']);
    await scene.send(17, cancelled(3));
    expect((await listed()).sort()).toEqual(['live/final/a', 'live/final/b', 'live/final/c']);
  });

  test('of an unknown event are an error', async () => {
    const { code, err } = await greenroom(['release', '--event', 'nothing', '--yes']);
    expect([code, err]).toEqual([1, expect.stringContaining('There is no live event nothing in stage test')]);
  });
});
