import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { sha256 } from '../../../lib/contract/keys.ts';
import { type BulkDesk, openBulkDesk, START_MS } from '../../support/bulk-desk.ts';
import { manyRows } from '../../support/bulk-jobs.ts';
import { madeRoom } from '../../support/completions.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** How long the function may work: it reserves two seconds of its timeout for winding up. */
const WORK_MS = 118 * SECOND_MS;
const FUNCTION_TIMEOUT_MS = 120 * SECOND_MS;
const RETENTION_SECONDS = 90 * 86_400;
/** How many rows of a region may be outstanding: as many as are written together. */
const LIMIT = 100;

let desk: BulkDesk;
beforeEach(async () => {
  desk = await openBulkDesk({ outstandingRows: LIMIT, laneStop: 2_000 });
});
afterEach(() => desk.close());

const inRegion = (region: string, rows: string) =>
  rows.replaceAll('key-', `${region}-`).replaceAll(/$/gm, `,${region}`);
const rowsOf = (region: string, count: number) => inRegion(region, manyRows(count).replace('key\n', ''));
const csv = (...rows: string[]) => ['key,region', ...rows].join('\n');
const actions = () => desk.calls.map(({ service, action }) => `${service} ${action}`);
const count = (action: string) => actions().filter((each) => each === action).length;
const checks = () =>
  desk
    .queue('rosters')
    .messages()
    .map(({ body }) => JSON.parse(body));

describe('a manifest', () => {
  test('with a few rows needs these calls and no others', async () => {
    const { record } = desk.put('a.csv', 'key\na\nb\n');
    const before = desk.calls.length;
    await desk.tell([record]);
    expect(actions().slice(before)).toEqual([
      'dynamodb UpdateItem',
      'dynamodb GetItem',
      's3 GET manifests/a.csv',
      'dynamodb UpdateItem',
      'dynamodb UpdateItem',
      's3 GET manifests/a.csv',
      'dynamodb UpdateItem',
      'sqs GetQueueAttributes',
      'dynamodb TransactWriteItems',
      'sqs SendMessageBatch',
      'dynamodb UpdateItem',
      'dynamodb Query',
      'dynamodb UpdateItem',
      'sqs SendMessage',
      'dynamodb UpdateItem',
    ]);
  });

  test('is written a hundred rows at a time, and sent ten at a time', async () => {
    const rows = ['eu-west-1', 'us-east-1'].map((region) => rowsOf(region, LIMIT));
    await desk.tell([desk.put('a.csv', csv(...rows)).record]);
    expect(count('dynamodb TransactWriteItems')).toBe(2);
    expect(count('sqs SendMessageBatch')).toBe(20);
    await desk.tell([desk.put('b.csv', csv(rowsOf('ap-south-1', 21))).record]);
    expect(count('dynamodb TransactWriteItems')).toBe(3);
    expect(count('sqs SendMessageBatch')).toBe(23);
    expect(new Set(desk.keys()).size).toBe(221);
  });

  test('leaves an item for each row: a member, a repetition or the problems of the row', async () => {
    desk.pass(1);
    const fields = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`field-${index}`, 1]));
    const rows = [
      { key: 'a', room: { name: 'hall' }, region: 'us-east-1' },
      { key: 'b', room: {} },
      { key: 'a', room: { name: 'hall' }, region: 'us-east-1' },
      { room: fields },
    ];
    const { record, jobId } = desk.put('a.ndjson', rows.map((row) => `${JSON.stringify(row)}\n\n`).join(''));
    await desk.tell([record]);
    const pk = `roster#${jobId}`;
    const expires_at = START_MS / 1000 + 1 + RETENTION_SECONDS;
    const member = (key: string) => ({
      pk,
      sk: `member#${sha256(key)}`,
      ledger_key: sha256(key),
      idempotency_key: key,
    });
    const items = await desk.items(jobId);
    expect(items).toHaveLength(6);
    expect(items).toContainEqual({
      ...member('a'),
      region: 'us-east-1',
      room_name: 'hall',
      row: 1,
      place: 1,
      expires_at,
    });
    expect(items).toContainEqual({ ...member('b'), region: 'eu-west-1', row: 3, place: 2, expires_at });
    expect(items).toContainEqual({ pk, sk: 'row#0000003', row: 5, place: 3, repeats: sha256('a'), expires_at });
    const problems = expect.arrayContaining([{ path: 'room.field-0', message: expect.any(String) }]);
    expect(items).toContainEqual({ pk, sk: 'row#0000004', row: 7, place: 4, problems, problems_total: 12, expires_at });
    expect(items.find(({ place }) => place === 4)?.problems).toHaveLength(10);
    expect(items.find(({ sk }) => sk === 'reader')).toMatchObject({ expires_at });
  });

  test('is not checked again once it was checked', async () => {
    const { record } = desk.put('a.csv', csv(rowsOf('eu-west-1', LIMIT + 1)));
    await desk.tell([record]);
    expect(count('s3 GET manifests/a.csv')).toBe(2);
    await desk.tell([record]);
    expect(count('s3 GET manifests/a.csv')).toBe(3);
  });
});

describe('a reader that is interrupted', () => {
  /** Half of the rows of the first region are sent and answered, and so is the only row of the second region. */
  async function begin() {
    const manifest = desk.put('a.csv', csv(rowsOf('eu-west-1', 2 * LIMIT), 'last,us-east-1'));
    await desk.tell([manifest.record]);
    const answers = desk.keys().filter((key) => key !== 'last');
    await desk.answer(
      manifest.jobId,
      answers.map((key) => madeRoom(key)),
    );
    return manifest;
  }

  test('leaves its checkpoint for the next reader, which then finishes the job', async () => {
    const { record, jobId } = await begin();
    desk.on(/TransactWriteItems/, () => desk.pass(WORK_MS));
    expect((await desk.tell([record])).done).toBe(false);
    expect(await desk.reader(jobId)).toMatchObject({
      done: 2 * LIMIT,
      regions: { 'eu-west-1': { place: 2 * LIMIT }, 'us-east-1': { place: 2 * LIMIT + 1 } },
    });
    expect(await desk.tell([record])).toEqual({ done: true });
    expect(desk.keys()).toHaveLength(2 * LIMIT + 1);
  });

  test('has its notice sent again if it has sent rows, because the job has made progress', async () => {
    const { record } = await begin();
    desk.on(/TransactWriteItems/, () => desk.pass(WORK_MS));
    expect(await desk.tell([record], { receiveCount: 98 })).toEqual({ done: true });
    expect(desk.queue('manifests').messages()).toHaveLength(1);
  });

  test('does not have its notice sent again if another reader has taken its lease', async () => {
    const { record, jobId } = await begin();
    desk.on(/TransactWriteItems/, async () => {
      desk.pass(WORK_MS);
      await desk.bulk.readers.acquire(jobId, { nowMs: START_MS + DAY_MS, endMs: START_MS + 2 * DAY_MS });
    });
    expect((await desk.tell([record], { receiveCount: 98 })).done).toBe(false);
    expect(desk.queue('manifests').messages()).toEqual([]);
    expect(await desk.reader(jobId)).toMatchObject({ lease_end: START_MS + 2 * DAY_MS, done: LIMIT });
  });
});

describe('the lease of a manifest', () => {
  test('lasts as long as the invocation', async () => {
    const { record, jobId } = desk.put('a.csv', 'key\na\n');
    const endMs = START_MS + FUNCTION_TIMEOUT_MS;
    const taken: boolean[] = [];
    desk.on(/^s3 GET/, async () => {
      for (const nowMs of [endMs - 1, endMs])
        taken.push((await desk.bulk.readers.acquire(jobId, { nowMs, endMs: 2 * endMs })).free);
    });
    await desk.tell([record]);
    expect(taken).toEqual([false, true]);
  });

  test('expires if it cannot be released, and the job is completed nevertheless', async () => {
    const { record, jobId } = desk.put('a.csv', 'key\na\n');
    desk.fail(/UpdateItem .*":lease_end":{"N":"0"}/);
    expect(await desk.tell([record])).toEqual({ done: true });
    expect(desk.lines).toMatchObject([
      { level: 'info', text: 'Manifest checked' },
      { level: 'warn', fields: { job: jobId, error: expect.stringMatching(/rosters cannot be written/) } },
      { level: 'info', fields: { kind: 'sealed' } },
    ]);
  });
});

describe('when a finished job has another notice, the tracker is asked to check it', () => {
  test('if the job is sealed or reported, because its reader may have crashed before it asked the tracker', async () => {
    const { record, jobId } = desk.put('a.csv', 'key\na\n');
    for (const state of ['sealed', 'reported']) {
      await desk.tell([record]);
      await desk.change(jobId, 'meta', 'SET #state = :state', { state });
      const before = checks().length;
      expect(await desk.tell([record])).toEqual({ done: true });
      expect(checks().slice(before)).toEqual([{ checkRoster: jobId }]);
      expect(desk.lines.at(-1)?.fields).toEqual({ job: jobId, kind: 'known', state });
    }
  });

  test('but not if the job is announced', async () => {
    const { record, jobId } = desk.put('a.csv', 'key\na\n');
    await desk.tell([record]);
    await desk.change(jobId, 'meta', 'SET #state = :state', { state: 'announced' });
    const before = checks().length;
    expect(await desk.tell([record])).toEqual({ done: true });
    expect(checks()).toHaveLength(before);
  });
});

describe('a job whose roster was deleted by retention starts again', () => {
  test('without the names that its content had before', async () => {
    const { record, jobId } = desk.put('a.csv', 'name\nhall\n');
    await desk.bulk.readers.addName(jobId, 'season-2025');
    expect(await desk.tell([record])).toEqual({ done: true });
    expect(desk.keys()).toEqual([expect.stringMatching(/^bulk\/a\//)]);
    expect(await desk.reader(jobId)).toMatchObject({ names: new Set() });
    expect(await desk.tell([record])).toEqual({ done: true });
    expect(desk.keys()).toHaveLength(1);
  });

  test('with its first row', async () => {
    const { record, jobId } = desk.put('a.csv', csv(rowsOf('eu-west-1', LIMIT + 1)));
    await desk.tell([record]);
    await desk.forget(jobId, 'meta');
    await desk.tell([record]);
    expect(desk.keys()).toEqual([...desk.keys().slice(0, LIMIT), ...desk.keys().slice(0, LIMIT)]);
  });
});

test('the same content under another name is another job, and each name is stored once', async () => {
  const body = 'name\nhall\n';
  const first = desk.put('a.csv', body, { 'greenroom-name': 'season-2026' });
  await desk.tell([first.record]);
  const second = desk.put('a.csv', body, { 'greenroom-name': 'season-2027' });
  desk.fail(/SendMessageBatch/);
  expect((await desk.tell([second.record])).done).toBe(false);
  expect(await desk.tell([second.record])).toEqual({ done: true });
  desk.put('a.csv', body, { 'greenroom-name': 'season-2026' });
  expect(await desk.tell([first.record])).toEqual({ done: true });
  // The second name is stored once, although its notice was handled twice.
  expect(desk.calls.filter(({ input }) => input.includes('ADD #names'))).toHaveLength(1);
  expect(desk.keys().map((key) => key.split('/')[1])).toEqual(['season-2026', 'season-2027']);
  expect(await desk.reader(first.jobId)).toMatchObject({ names: new Set(['season-2027']) });
});

describe('a later upload of the same content with other settings', () => {
  const BODY = 'key,name\na,hall\nb,NULL\n';
  const warnings = () => desk.lines.filter(({ level }) => level === 'warn');

  test.each([
    ['greenroom-literal', 'true'],
    ['greenroom-encoding', 'windows-1252'],
    ['greenroom-all-or-nothing', 'true'],
  ])('changes nothing if the job has read its rows, and a log line names %s', async (name, value) => {
    const { record, jobId } = desk.put('a.csv', BODY);
    await desk.tell([record]);
    await desk.tell([record]);
    expect(warnings()).toEqual([]);
    expect(await desk.tell([desk.put('a.csv', BODY, { [name]: value }).record])).toEqual({ done: true });
    expect(warnings()).toEqual([
      { level: 'warn', text: 'Changed settings of a manifest have no effect', fields: { job: jobId, changed: [name] } },
    ]);
    expect(desk.keys()).toEqual(['a']);
  });

  test.each([
    ['greenroom-literal', { 'greenroom-literal': 'true', 'greenroom-all-or-nothing': 'true' }, ['a', 'b']],
    ['greenroom-all-or-nothing', {}, ['a']],
  ])('starts a refused job again, with the new %s', async (_name, metadata, keys) => {
    await desk.tell([desk.put('a.csv', BODY, { 'greenroom-all-or-nothing': 'true' }).record]);
    expect(desk.keys()).toEqual([]);
    await desk.tell([desk.put('a.csv', BODY, metadata).record]);
    expect(desk.keys()).toEqual(keys);
    expect(warnings()).toEqual([]);
  });

  test('reads the rows in the new way under another object key, and finds the rooms of the other rows', async () => {
    await desk.tell([desk.put('a.csv', BODY).record]);
    await desk.tell([desk.put('again/a.csv', BODY, { 'greenroom-literal': 'true' }).record]);
    expect(desk.keys()).toEqual(['a', 'a', 'b']);
    expect(warnings()).toEqual([]);
  });
});

describe('a file name in the composed and in the decomposed form of Unicode', () => {
  const COMPOSED = 'R\u00e4ume.csv';
  // macOS writes names like this, and uploads them unchanged.
  const DECOMPOSED = 'Ra\u0308ume.csv';

  test('is one namespace, so that the rows of both uploads have the same keys', async () => {
    for (const name of [COMPOSED, DECOMPOSED]) await desk.tell([desk.put(name, 'name\nhall\n').record]);
    expect(desk.keys()).toEqual([expect.stringMatching(/^bulk\/R\u00e4ume\//), desk.keys()[0]]);
  });

  test('is the same name to a job that an earlier release has begun with the decomposed one', async () => {
    const { record, jobId } = desk.put(
      DECOMPOSED,
      csv(rowsOf('eu-west-1', LIMIT + 1)).replaceAll(/eu-west-1-\d+/g, ''),
    );
    await desk.tell([record]);
    const { bulk } = await desk.meta(jobId).then((meta) => (meta.kind === 'bulk' ? meta : { bulk: undefined }));
    expect(bulk).toMatchObject({ name: 'R\u00e4ume' });
    await desk.change(jobId, 'meta', 'SET #bulk = :bulk', { bulk: { ...bulk, name: 'Ra\u0308ume' } });
    desk.pass(DAY_MS);
    await desk.tell([record]);
    // The job continues under its own name, and no second job begins.
    expect(
      new Set(
        desk
          .keys()
          .slice(LIMIT)
          .map((key) => key.split('/')[1]),
      ),
    ).toEqual(new Set(['Ra\u0308ume']));
    expect(desk.keys()).toHaveLength(LIMIT + 1);
    expect(await desk.reader(jobId)).toMatchObject({ names: new Set() });
  });
});
