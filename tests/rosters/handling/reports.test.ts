import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { transact } from '../../../lib/platform/transact.ts';
import { openObject } from '../../../lib/rosters/object-writer.ts';
import { countMembers, memberWrite, readMembers, rowWrite, writeMembers } from '../../../lib/rosters/roster-members.ts';
import { sealRoster } from '../../../lib/rosters/roster-states.ts';
import { BUCKET, type BulkDesk, openBulkDesk, START_MS } from '../../support/bulk-desk.ts';
import { madeRoom } from '../../support/completions.ts';

const MEBIBYTE = 1_048_576;

let desk: BulkDesk;
beforeEach(async () => {
  desk = await openBulkDesk();
});
afterEach(() => desk.close());

const contentOf = (key: string) => desk.s3.objects.get(key)?.content.toString();
const actions = (service: string) => desk.calls.filter((call) => call.service === service).map(({ action }) => action);
const waiting = () => ({ ...desk.bulk, signal: new AbortController().signal });

/** Makes every query return one item per page. */
function queryItemByItem(): void {
  desk.clients.dynamodb.middlewareStack.add(
    (next, { commandName }) =>
      (args) =>
        next(commandName === 'QueryCommand' ? { ...args, input: { ...args.input, Limit: 1 } } : args),
    { step: 'initialize' },
  );
}

describe('the report of a bulk job', () => {
  test('has the outcome of each row, including repeated rows', async () => {
    const { record, jobId } = desk.put('a.csv', 'key,name\na,hall\na,hall\nb,hall\na,hall\n,bad name\n');
    await desk.tell([record]);
    queryItemByItem();
    await desk.answer(jobId, [madeRoom('a'), madeRoom('b')]);
    const arn = (key: string) => `arn:aws:ivschat:eu-west-1:000000000000:room/${key}`;
    const line = (row: number, key: string) => `${row},${key},created,,${arn(key)},${key},name-${key},eu-west-1`;
    const reason = 'name: may contain only letters a-z and A-Z, digits, ""-"" and ""_""';
    expect(contentOf(`reports/${jobId}.csv`)?.split('\r\n')).toEqual([
      'row,key,outcome,reason,arn,id,name,region',
      line(2, 'a'),
      line(3, 'a'),
      line(4, 'b'),
      line(5, 'a'),
      `6,,invalid,"${reason}",,,,`,
      '',
    ]);
    const ndjson = contentOf(`reports/${jobId}.ndjson`)
      ?.trim()
      .split('\n')
      .map((text) => JSON.parse(text));
    expect(ndjson).toHaveLength(5);
    expect(ndjson?.at(0)).toEqual({
      ...{ row: 2, key: 'a', outcome: 'created', arn: arn('a') },
      ...{ id: 'a', name: 'name-a', region: 'eu-west-1' },
    });
    expect(desk.s3.objects.get(`reports/${jobId}.csv`)?.type).toBe('text/csv; charset=utf-8');
    expect(desk.s3.objects.get(`reports/${jobId}.ndjson`)?.type).toBe('application/x-ndjson');
    expect(desk.events()).toMatchObject([
      {
        data: {
          members: { total: 2, provisioned: 2, existing: 2, failed: 0 },
          rows: { total: 5, invalid: 1, repeated: 2 },
          report: {
            csv: `s3://${BUCKET}/reports/${jobId}.csv`,
            ndjson: `s3://${BUCKET}/reports/${jobId}.ndjson`,
          },
        },
      },
    ]);
  });

  test('has no formulas, and a manifest with its keys requests the rooms of the same keys', async () => {
    const keys = ['=1+1', "'=1+1", '@lobby', 'a;-b', "'tis"];
    const rows = keys.map((key) => JSON.stringify({ key, room: {} })).join('\n');
    const { record, jobId } = desk.put('a.ndjson', rows);
    await desk.tell([record]);
    await desk.answer(
      jobId,
      keys.map((key) => madeRoom(key)),
    );
    const reported = (contentOf(`reports/${jobId}.csv`) ?? '').trim().split('\r\n').slice(1);
    const cells = reported.map((line) => line.split(',')[1]);
    expect(cells).toEqual(["'=1+1", "''=1+1", "'@lobby", "a;'-b", "'tis"]);
    const again = desk.put('again.csv', ['key', ...cells].join('\n'));
    await desk.tell([again.record]);
    expect(desk.keys()).toEqual([...keys, ...keys]);
  });

  test('has each of more than ten thousand rows once and in order', async () => {
    const { record, jobId } = desk.put('a.csv', 'key\na\n');
    await desk.tell([record]);
    const row = (place: number) => ({ row: place + 1, place, problems: [{ path: '', message: `place ${place}` }] });
    const writes = [20_000, 10_001, 10_000, 20_001].map((place) => rowWrite(desk.table, jobId, row(place), START_MS));
    await transact(desk.clients.dynamodb, writes, waiting());
    await sealRoster(desk.table, jobId, { revision: 1, rows: { total: 20_001, invalid: 4, repeated: 0 } });
    await desk.answer(jobId, [madeRoom('a')]);
    const lines = contentOf(`reports/${jobId}.csv`)?.trim().split('\r\n').slice(1);
    expect(lines?.map((line) => line.split(',')[0])).toEqual(['2', '10001', '10002', '20001', '20002']);
  });

  test('is written when its messages return if it could not be written before', async () => {
    const { record, jobId } = desk.put('a.csv', 'key\na\n');
    await desk.tell([record]);
    desk.fail(/^s3 PUT/);
    expect((await desk.answer(jobId, [madeRoom('a')]))[0]?.done).toBe(false);
    expect(await desk.meta(jobId)).toMatchObject({ state: 'sealed' });
    expect(desk.events()).toEqual([]);
    await desk.answer(jobId, [madeRoom('a')]);
    expect(await desk.meta(jobId)).toMatchObject({ state: 'announced' });
  });

  test('is not written again if only its announcement failed, and nothing is announced twice', async () => {
    const { record, jobId } = desk.put('a.csv', 'key\na\n');
    await desk.tell([record]);
    desk.fail(/^sns/);
    expect((await desk.answer(jobId, [madeRoom('a')]))[0]?.done).toBe(false);
    expect(await desk.meta(jobId)).toMatchObject({ state: 'reported' });
    const before = actions('s3').length;
    for (const state of ['announced', 'announced']) {
      expect(await desk.check(jobId)).toEqual([{ done: true }]);
      expect(await desk.meta(jobId)).toMatchObject({ state });
    }
    expect(actions('s3')).toHaveLength(before);
    expect(desk.events()).toHaveLength(1);
  });

  test('is not written after an invocation has run out of time, but by the next check', async () => {
    const { record, jobId } = desk.put('a.csv', 'key\na\n');
    await desk.tell([record]);
    desk.on(/TransactWriteItems/, () => desk.pass(118_000));
    expect((await desk.answer(jobId, [madeRoom('a')]))[0]?.done).toBe(false);
    expect(desk.s3.objects.has(`reports/${jobId}.csv`)).toBe(false);
    expect(await desk.check(jobId)).toEqual([{ done: true }]);
    expect(desk.s3.objects.has(`reports/${jobId}.csv`)).toBe(true);
  });

  test('leaves no upload behind if one of its parts cannot be written', async () => {
    const { record, jobId } = desk.put('a.csv', 'key\na\n');
    await desk.tell([record]);
    // The report of this row alone is longer than a part.
    const problems = Array.from({ length: 10 }, () => ({ path: '', message: 'ä'.repeat(15_000) }));
    for (let place = 2; place < 22; place++)
      await transact(
        desk.clients.dynamodb,
        [rowWrite(desk.table, jobId, { row: place, place, problems }, START_MS)],
        waiting(),
      );
    await sealRoster(desk.table, jobId, { revision: 1, rows: { total: 21, invalid: 20, repeated: 0 } });
    desk.fail(/^s3 PUT .*ndjson/);
    expect((await desk.answer(jobId, [madeRoom('a')]))[0]?.done).toBe(false);
    expect(desk.s3.openUploads()).toEqual([]);
    await desk.check(jobId);
    expect(desk.s3.objects.get(`reports/${jobId}.csv`)?.content.length).toBeGreaterThan(5 * MEBIBYTE);
    expect(await desk.meta(jobId)).toMatchObject({ state: 'announced' });
  });
});

describe('an object', () => {
  const target = { Bucket: BUCKET, Key: 'reports/x', ContentType: 'text/csv' };

  test('below the minimum size of a part is written with one call', async () => {
    const writer = openObject(desk.clients.s3, target);
    await writer.write('ä');
    await writer.write('b'.repeat(5 * MEBIBYTE - 3));
    await writer.end();
    expect(actions('s3')).toEqual(['PUT reports/x']);
    expect(contentOf('reports/x')).toBe(`ä${'b'.repeat(5 * MEBIBYTE - 3)}`);
    expect(desk.s3.objects.get('reports/x')?.type).toBe('text/csv');
  });

  test('of at least that size is uploaded in parts, none of which is empty, and exists only at the end', async () => {
    const writer = openObject(desk.clients.s3, target);
    await writer.write(`ä${'b'.repeat(5 * MEBIBYTE - 2)}`);
    expect(desk.s3.openUploads()).toHaveLength(1);
    expect(desk.s3.objects.size).toBe(0);
    await writer.end();
    expect(actions('s3')).toEqual(['POST reports/x', 'PUT reports/x', 'POST reports/x']);
    expect(desk.s3.objects.get('reports/x')).toMatchObject({ type: 'text/csv', content: { length: 5 * MEBIBYTE } });
    expect(desk.s3.openUploads()).toEqual([]);
  });

  test('of several parts has them in order, and the last one may be small', async () => {
    const writer = openObject(desk.clients.s3, target);
    const texts = ['a', 'b', 'c'].map((letter) => letter.repeat(3 * MEBIBYTE));
    for (const text of [...texts, ...texts]) await writer.write(text);
    await writer.write('end');
    await writer.end();
    const all = [...texts, ...texts, 'end'].join('');
    expect(contentOf('reports/x') === all).toBe(true);
    expect(actions('s3').filter((action) => action.startsWith('PUT'))).toHaveLength(4);
  });

  test('that is aborted leaves nothing behind, whether or not an upload had begun', async () => {
    const small = openObject(desk.clients.s3, target);
    await small.write('a');
    await small.abort();
    expect(actions('s3')).toEqual([]);
    const large = openObject(desk.clients.s3, target);
    await large.write('a'.repeat(6 * MEBIBYTE));
    await large.abort();
    expect(desk.s3.openUploads()).toEqual([]);
    expect(desk.s3.objects.size).toBe(0);
  });
});

describe('the members of a roster', () => {
  const member = (idempotencyKey: string, region = 'eu-west-1') => ({ idempotencyKey, region });

  test('are written once each, with a hundred in a transaction', async () => {
    const members = Array.from({ length: 101 }, (_, index) => member(`key-${index}`));
    await writeMembers(desk.table, 'r', [...members, member('key-0', 'us-east-1')], START_MS, waiting());
    expect(actions('dynamodb').filter((action) => action === 'TransactWriteItems')).toHaveLength(2);
    expect(await countMembers(desk.table, 'r')).toBe(101);
    expect(await countMembers(desk.table, 'other')).toBe(0);
  });

  test('are counted and read on all pages, without other items of their roster', async () => {
    const { record, jobId } = desk.put('a.csv', 'key\na\nb\nc\na\n');
    await desk.tell([record]);
    queryItemByItem();
    expect(await countMembers(desk.table, jobId)).toBe(3);
    const keys: string[] = [];
    for await (const { idempotency_key: key } of readMembers(desk.table, jobId)) keys.push(key);
    expect(keys.sort()).toEqual(['a', 'b', 'c']);
  });

  test('keep their outcomes when they are written again', async () => {
    const { record, jobId } = desk.put('a.csv', 'key\na\n');
    await desk.tell([record]);
    await desk.answer(jobId, [madeRoom('a')]);
    await transact(desk.clients.dynamodb, [memberWrite(desk.table, jobId, member('a'), START_MS)], waiting());
    expect((await desk.items(jobId))[0]).toMatchObject({ idempotency_key: 'a', outcome: 'created', row: 2 });
  });
});
