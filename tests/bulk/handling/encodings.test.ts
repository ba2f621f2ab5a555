import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type BulkDesk, openBulkDesk } from '../../support/bulk-desk.ts';
import { madeRoom } from '../../support/completions.ts';

const LIMIT = 2;
/** In windows-1250, the byte B3 is another letter than in windows-1252. */
const FOUR_KEYS = Buffer.from('key\n\xb31\n\xb32\n\xb33\n\xb34\n', 'latin1');

let desk: BulkDesk;
beforeEach(async () => {
  desk = await openBulkDesk({ outstandingRows: LIMIT, laneStop: 1_000 });
});
afterEach(() => desk.close());

test('a manifest in UTF-16, compressed and separated by semicolons, is read from the bucket', async () => {
  const { record } = desk.put('a.csv.gz', gzipSync(Buffer.from('\ufeffkey;name\r\né1;a\r\n', 'utf16le')));
  expect(await desk.tell([record])).toEqual({ done: true });
  expect(desk.keys()).toEqual(['é1']);
});

test('a refused manifest is read when it is put again with its encoding', async () => {
  const { record, jobId } = desk.put('a.csv', FOUR_KEYS);
  await desk.tell([record]);
  expect(await desk.meta(jobId)).toMatchObject({ state: 'refused' });
  expect(desk.keys()).toEqual([]);
  desk.pass(1_000);
  const again = desk.put('a.csv', FOUR_KEYS, { 'greenroom-encoding': 'windows-1250' });
  await desk.tell([again.record]);
  expect(desk.keys()).toEqual(['ł1', 'ł2']);
});

test('a job that has begun keeps its encoding, even if the object is put again with another one', async () => {
  const { record, jobId } = desk.put('a.csv', FOUR_KEYS, { 'greenroom-encoding': 'windows-1250' });
  await desk.tell([record]);
  desk.put('a.csv', FOUR_KEYS, { 'greenroom-encoding': 'windows-1252' });
  await desk.answer(jobId, [madeRoom('ł1'), madeRoom('ł2')]);
  desk.pass(2_000);
  expect(await desk.tell([record])).toEqual({ done: true });
  expect(desk.keys()).toEqual(['ł1', 'ł2', 'ł3', 'ł4']);
});

test('the metadata greenroom-literal accepts cells such as NULL', async () => {
  const content = 'key,name\nNULL,a\nk,b\n';
  const { record, jobId } = desk.put('a.csv', content);
  await desk.tell([record]);
  expect(desk.keys()).toEqual(['k']);
  expect(await desk.reader(jobId)).toMatchObject({ checked: { invalid: 1 } });
  const literal = desk.put('b.csv', content, { 'greenroom-literal': 'true' });
  await desk.tell([literal.record]);
  expect(desk.keys().slice(1)).toEqual(['NULL', 'k']);
});

test('a job that an earlier release has checked is still read as that release read it', async () => {
  const { record, jobId } = desk.put('a.csv', 'key\na\nNULL\nb\n', { 'greenroom-literal': 'true' });
  await desk.tell([record]);
  await desk.change(jobId, 'reader', 'REMOVE read_as', {});
  desk.put('a.csv', 'key\na\nNULL\nb\n');
  await desk.answer(jobId, [madeRoom('a'), madeRoom('NULL')]);
  desk.pass(2_000);
  expect(await desk.tell([record])).toEqual({ done: true });
  expect(desk.keys()).toEqual(['a', 'NULL', 'b']);
});

test('the log says how a manifest was read, and contains no cells', async () => {
  const semicolons = Buffer.from('key;name\nsecret-1;a b\nsecret-2;c\n', 'utf16le');
  const { record, jobId } = desk.put('a.csv', semicolons);
  await desk.tell([record]);
  const counts = { rows: 2, members: 1, invalid: 1, repeated: 0 };
  const format = { format: 'csv', separator: ';', encoding: 'utf-16le', isCompressed: false };
  const checked = desk.lines.filter(({ text }) => text === 'Manifest checked');
  expect(checked).toEqual([{ level: 'info', text: 'Manifest checked', fields: { job: jobId, ...format, ...counts } }]);
  expect(JSON.stringify(desk.lines)).not.toContain('secret');
});
