import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ManifestError } from '../../../lib/bulk/manifest-error.ts';
import { namespaceOf, type PlannedRow, planRows } from '../../../lib/bulk/plan-rows.ts';
import { type ReadRow, readManifest } from '../../../lib/bulk/read-manifest.ts';

/** The bytes of a text in pieces of this size, so that characters, quotes and line ends are split. */
async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

async function read(fileName: string, content: string | Uint8Array, pieceSize = 64): Promise<ReadRow[]> {
  const rows: ReadRow[] = [];
  for await (const row of readManifest(inPieces(Buffer.from(content), pieceSize), fileName, 'eu-west-1'))
    rows.push(row);
  return rows;
}

async function plan(fileName: string, content: string): Promise<PlannedRow[]> {
  const rows: PlannedRow[] = [];
  const read = readManifest(inPieces(Buffer.from(content), 1_000), fileName, 'eu-west-1');
  for await (const row of planRows(read, { namespace: namespaceOf(fileName), defaultRegion: 'eu-west-1' }))
    rows.push(row);
  return rows;
}

const refusal = (fileName: string, content: string | Uint8Array): Promise<unknown> =>
  read(fileName, content, 65_536).catch((error: unknown) => error);

const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
const pieceSizes = fc.integer({ min: 1, max: 50 });

describe('whatever a manifest contains', () => {
  const cells = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 12 }),
    fc.constantFrom('"', '""', ',', '\r\n', '\n', '\r', 'a"b', '=1+1', '\ufeff', '\u2028', ' ', '|'),
  );

  test('a cell of a CSV is read as it was written, in pieces of any size, with any line end, with or without a byte order mark', async () => {
    const property = fc.asyncProperty(
      fc.array(cells, { minLength: 1, maxLength: 5 }),
      fc.constantFrom('\n', '\r\n'),
      fc.boolean(),
      pieceSizes,
      async (tenants, lineEnd, mark, pieceSize) => {
        // Any text can be tried as a tenant: if it is invalid, the problem quotes it.
        const lines = ['tenant,key', ...tenants.map((tenant, index) => `${quoted(tenant)},k${index}`)];
        const rows = await read('a.csv', (mark ? '\ufeff' : '') + lines.join(lineEnd), pieceSize);
        expect(rows.map(({ row }) => row)).toEqual(tenants.map((_, index) => index + 2));
        const valid = tenants.map((tenant) => /^[A-Za-z0-9_.-]{1,64}$/.test(tenant) || tenant.trim() === '');
        expect(rows.map(({ kind }) => kind === 'row')).toEqual(valid);
      },
    );
    await fc.assert(property, { numRuns: 300 });
  });

  test('an array of JSON is read as JSON.parse reads it', async () => {
    const property = fc.asyncProperty(
      fc.array(fc.jsonValue(), { minLength: 1, maxLength: 6 }),
      fc.constantFrom(undefined, 2),
      pieceSizes,
      async (values, indent, pieceSize) => {
        const asRows = values.map((value) => ({
          room: { tags: { value: JSON.stringify(value) } },
          key: JSON.stringify(value),
        }));
        const rows = await read('a.json', JSON.stringify(asRows, null, indent), pieceSize);
        const lines = asRows.map((row) => JSON.stringify(row)).join('\r\n');
        const same = await read('a.ndjson', lines, pieceSize);
        expect(rows).toEqual(same);
        expect(rows).toHaveLength(values.length);
      },
    );
    await fc.assert(property, { numRuns: 300 });
  });

  test('bytes that are not a manifest cause a ManifestError and no other error', async () => {
    const parts = fc.constantFrom(
      'key',
      'name',
      ',',
      '"',
      '\n',
      '\r',
      '[',
      ']',
      '{',
      '}',
      ':',
      '{"room":{}}',
      '\\',
      '\0',
      'ä',
    );
    const texts = fc.array(parts, { maxLength: 30 }).map((all) => Buffer.from(all.join('')));
    const bytes = fc.oneof(texts, fc.uint8Array({ maxLength: 60 }));
    const property = fc.asyncProperty(
      bytes,
      fc.constantFrom('a.csv', 'a.json', 'a.jsonl'),
      pieceSizes,
      async (content, name, size) => {
        try {
          for (const { kind } of await read(name, content, size)) expect(['row', 'invalid']).toContain(kind);
        } catch (error) {
          expect(error).toBeInstanceOf(ManifestError);
          expect(error).toMatchObject({ message: expect.stringMatching(/\S/) });
        }
      },
    );
    await fc.assert(property, { numRuns: 2_000 });
  });
});

describe('a CSV', () => {
  test('can contain every field of CreateRoom', async () => {
    const arns = ['a', 'b', 'c'].map((id) => `arn:aws:ivschat:us-east-1:1:logging-configuration/${id}`);
    const uri = 'arn:aws:lambda:us-east-1:123456789012:function:f';
    const header = [
      ...['name', 'maximumMessageRatePerSecond', 'maximumMessageLength', 'messageReviewHandler.uri'],
      ...[
        'messageReviewHandler.fallbackResult',
        'loggingConfigurationIdentifiers',
        'tag:two words',
        'region',
        'tenant',
        'key',
      ],
    ];
    const cells = ['hall', '100', '500', uri, 'ALLOW', arns.join('|'), 'value', 'us-east-1', 'sports', 'k'];
    const [row] = await read('a.csv', `${header.join(',')}\n${cells.join(',')}`);
    expect(row).toMatchObject({
      kind: 'row',
      value: {
        key: 'k',
        region: 'us-east-1',
        tenant: 'sports',
        room: {
          name: 'hall',
          maximumMessageRatePerSecond: 100,
          maximumMessageLength: 500,
          messageReviewHandler: { uri, fallbackResult: 'ALLOW' },
          loggingConfigurationIdentifiers: arns,
          tags: { 'two words': 'value' },
        },
      },
    });
  });

  test.each<[string, string, { path: string; message: RegExp }[]]>([
    [
      'every bad cell by its column',
      'name,maximumMessageLength,tag:a b,loggingConfigurationIdentifiers\nx y,1.5,#,arn|arn',
      [
        { path: 'name', message: /letters/ },
        { path: 'maximumMessageLength', message: /whole number from 1 to 500/ },
        { path: 'tag:a b', message: /value may contain only/ },
        { path: 'loggingConfigurationIdentifiers', message: /ARN/ },
      ],
    ],
    ['a cell too many', 'key,name\n1,2,3', [{ path: 'column 3', message: /not in the header, which has 2 columns/ }]],
    ['a cell under a column without a name', 'key,\n1,2', [{ path: 'column 2', message: /no name in the header/ }]],
  ])('names %s', async (_what, content, problems) => {
    const [row] = await read('a.csv', content);
    const found = row?.kind === 'invalid' ? row.problems : [];
    // The two bad ARNs are in one cell.
    const distinct = found.filter(({ path }, index) => found.findIndex((other) => other.path === path) === index);
    expect(distinct).toEqual(problems.map(({ path, message }) => ({ path, message: expect.stringMatching(message) })));
  });

  test('names a function and a logging configuration of another region by their columns, beside all other problems', async () => {
    const uri = 'arn:aws:lambda:us-east-1:123456789012:function:f';
    const logs = 'arn:aws:ivschat:eu-central-1:123456789012:logging-configuration/a';
    const header = 'name,region,messageReviewHandler.uri,loggingConfigurationIdentifiers';
    const rows = await read('a.csv', `${header}\na b,,${uri},${logs}\nhall,us-east-1,${uri},\n`);
    expect(rows).toMatchObject([
      {
        kind: 'invalid',
        problems: [
          { path: 'name' },
          {
            path: 'messageReviewHandler.uri',
            message: expect.stringMatching(/^is a function in us-east-1, but .* eu-west-1/),
          },
          { path: 'loggingConfigurationIdentifiers', message: expect.stringMatching(/set region to eu-central-1$/) },
        ],
      },
      { kind: 'row' },
    ]);
  });

  test.each([
    ['nmae', /did you mean "name"/],
    ['MaximumMessageLenght', /did you mean "maximumMessageLength"/],
    ['idempotencyKey', /did you mean "key"/],
    ['uri', /did you mean "messageReviewHandler\.uri"/],
    ['something else altogether', /the columns are key, region/],
    ['tag:aws:x', /reserved for AWS/],
    ['tag:', /1 to 128 characters/],
    ['key;nmae', /did you mean "name"/],
    ['nmae\tkey', /did you mean "name"/],
    ['FallbackResult', /did you mean "messageReviewHandler\.fallbackResult"/],
    ['Tag:event', /did you mean "tag:event"/],
    ['Metadata:source', /did you mean "metadata:source"/],
  ])('with the column %s is refused with a hint', async (column, message) => {
    expect(await refusal('a.csv', `${column}\nx`)).toMatchObject({ message: expect.stringMatching(message) });
  });

  test('with several columns is not mistaken for one with another separator', async () => {
    const error = await refusal('a.csv', 'key,a;b\n1,2');
    expect(error).toMatchObject({
      message: expect.stringMatching(/^column "a;b": is not a known column; the columns are/),
    });
  });

  test.each([';', '\t', ','])(
    'with no correct name is split at %j, so that each name has its hint',
    async (separator) => {
      const error = await refusal('a.csv', `${['Name', 'Region', 'Tag:a'].join(separator)}\n1`);
      expect(error).toMatchObject({
        problems: ['Name', 'Region', 'Tag:a'].map((name) => ({
          path: `column "${name}"`,
          message: `is not a known column: did you mean "${name.toLowerCase()}"?`,
        })),
      });
    },
  );

  test('in another language is split at its separator', async () => {
    const error = await refusal('a.csv', 'Raum;Ort\n1;2');
    expect(error).toMatchObject({ problems: [{ path: 'column "Raum"' }, { path: 'column "Ort"' }] });
  });

  test.each([
    ['key,name\na,"open\nb,c\n\nd,e\n', 2],
    ['key,name\na,b\n"c\nd",e\nf,"open', 4],
    ['key,"name\na,b\n', 1],
  ])('names the row of a quote that is not closed: %j', async (text, row) => {
    const error = await refusal('a.csv', text);
    const [problem] = error instanceof ManifestError ? error.problems : [];
    expect(problem).toMatchObject({
      path: `row ${row}`,
      message: expect.stringContaining('a quote is opened in this row'),
    });
    expect(problem?.message).not.toMatch(/line \d/);
  });

  test('must begin with its header', async () => {
    const error = await refusal('a.csv', ' ,\nkey,name\n1,2');
    expect(error).toMatchObject({ message: 'row 1: is empty: the first row must name the columns' });
  });

  test('may mix line ends, as joined files do', async () => {
    const rows = await read('a.csv', 'key\r\na\nb\r\nc\rd');
    expect(rows).toMatchObject(['a', 'b', 'c', 'd'].map((key, index) => ({ row: index + 2, value: { key } })));
  });

  test('may have columns without a name, spaces around names, and lines that end in CR only', async () => {
    const rows = await read('a.csv', ' key ,, tag:a ,,tag:b\r1,,2, ,3\r');
    expect(rows).toEqual([
      { row: 2, place: 1, kind: 'row', value: { key: '1', tenant: 'default', room: { tags: { a: '2', b: '3' } } } },
    ]);
  });

  test.each([
    ['500', true],
    [' 50 ', true],
    ['5', true],
    ['1e2', false],
    ['0x10', false],
    ['+5', false],
    ['5.0', true],
    ['5.00', true],
    ['5,0', true],
    ['5.000', false],
    ['5.5', false],
    ['5.', false],
    ['-5', false],
    ['501', false],
    ['99999999999999999999', false],
  ])('accepts %j as maximumMessageLength: %s', async (cell, isTaken) => {
    const [row] = await read('a.csv', `maximumMessageLength,key\n"${cell}",a`);
    expect(row?.kind).toBe(isTaken ? 'row' : 'invalid');
  });

  test('reports all problems of a row: of its cells, and of cells beyond the columns', async () => {
    const [row] = await read('a.csv', 'tag:event,name\n#,bad name,3');
    expect(row).toMatchObject({
      kind: 'invalid',
      problems: [{ path: 'column 3' }, { path: 'name' }, { path: 'tag:event' }],
    });
  });

  test('names all unknown columns together', async () => {
    const error = await refusal('a.csv', 'nmae,key,key,colour\n1,2,3,4');
    expect(error).toMatchObject({ problems: [{}, {}, {}] });
  });

  test('counts rows as a spreadsheet does: the header and empty rows count, line breaks in cells do not', async () => {
    const rows = await read('a.csv', 'key,tag:a\n1,"x\ny"\n\n,\n2,\n');
    expect(rows.map(({ row, place }) => [row, place])).toEqual([
      [2, 1],
      [5, 2],
    ]);
  });
});

describe('a file with JSON', () => {
  const TWICE = '{"key":"a","room":{"name":"x","name":"y"}}';
  const twice = {
    kind: 'invalid',
    problems: [{ path: 'room.name', message: expect.stringMatching(/^appears twice/) }],
  };

  test.each([
    ['a.ndjson', `${TWICE}\n`],
    ['a.json', `[${TWICE}]`],
    ['a.json', TWICE.replace('{', '{\n')],
  ])('in %s does not lose a member that appears twice: %j', async (name, content) => {
    expect(await read(name, content)).toMatchObject([{ ...twice, row: 1 }]);
  });

  test.each([
    ['a comma after the last row', '[{"room":{}},\n]', 'remove the extra comma'],
    ['a comma after the last member', '[{"room":{},}]', 'remove the comma before the closing bracket'],
    ['a comment', '[{"room":{} /* main */}]', 'remove the comments'],
    ['names without quotes', '[{room:{}}]', 'in double quotes'],
    ['texts of Python', "[{'room':{}}]", 'in double quotes'],
    ['typographic quotes', '[{\u201croom\u201d:{}}]', 'typographic quotes'],
    ['a missing number', '[{"room":{"maximumMessageLength":NaN}}]', 'write null'],
  ])('that has %s is refused with the remedy', async (_what, content, remedy) => {
    const rows = await read('a.json', content);
    expect(rows.at(-1)).toMatchObject({ problems: [{ message: expect.stringContaining(remedy) }] });
  });

  test('in lines counts the lines, names fields as they are written, and skips blank lines', async () => {
    expect(await read('A.NDJSON', '{"room":{}}\n \n{"room":{"name":"a b"}}\nwhat?\n')).toMatchObject([
      { row: 1, place: 1, kind: 'row' },
      { row: 3, place: 2, kind: 'invalid', problems: [{ path: 'room.name' }] },
      {
        row: 4,
        place: 3,
        kind: 'invalid',
        problems: [{ path: '', message: expect.stringMatching(/^is not JSON: ./) }],
      },
    ]);
  });

  test('with an array counts its elements, and continues after an element that is not a row', async () => {
    const content = '\n [ {"room":{"name":"a]b,c\\"["}}, [1,2] ,, {"room":{}} ] \n';
    for (const pieceSize of [1, 1_000])
      expect(await read('a.json', content, pieceSize)).toMatchObject([
        { row: 1, kind: 'invalid', problems: [{ path: 'room.name' }] },
        { row: 2, kind: 'invalid', problems: [{ path: '' }] },
        { row: 3, kind: 'invalid', problems: [{ path: '', message: expect.stringMatching(/^is not JSON/) }] },
        { row: 4, place: 4, kind: 'row' },
      ]);
  });

  test.each([
    ['nothing', '', 'must be a JSON array: [ … ]'],
    ['something before its array', 'x [{"room":{}}]', 'must be a JSON array: [ … ]'],
    ['an empty array', '[ ]', 'contains no rows'],
    ['an array without an end', '[{"room":{}}', 'ends in the middle of its array'],
    ['something after its array', '[{"room":{}}] x', 'continues after the end of its array'],
    ['two arrays', '[{"room":{}}][]', 'continues after the end of its array'],
    ['a comma after its array', '[{"room":{}}],', 'continues after the end of its array'],
    ['one bracket too many', '[{"room":{}}]]', 'continues after the end of its array'],
  ])('with %s is refused', async (_what, content, message) => {
    for (const pieceSize of [1, 1_000])
      expect(await read('a.json', content, pieceSize).catch((error: unknown) => error)).toMatchObject({ message });
  });

  test('has an invalid row after a comma at the end of its array', async () => {
    expect(await read('a.json', '[{"room":{}},]')).toMatchObject([{ kind: 'row' }, { row: 2, kind: 'invalid' }]);
  });

  test.each(['a.ndjson', 'a.json'])('%s may contain rows of up to a mebibyte', async (name) => {
    const row = '{"room":{}}'.padEnd(1_048_576);
    const [before, after] = name === 'a.json' ? ['[', ']'] : ['', ''];
    expect(await read(name, before + row + after, 65_536)).toMatchObject([{ kind: 'row' }]);
    expect(await refusal(name, `${before}${row} ${after}`)).toMatchObject({ message: 'row 1: is longer than 1 MiB' });
  });
});

test.each([
  [50_000, undefined],
  [50_001, 'has more than 50000 rows: split it into several manifests'],
])(
  'the problem of a manifest of %i rows is: %s',
  async (count, message) => {
    const error = await refusal('a.ndjson', '{"room":{}}\n'.repeat(count));
    expect(error instanceof ManifestError ? error.message : undefined).toBe(message);
  },
  60_000,
);

test.each(['a.xlsx', 'csv', 'a.gz', 'a.csv2', ''])('%j has no known format', async (name) => {
  const message =
    'has an unknown file name extension: use one of .csv, .ndjson, .jsonl, .json, .tsv, .txt, optionally followed by .gz';
  expect(await refusal(name, 'key\na')).toMatchObject({ message });
});

test('a key that is repeated with another region is reused for another room, but with another tenant it is not', async () => {
  const rows = ['k,eu-west-1,', 'k,us-east-1,', 'k,eu-west-1,sports', 'k,,'];
  expect(await plan('a.csv', ['key,region,tenant', ...rows].join('\n'))).toMatchObject([
    { kind: 'request', request: { region: 'eu-west-1' } },
    { kind: 'invalid', problems: [{ path: 'key', message: expect.stringMatching(/^is also the key of row 2, /) }] },
    { kind: 'repeated' },
    { kind: 'repeated' },
  ]);
});

test('a key that is repeated with empty members of the room is repeated for the same room', async () => {
  const rows = [{}, { tags: {} }, { tags: null, loggingConfigurationIdentifiers: [] }].map((room) => ({
    key: 'k',
    room,
  }));
  expect(await plan('a.json', JSON.stringify(rows))).toMatchObject([
    { kind: 'request' },
    { kind: 'repeated' },
    { kind: 'repeated' },
  ]);
});

describe('a row', () => {
  test('is refused if it is longer than a mebibyte, because its end is missing', async () => {
    const endless = 'x'.repeat(1_100_000);
    for (const [name, content] of [
      ['a.csv', `key\n"${endless}\n`],
      ['a.ndjson', `{"room":{}}\n${endless}`],
      ['a.json', `[{"room":{}}, "${endless}`],
    ] as const)
      expect(await refusal(name, content)).toMatchObject({
        name: 'ManifestError',
        message: expect.stringMatching(/row [23]/),
      });
  });

  test('has the same key wherever it is in the manifest, and each of several equal rows has its own key', async () => {
    const rows = fc.array(fc.record({ name: fc.constantFrom('a', 'b', 'c'), tenant: fc.constantFrom('x', 'y') }), {
      minLength: 1,
      maxLength: 12,
    });
    const keysOf = async (all: { name: string; tenant: string }[]) => {
      const lines = ['name,tenant', ...all.map(({ name, tenant }) => `${name},${tenant}`)];
      return (await plan('halls.csv', lines.join('\n'))).map(
        (row) => row.kind === 'request' && row.request.idempotencyKey,
      );
    };
    const property = fc.asyncProperty(rows, async (all) => {
      const keys = await keysOf(all);
      expect(new Set(keys).size).toBe(all.length);
      expect((await keysOf(all.toReversed())).sort()).toEqual(keys.sort());
    });
    await fc.assert(property, { numRuns: 100 });
  });

  test('has another key in a manifest of another name, and in another region', async () => {
    const key = async (name: string, content: string) => {
      const [row] = await plan(name, content);
      return row?.kind === 'request' ? row.request.idempotencyKey : undefined;
    };
    const keys = [
      await key('x/halls.csv', 'name\na\n'),
      await key('halls.json', '[{"room":{"name":"a"}}]'),
      await key('halls.csv', 'name,region,tenant\na,eu-west-1,default\n'),
      await key('halls.csv', 'name,region\na,us-east-1\n'),
      await key('other.csv', 'name\na\n'),
    ];
    expect(new Set(keys.slice(0, 3)).size).toBe(1);
    expect(new Set(keys).size).toBe(3);
  });

  test('that repeats an earlier row is distinguished from one that uses its key for another room', async () => {
    const rows = await plan('a.csv', 'key,name\nk,a\nk,a\nk,b\nl,a\n');
    expect(rows.map(({ kind }) => kind)).toEqual(['request', 'repeated', 'invalid', 'request']);
  });
});

test.each([
  ['manifests/2026/rooms.csv', 'rooms'],
  ['Räume für März.ndjson', 'Räume für März'],
  ['a\nb\u2028.csv', 'a-b-'],
  ['Ra\u0308ume.csv', 'R\u00e4ume'],
  ['rooms.csv.gz', 'rooms'],
  ['my.rooms.csv', 'my.rooms'],
  ['.csv', 'manifest'],
  [`${'x'.repeat(300)}.csv`, 'x'.repeat(128)],
])('the namespace of %j is %j', (fileName, namespace) => {
  expect(namespaceOf(fileName)).toBe(namespace);
});

test.each([
  ['a.csv', 'key,name\n" k",hall\n', 'begins with a space (U+0020)'],
  ['a.csv', 'key,name\nk\u00a0,hall\n', 'ends with a no-break space (U+00A0)'],
  ['a.ndjson', '{"key":"\u200bk","room":{}}\n', 'begins with a zero-width space (U+200B)'],
])('white space around a key is refused in %s, and never trimmed: %j', async (name, text, problem) => {
  const [row] = await plan(name, text);
  expect(row).toMatchObject({
    kind: 'invalid',
    problems: [{ path: 'key', message: expect.stringContaining(problem) }],
  });
});

test('a key from an earlier report may be used again, and a key of a live event is refused with its row', async () => {
  const lines = ['key,name', 'bulk/rooms/abc/1,hall', 'live/final/main,hall', 'mine,hall'];
  expect(await plan('a.csv', lines.join('\n'))).toMatchObject([
    { kind: 'request', request: { idempotencyKey: 'bulk/rooms/abc/1' } },
    {
      row: 3,
      kind: 'invalid',
      problems: [{ path: 'key', message: expect.stringMatching(/^must not begin with "live\/"/) }],
    },
    { kind: 'request', request: { idempotencyKey: 'mine' } },
  ]);
});
