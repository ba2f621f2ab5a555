import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { planRows } from '../../lib/bulk/plan-rows.ts';
import { type ReadRow, readManifest } from '../../lib/bulk/read-manifest.ts';
import { toMessageAttributes } from '../../lib/platform/message-text.ts';
import { problems, REQUEST, read } from './messages.ts';

const sized = (bytes: number) => ({ x: 'é'.repeat((bytes - 8) / 2) });

describe('metadata', () => {
  test('is any JSON object, and is not changed', () => {
    const metadata = { order: [1, null, { paid: null }], note: ' \u0000\ud800 ', '': true };
    expect(read({ ...REQUEST, metadata })).toMatchObject({ kind: 'request', request: { metadata } });
  });

  test.each([['text'], [5], [[]], [true]])('is not %j', (metadata) => {
    expect(problems({ ...REQUEST, metadata })).toEqual(['metadata: must be an object']);
  });

  test('may be 1 KiB of JSON in UTF-8, however it is written in the message', () => {
    expect(read({ ...REQUEST, metadata: sized(1024) }).kind).toBe('request');
    expect(read(JSON.stringify({ ...REQUEST, metadata: sized(1024) }, null, 8)).kind).toBe('request');
    expect(problems({ ...REQUEST, metadata: sized(1026) })).toEqual([
      'metadata: is 1026 bytes long as JSON, but at most 1024 are allowed',
    ]);
  });

  test('that is too deeply nested to be written as JSON is too large', () => {
    const nested = `{"idempotencyKey":"k","room":{},"metadata":{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}}`;
    expect(read(nested)).toMatchObject({ kind: 'invalid', problems: [{ path: 'metadata' }] });
  });

  test('of an invalid request is kept, if it is valid itself', () => {
    const metadata = { order: 7 };
    expect(read({ idempotencyKey: 'k', metadata })).toMatchObject({ kind: 'invalid', metadata });
    expect(read({ idempotencyKey: 'k', metadata: sized(2000) })).not.toHaveProperty('metadata');
  });

  test('stays the same JSON in an attribute, although SNS does not accept every character', () => {
    const metadata = { odd: '\uffff\u0001\ud800' };
    const value = toMessageAttributes({ metadata: JSON.stringify(metadata) }).metadata?.StringValue ?? '';
    expect(value).toMatch(/^[\x20-\x7e]+$/);
    expect(JSON.parse(value)).toEqual(metadata);
  });

  test('is the only field for data of the sender; other unknown fields are refused', () => {
    expect(problems({ ...REQUEST, meta: {} })).toEqual(['meta: is not a known field: remove it']);
  });
});

describe('metadata of rows', () => {
  async function plan(name: string, text: string) {
    const rows = readManifest(Readable.from([Buffer.from(text)]), name, 'eu-west-1');
    const planned = [];
    for await (const row of planRows(rows, { namespace: 'n', defaultRegion: 'eu-west-1' })) planned.push(row);
    return planned;
  }

  test('is a field in JSON, and columns in CSV', async () => {
    const csv = 'key,metadata:order,metadata:two words\nk,7,\nl,,a b\nm,,\n';
    const json = [
      { key: 'k', room: {}, metadata: { order: '7' } },
      { key: 'l', room: {}, metadata: { 'two words': 'a b' } },
      { key: 'm', room: {} },
    ];
    const [fromCsv, fromJson] = [await plan('a.csv', csv), await plan('a.json', JSON.stringify(json))];
    const requests = fromJson.map((row) => row.kind === 'request' && row.request);
    expect(fromCsv.map((row) => row.kind === 'request' && row.request)).toEqual(requests);
    expect(requests).toMatchObject([{ metadata: { order: '7' } }, {}, {}]);
    expect(requests[2]).not.toHaveProperty('metadata');
  });

  test('is not part of a key that is derived from the row', async () => {
    const rows = [{ room: {} }, { room: {}, metadata: { order: 7 } }];
    const [without, withIt] = await Promise.all(rows.map((row) => plan('a.json', JSON.stringify([row]))));
    const keyOf = (planned: typeof without) =>
      planned?.map((row) => row.kind === 'request' && row.request.idempotencyKey);
    expect(keyOf(withIt)).toEqual(keyOf(without));
  });

  test('that is too large is a problem of its row, and a column without a key is a problem of the file', async () => {
    expect(await plan('a.csv', `key,metadata:a\nk,${'x'.repeat(1100)}\n`)).toMatchObject([
      { kind: 'invalid', problems: [{ path: 'metadata', message: expect.stringMatching(/^is 1108 bytes/) }] },
    ]);
    await expect(plan('a.csv', 'key,metadata:\nk,1\n')).rejects.toThrow(/has no key: write metadata:<key>/);
  });

  test('control: a row of a CSV file has no metadata without such a column', async () => {
    const rows: ReadRow[] = [];
    for await (const row of readManifest(Readable.from([Buffer.from('key\nk\n')]), 'a.csv', 'eu-west-1'))
      rows.push(row);
    expect(rows).toEqual([{ row: 2, place: 1, kind: 'row', value: { key: 'k', room: {}, tenant: 'default' } }]);
  });
});
