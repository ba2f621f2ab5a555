import { describe, expect, test } from '@jest/globals';
import type { FileFormat } from '../../../lib/bulk/manifest-format.ts';
import type { ReadSettings } from '../../../lib/bulk/manifest-settings.ts';
import { type ReadRow, readManifest } from '../../../lib/bulk/read-manifest.ts';
import { inPieces } from '../../support/encode-text.ts';

async function read(name: string, content: string | Uint8Array, settings: Partial<ReadSettings> = {}) {
  const rows: ReadRow[] = [];
  let format: FileFormat | undefined;
  const onFormat = (found: FileFormat) => {
    format = found;
  };
  const pieces = inPieces(Buffer.from(content), 5);
  for await (const row of readManifest(pieces, name, 'eu-west-1', { ...settings, onFormat })) rows.push(row);
  return { rows, layout: format?.layout };
}

const csv = async (content: string, settings?: Partial<ReadSettings>) => (await read('a.csv', content, settings)).rows;
const keyOf = (row: ReadRow) => (row.kind === 'row' ? row.value.key : row.problems);

describe('the separator', () => {
  test.each([
    ['commas', 'key,name\n1,a\n', ','],
    ['semicolons', 'key;name\n1;a\n', ';'],
    ['tabs', 'key\tname\n1\ta\n', '\t'],
    ['quoted cells', '"key";"name"\r1;"a"\r', ';'],
    ['a tag with a line break around it', 'key;"\ntag:a b\n"\n1;x\n', ';'],
    ['a single column', 'key\n1;a\n', ','],
    ['the line sep=;', 'sep=;\nkey;name\n1;a\n', ';'],
    ['the quoted line sep=,', '"sep=,"\r\nkey,name\r\n1,a\r\n', ','],
  ])('is found in a header with %s', async (_what, content, separator) => {
    const { rows, layout } = await read('a.csv', content);
    expect(layout).toEqual({ kind: 'csv', separator });
    // Excel does not show the line sep=;, so that the header is still row 1.
    expect(rows).toMatchObject([{ kind: 'row', row: 2 }]);
  });

  test('that the file states is used, even if another one would fit', async () => {
    await expect(csv('sep=,\nkey;name\n1;a\n')).rejects.toThrow('column "key;name": is not a known column');
  });

  test('of a single column is never a semicolon, so that a key keeps its semicolon and no comma is lost', async () => {
    const [first, second] = await csv('key\na;b\na,b\n');
    expect(first).toMatchObject({ kind: 'row', value: { key: 'a;b' } });
    expect(second).toMatchObject({ kind: 'invalid', problems: [{ path: 'column 2' }] });
  });

  test('within a cell without quotes shifts the others, which is noticed even if the last cell is empty', async () => {
    expect(await csv('key;name;tag:a\n1;x;a;\n')).toMatchObject([
      { kind: 'invalid', problems: [{ path: 'column 4' }] },
    ]);
  });

  test('is named in the problem of a row with too many cells', async () => {
    expect(await csv('key;name\n1;a;b\n')).toMatchObject([
      { problems: [{ path: 'column 3', message: expect.stringContaining('an extra semicolon') }] },
    ]);
  });
});

test('a metadata column contains no separator, because it would hide where the next column begins', async () => {
  await expect(csv('key,metadata:a;b\n1,x\n')).rejects.toThrow('column "metadata:a;b": contains a comma');
  const [row] = await csv('metadata:a;key\nx;1\n');
  expect(row).toMatchObject({ value: { key: '1', metadata: { a: 'x' } } });
});

describe('invisible characters', () => {
  test('are dropped in names of columns, but not between the words of a tag', async () => {
    const rows = await csv('\u200bkey\u00a0,na\u200bme,\ufefftag:two\u00a0words\u2060\n1,a,x\n');
    expect(rows).toMatchObject([{ value: { key: '1', room: { name: 'a', tags: { 'two\u00a0words': 'x' } } } }]);
  });

  test.each([
    ['\u00a0k', 'begins with a no-break space (U+00A0)'],
    ['k\u00a0', 'ends with a no-break space (U+00A0)'],
    [' \u200bk', 'begins with a zero-width space (U+200B)'],
    ['k\u202f ', 'ends with a narrow no-break space (U+202F)'],
    ['\u200b', 'begins with a zero-width space (U+200B)'],
    ['\ufeffk', 'begins with a byte order mark (U+FEFF)'],
  ])('around the key %j are refused by name', async (key, message) => {
    const [row, other] = await csv(`key,name\n"${key}",a\nk2,b\n`);
    expect(row).toMatchObject({ problems: [{ path: 'key', message: expect.stringContaining(message) }] });
    expect(other).toMatchObject({ kind: 'row', value: { key: 'k2' } });
  });

  test('around any value are refused, direction marks too', async () => {
    const [row] = await csv('key,tag:team\n1,\u202esports\n');
    const message = expect.stringContaining('begins with an invisible character (U+202E)');
    expect(row).toMatchObject({ problems: [{ path: 'tag:team', message }] });
  });

  test('within a key stay as they are', async () => {
    expect(await csv('key\nParis\u00a0: x\n👨\u200d👩\n')).toMatchObject([
      { value: { key: 'Paris\u00a0: x' } },
      { value: { key: '👨\u200d👩' } },
    ]);
  });
});

describe('a cell that probably means something else', () => {
  const missing = [
    'NULL',
    'null',
    'N/A',
    'n/a',
    'NA',
    'NaN',
    'nan',
    'None',
    'NaT',
    '\\N',
    '<NA>',
    '(null)',
    'undefined',
  ];
  const formulas = ['#N/A', '#NV', '#N/D', '#WERT!', '#REF!', '#DIV/0!', '#NAME?', '#VALEUR!'];
  const numbers = ['1.23E+12', '1,23E+12', '1e-05', '-4.5E+15'];

  test.each([...missing, ...formulas, ...numbers])('%s is refused with its row, unless it is meant', async (text) => {
    const content = `name,key,tag:a\nx,"${text}",\ny,k,\nz,,"${text}"\n`;
    const [key, good, tag] = await csv(content);
    const message = expect.stringMatching(/^is ".*--literal \(in S3: the metadata greenroom-literal: true\)/);
    expect(key).toMatchObject({ kind: 'invalid', problems: [{ path: 'key', message }] });
    expect(good).toMatchObject({ kind: 'row' });
    expect(tag).toMatchObject({ kind: 'invalid', problems: [{ path: 'tag:a', message }] });
    const [meant] = await csv(content, { literal: true });
    expect(meant).toMatchObject({ kind: 'row', value: { key: text } });
  });

  test('1001.0 is refused as a key, which pandas has written for 1001, but is an ordinary text elsewhere', async () => {
    const [key, tag] = await csv('key,tag:a\n1001.0,x\n1,1001.0\n');
    expect(key).toMatchObject({
      problems: [{ path: 'key', message: expect.stringMatching(/written with a decimal/) }],
    });
    expect(tag).toMatchObject({ value: { room: { tags: { a: '1001.0' } } } });
  });

  test.each(['Nullarbor', 'none', 'N/A-1', '12E5', 'E+12', '1.23', '00123', '#1', 'nan-1', 'NAB'])(
    '%s is an ordinary text',
    async (key) => expect(await csv(`key\n${key}\n`)).toMatchObject([{ value: { key } }]),
  );
});

describe('files that were joined', () => {
  test.each([
    ['plainly', 'key,name\n1,a\nkey,name\n2,b\n'],
    ['with byte order marks', '\ufeffkey,name\n1,a\n\ufeffkey,name\n2,b\n'],
    ['with byte order marks and quotes', '\ufeff"key","name"\r\n"1","a"\r\n\ufeff"key","name"\r\n"2","b"\r\n'],
  ])('%s have a second header, which is no row', async (_what, content) => {
    const [first, header, second] = await csv(content);
    expect(first).toMatchObject({ kind: 'row', row: 2, value: { key: '1' } });
    expect(header).toMatchObject({
      kind: 'invalid',
      row: 3,
      problems: [{ message: expect.stringMatching(/^repeats/) }],
    });
    expect(second).toMatchObject({ kind: 'row', row: 4, value: { key: '2' } });
  });

  test.each(['name,key', 'key,region', '\ufeffname', '"name","tag:a"'])(
    'with the second header %s are refused',
    async (header) => {
      await expect(csv(`key,name\n1,a\n${header}\n2,b\n`)).rejects.toThrow('row 3: is a header with other columns');
    },
  );

  test('whose second header is meant as a row are read with --literal', async () => {
    expect((await csv('key\nkey\n', { literal: true })).map(keyOf)).toEqual(['key']);
  });

  test('of NDJSON may have byte order marks', async () => {
    const { rows } = await read('a.ndjson', '\ufeff{"room":{},"key":"1"}\n\ufeff{"room":{},"key":"2"}\n');
    expect(rows.map(keyOf)).toEqual(['1', '2']);
  });
});

describe('the content decides', () => {
  const row = '{"key":"1","room":{}}';

  test.each([
    ['a.json', `${row}\n${row}\n`, 'ndjson', 2],
    ['a.ndjson', `[\n${row},\n${row}\n]`, 'array', 2],
    ['a.ndjson', '{"key":"1",\n"room":{}}', 'document', 1],
    ['a.jsonl', '{ "key": "}{",\n"room": {\n} }\n', 'document', 1],
    ['a.json', 'key;name\n1;a\n', 'csv', 1],
    ['a.csv', `[${row}]`, 'array', 1],
    ['a.txt', 'key\tname\n1\ta\n', 'csv', 1],
    ['a.tsv', 'key\tname\n1\ta\n', 'csv', 1],
  ])('that %s with %j is %s', async (name, content, kind, count) => {
    const { rows, layout } = await read(name, content);
    expect(layout?.kind).toBe(kind);
    expect(rows.map(({ kind: each }) => each)).toEqual(Array.from({ length: count }, () => 'row'));
  });

  test('and a damaged first line does not turn NDJSON into one document', async () => {
    const { rows } = await read('a.ndjson', `{"key":"a\n${row}\n`);
    expect(rows).toMatchObject([
      { kind: 'invalid', row: 1 },
      { kind: 'row', row: 2 },
    ]);
  });

  test('and a document that is cut off is refused, even if one of its lines is a row', async () => {
    await expect(read('a.ndjson', `{"rooms":[\n${row},\n${row}\n`)).rejects.toThrow(
      'is one JSON document over several lines',
    );
  });

  test('and a line that lacks its last bracket is not called several lines', async () => {
    await expect(read('a.ndjson', '{"key":"a","room":{"name":"b"}')).rejects.toThrow(
      /is one JSON document whose end is missing, or has too few closing brackets: /,
    );
  });

  test.each([
    ['{"idempotencyKey":"1","room":{}}', /is a room request: use greenroom send/],
    ['{"liveEventId":"1"}', /is a live event: use greenroom schedule/],
    ['{"rooms":[{"key":"1"}]}', /has its rows in "rooms": write only this list/],
  ])('that %s belongs to another command', async (content, message) => {
    const { rows } = await read('a.ndjson', content);
    expect(rows).toMatchObject([{ kind: 'invalid', problems: [{ message: expect.stringMatching(message) }] }]);
  });
});

describe('what is not a part of the table', () => {
  test.each([
    ['the row count of psql', 'key,name\nk,m\n(1 row)\n', 3, 'is the number of rows'],
    ['the row count of sqlcmd', 'name,key\nm,k\n\n(12 rows affected)\n', 4, 'is the number of rows'],
    ['the dashes of sqlcmd', 'key,name\n---,--------\nk,m\n', 2, 'contains only dashes'],
  ])('such as %s is an invalid row, unless it is meant', async (_what, content, row, problem) => {
    const message = expect.stringContaining(problem);
    const rows = await csv(content);
    expect(rows.map(({ kind }) => kind).toSorted()).toEqual(['invalid', 'row']);
    expect(rows).toContainEqual(expect.objectContaining({ kind: 'invalid', row, problems: [{ path: '', message }] }));
    const literal = await csv(content, { literal: true });
    const problems = literal.flatMap((each) => (each.kind === 'invalid' ? each.problems : []));
    expect(problems).not.toContainEqual({ path: '', message });
  });

  test('such as a Ctrl-Z at the end is ignored, but not within the file', async () => {
    expect(await csv('key\na\r\n\u001a')).toMatchObject([{ value: { key: 'a' } }]);
    expect(await csv('key\na\n\u001a\nb')).toMatchObject([{ kind: 'row' }, { kind: 'invalid' }, { kind: 'row' }]);
    expect((await read('a.ndjson', '{"room":{}}\n\u001a\u001a')).rows).toMatchObject([{ kind: 'row' }]);
  });
});

test('many empty lines cost no time, and are counted', async () => {
  const last = await csv(`key,name\na,b\n${'\n'.repeat(300_000)}c,d\n`);
  expect(last).toMatchObject([{ row: 2 }, { row: 300_003 }]);
});

test.each([
  ['a.csv', 'key\n', ' \n'],
  ['a.ndjson', '{"room":{}}\n', '\n'],
])(
  'a file %s with more rows than a worksheet is refused, even if they are empty',
  async (name, first, empty) => {
    await expect(read(name, first + empty.repeat(1_048_577))).rejects.toThrow('has more than 1048576 rows');
  },
  30_000,
);

test('letters that an earlier program has lost are refused, because two keys may have become one', async () => {
  const [row] = await csv('key\nna\ufffdve\n');
  expect(row).toMatchObject({ problems: [{ path: 'key', message: expect.stringContaining('U+FFFD') }] });
  expect(await csv('key\nna\ufffdve\n', { literal: true })).toMatchObject([{ value: { key: 'na\ufffdve' } }]);
  const json = JSON.stringify([{ key: 'na\ufffdve', room: {} }]);
  for (const [name, text] of [
    ['a.json', json],
    ['a.ndjson', json.slice(1, -1)],
  ] as const) {
    const message = expect.stringContaining('U+FFFD');
    expect((await read(name, text)).rows).toMatchObject([{ problems: [{ path: 'key', message }] }]);
    expect((await read(name, text, { literal: true })).rows).toMatchObject([{ value: { key: 'na\ufffdve' } }]);
  }
});

test.each([
  ['\ufeff <!doctype html>\n<title>Sign in</title>\n', 'is a document in HTML or XML'],
  ['<?xml version="1.0"?>\n<Error><Code>ExpiredToken</Code></Error>', 'is a document in HTML or XML'],
  ['%PDF-1.4\n', 'is a PDF document'],
  ['PAR1\u0015\u0004', 'is a Parquet file'],
  ['{\\rtf1\\ansi}', 'is a document in rich text'],
  ['name|region\na|eu-west-1\n', 'is a header separated by |: use commas'],
  ['"key", "name"\n', 'Remove the spaces before the quote'],
  ['key\n7" vinyl\n', 'double the quotes'],
  ['key\n"a \\"b\\""\n', 'Double each quote'],
  ['key\n"a\n', 'Close the quote'],
])('the file %j is refused by name, with the remedy', async (content, problem) => {
  for (const name of ['a.csv', 'a.txt']) await expect(read(name, content)).rejects.toThrow(problem);
});
