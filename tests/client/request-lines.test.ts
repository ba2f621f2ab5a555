import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { readRequestLines } from '../../client/request-lines.ts';
import type { FileFormat } from '../../lib/bulk/manifest-format.ts';

const NOW = '2026-11-23T10:00:00.000Z';

async function read(...chunks: (Buffer | string)[]): Promise<string[]> {
  async function* source() {
    yield* chunks;
  }
  const lines: string[] = [];
  for await (const { name, body } of readRequestLines(source(), () => new Date(NOW))) lines.push(`${name}: ${body}`);
  return lines;
}

test('a list is refused if an entry would lose a member, because the entries are written again', async () => {
  const list = '[\n{"idempotencyKey":"k"},\n{"idempotencyKey":"l","idempotencyKey":"m"}\n]';
  await expect(read(list)).rejects.toThrow('[1].idempotencyKey: appears twice');
  await expect(read('[{"a":1},]')).rejects.toThrow(/is a JSON list that cannot be read: .*; remove the comma/);
});

describe('NDJSON', () => {
  test('each line is a body, unchanged and even if it is broken; blank lines are counted and skipped', async () => {
    expect(await read('{"a":1}\n\n  \r\n{"cut\r\n{"b":2}')).toEqual([
      'line 1: {"a":1}',
      'line 4: {"cut',
      'line 5: {"b":2}',
    ]);
  });

  test('characters that SQS refuses are escaped, so that the completion can be matched to the sent body', async () => {
    expect(await read('{"idempotencyKey":"a\ufffe"}\n')).toEqual(['line 1: {"idempotencyKey":"a\\ufffe"}']);
  });

  test('chunks may split characters and lines anywhere', async () => {
    const bytes = Buffer.from('{"a":"Zürich"}\n{"b":"são"}\n');
    const single = [...bytes].map((byte) => Buffer.from([byte]));
    expect(await read(...single)).toEqual(['line 1: {"a":"Zürich"}', 'line 2: {"b":"são"}']);
  });

  test('a Unicode line separator within a string does not end a line', async () => {
    expect(await read('{"a":"one\u2028two"}\n')).toEqual(['line 1: {"a":"one\u2028two"}']);
  });

  test('every {{now}} is replaced by the present time', async () => {
    expect(await read('{"a":"{{now}}","b":"{{now}}"}')).toEqual([`line 1: {"a":"${NOW}","b":"${NOW}"}`]);
  });

  test('an empty input has no lines', async () => {
    expect(await read()).toEqual([]);
    expect(await read('\n')).toEqual([]);
  });
});

describe('one JSON document', () => {
  test('a list has one entry per message', async () => {
    expect(await read('\n[\n  {"a": "{{now}}"},\n', '{"b": 2}]\n')).toEqual([
      `entry 1: {"a":"${NOW}"}`,
      'entry 2: {"b":2}',
    ]);
  });

  test('a list on one line is not read as a line of NDJSON', async () => {
    expect(await read('[{"a":1},{"b":2}]')).toEqual(['entry 1: {"a":1}', 'entry 2: {"b":2}']);
  });

  test('an object over many lines is a single message', async () => {
    expect(await read('{\n  "a": 1\n}\n')).toEqual(['entry 1: {"a":1}']);
  });

  test('a document whose first line is a part of it is a single message, whatever that line looks like', async () => {
    expect(await read('{"a": {"b": "}{",\n"c": 1},\n"d": 2}')).toEqual(['entry 1: {"a":{"b":"}{","c":1},"d":2}']);
    expect(await read('{"a": [\n{"b": 1},\n{"b": 2}\n]}')).toEqual(['entry 1: {"a":[{"b":1},{"b":2}]}']);
  });

  test('a document that is cut off is refused, even if one of its lines is a message', async () => {
    await expect(read('{"a": [\n{"b":1},\n{"b":2}\n')).rejects.toThrow(
      /The file is one JSON document over several lines, which cannot be read/,
    );
  });

  test('a single line without its last bracket is not called several lines', async () => {
    await expect(read('{"idempotencyKey":"a","room":{}\n')).rejects.toThrow(
      /The file is one JSON document whose end is missing, or has too few closing brackets: /,
    );
  });

  test.each([
    ['a document', '{\n"a":"'],
    ['a line', '{"a":"'],
    ['a later line', '{"a":1}\n{"a":"'],
  ])('%s that never ends is refused before it fills the memory', async (_what, beginning) => {
    async function* endless() {
      yield beginning;
      const piece = 'x'.repeat(1_048_576);
      for (;;) yield piece;
    }
    const readAll = async () => {
      for await (const _ of readRequestLines(endless(), () => new Date(NOW)));
    };
    await expect(readAll()).rejects.toThrow(
      /^The file contains more than 100 MiB that must be read at once: write one message/,
    );
  });

  test('but any number of lines is read', async () => {
    async function* lines() {
      const line = `{"a":"${'x'.repeat(1_048_576)}"}\n`;
      for (let count = 0; count < 101; count++) yield line;
    }
    let count = 0;
    for await (const _ of readRequestLines(lines(), () => new Date(NOW))) count += 1;
    expect(count).toBe(101);
  });

  test('a broken document is refused with the reason', async () => {
    await expect(read('[{"a":1},\n')).rejects.toThrow(/is a JSON list that cannot be read: .*JSON/);
  });
});

describe('the encoding', () => {
  const LINES = '{"a":"é"}\n{"a":"ü"}\n';
  const READ = ['line 1: {"a":"é"}', 'line 2: {"a":"ü"}'];
  const latin1 = Buffer.from(LINES, 'latin1');

  async function readAs(bytes: Buffer, encoding?: string) {
    const bodies: string[] = [];
    const formats: FileFormat[] = [];
    const file = { name: 'a.ndjson', encoding, onFormat: (format: FileFormat) => formats.push(format) };
    const lines = readRequestLines(Readable.from([bytes.subarray(0, 9), bytes.subarray(9)]), () => new Date(NOW), file);
    for await (const { name, body } of lines) bodies.push(`${name}: ${body}`);
    return { bodies, formats };
  }

  test('of a file that shows it is recognised and reported', async () => {
    const utf16 = Buffer.from(`\ufeff${LINES}`, 'utf16le');
    const layout = { kind: 'ndjson' };
    expect(await readAs(utf16)).toEqual({
      bodies: READ,
      formats: [{ encoding: 'utf-16le', isCompressed: false, layout }],
    });
    expect(await readAs(gzipSync(LINES))).toEqual({
      bodies: READ,
      formats: [{ encoding: 'utf-8', isCompressed: true, layout }],
    });
  });

  test('must be declared if the file is not UTF-8, so that several keys never become one', async () => {
    await expect(readAs(latin1)).rejects.toThrow(/^a\.ndjson is not UTF-8: .*--encoding/);
    expect(await readAs(latin1, 'windows-1252')).toMatchObject({ bodies: READ });
  });

  test('is checked to the end before the first line is sent, if it is declared', async () => {
    const lines: string[] = [];
    const reading = (async () => {
      const file = { encoding: 'windows-1252' };
      for await (const { body } of readRequestLines(Readable.from([Buffer.from(LINES)]), () => new Date(NOW), file))
        lines.push(body);
    })();
    await expect(reading).rejects.toThrow('The file is UTF-8, but is declared as windows-1252: leave out the encoding');
    expect(lines).toEqual([]);
  });

  test('of joined files may leave byte order marks at the start of lines', async () => {
    expect(await read('\ufeff{"a":1}\n\ufeff{"b":2}\n')).toEqual(['line 1: {"a":1}', 'line 2: {"b":2}']);
  });
});

test.each(['key,name\n1,a\n', 'sep=;\nkey;name\n', '"name"\n"a"\n'])(
  'a CSV file is refused with the command that reads it: %j',
  async (text) => {
    await expect(read(text)).rejects.toThrow('is a CSV file: to request a room for each row, use greenroom bulk FILE');
  },
);

test('an error of the source is passed on', async () => {
  async function* source() {
    yield '{"a":1}\n';
    throw new Error('the disk is gone');
  }
  const lines = readRequestLines(source(), () => new Date(NOW));
  await lines.next();
  await expect(lines.next()).rejects.toThrow('the disk is gone');
});
