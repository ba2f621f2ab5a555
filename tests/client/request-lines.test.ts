import { describe, expect, test } from '@jest/globals';
import { readRequestLines } from '../../client/request-lines.ts';

const NOW = '2026-11-23T10:00:00.000Z';

async function read(...chunks: (Buffer | string)[]): Promise<string[]> {
  async function* source() {
    yield* chunks;
  }
  const lines: string[] = [];
  for await (const { name, body } of readRequestLines(source(), () => new Date(NOW))) lines.push(`${name}: ${body}`);
  return lines;
}

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

  test('a broken document is refused with the reason', async () => {
    await expect(read('[{"a":1},\n')).rejects.toThrow(/a single JSON document, which cannot be read: .*JSON/);
  });
});

test('an error of the source is passed on', async () => {
  async function* source() {
    yield '{"a":1}\n';
    throw new Error('the disk is gone');
  }
  const lines = readRequestLines(source(), () => new Date(NOW));
  await lines.next();
  await expect(lines.next()).rejects.toThrow('the disk is gone');
});
