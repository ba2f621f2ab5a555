import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type CliStack, openCliStack } from './cli-stack.ts';

let cli: CliStack;

beforeAll(async () => {
  cli = await openCliStack();
});
afterAll(() => cli.close());

function file(name: string, content: string | Uint8Array): string {
  writeFileSync(join(cli.cwd, name), content);
  return name;
}

async function run(...args: string[]) {
  const child = cli.greenroom(args);
  return { code: await child.ended, out: child.stdout, lines: child.stderr.trim().split('\n') };
}

const roomNames = () => cli.stack.ivsChat.rooms().map(({ name }) => name);
const request = (key: string) => JSON.stringify({ idempotencyKey: key, room: {} });

describe('bulk', () => {
  test('uploads a file with its encoding, so that the service reads the keys that the command has read', async () => {
    const content = Buffer.from('key;name;tag:city\n\xb3\xf3d\x9f;polish;\xa3\xf3d\x9f\n', 'latin1');
    const manifest = file('polish.csv.gz', gzipSync(content));
    const { code, lines } = await run('bulk', manifest, '--encoding', 'windows-1250');
    expect(lines[0]).toBe('Read polish.csv.gz as windows-1250, unpacked with gzip, separated by semicolons, 1 row');
    expect(code).toBe(0);
    const room = cli.stack.ivsChat.rooms().find(({ name }) => name === 'polish');
    expect(room?.tags).toMatchObject({ city: 'Łódź' });
    const { code: known, out } = await run(
      'bulk',
      file('same.csv', 'key,name,tag:city\nłódź,polish,Łódź\n'),
      '--dry-run',
    );
    expect(known).toBe(0);
    expect(out).toContain('find 1 existing room');
  }, 60_000);

  test('refuses a file whose encoding is not certain, and names the option', async () => {
    const { code, lines } = await run('bulk', file('latin.csv', Buffer.from('key\nZ\xfcrich\n', 'latin1')));
    expect(code).toBe(1);
    expect(lines[0]).toMatch(/^latin\.csv is not UTF-8: .*--encoding/);
  });

  test('leaves out rows in which a cell says that its value is missing, says which, and accepts them with --literal', async () => {
    const rows = Array.from({ length: 9 }, (_, index) => `miss-${index},NULL`);
    const manifest = file('missing.csv', ['key,tenant', ...rows, 'miss-9,sports', ''].join('\n'));
    const refused = await run('bulk', manifest, '--dry-run');
    expect(refused.code).toBe(1);
    expect(refused.lines.slice(1)).toEqual([
      'Of the 10 rows of missing.csv, 9 are invalid and will be left out:',
      expect.stringMatching(/^ {2}rows 2-10 \(9 rows\): tenant: is "NULL", .*--literal/),
    ]);
    const literal = await run('bulk', manifest, '--dry-run', '--literal');
    expect(literal).toMatchObject({ code: 0, out: expect.stringContaining('create 10 rooms') });
  });
});

describe('send', () => {
  test('does not send a request with the key of an earlier line if its room differs, and names both lines', async () => {
    const lines = ['one', 'two', 'one'].map((name) => JSON.stringify({ idempotencyKey: 'twice', room: { name } }));
    const path = file('twice.ndjson', lines.join('\n'));
    const { code, lines: said } = await run('send', path);
    expect(code).toBe(1);
    expect(said).toEqual([
      'line 2 (twice) is not a valid request: not sent; use --unchecked to send it',
      '  idempotencyKey: is also the key of line 1, which requests a different room: change one of the keys',
      `Read ${path} as UTF-8, NDJSON, 3 messages`,
      'Sent 2 of 3 requests to the interactive lane of stage local.',
    ]);
    expect(await run('send', path, '--unchecked')).toMatchObject({ code: 0 });
  });

  test('reads UTF-16, as PowerShell writes it', async () => {
    const utf16 = Buffer.from(`\ufeff${request('é-16')}\r\n`, 'utf16le');
    const { code, lines, out } = await run('send', file('utf16.ndjson', utf16), '--wait');
    expect(lines).toContain('Read utf16.ndjson as UTF-16, NDJSON, 1 message');
    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining('é-16') });
  });

  test('sends nothing from a file whose keys it cannot read, but sends the exact keys if the encoding is declared', async () => {
    const keys = ['caf\xe9', 'caf\xe8', 'caf\xea'].map((key) => request(key)).join('\n');
    const latin = file('latin.ndjson', Buffer.from(keys, 'latin1'));
    const rooms = roomNames().length;
    expect(await run('send', latin)).toMatchObject({
      code: 1,
      lines: [expect.stringMatching(/^error: latin\.ndjson is not UTF-8: .*--encoding/)],
    });
    const declared = await run('send', latin, '--encoding', 'windows-1252', '--wait');
    expect(declared.code).toBe(0);
    for (const key of ['café', 'cafè', 'cafê']) expect(declared.out).toContain(key);
    expect(roomNames()).toHaveLength(rooms + 3);
  });

  test.each([
    [
      'a CSV file',
      'send',
      'rooms.csv',
      'key,name\n1,a\n',
      /rooms\.csv is a CSV file: .*use greenroom bulk rooms\.csv$/,
    ],
    [
      'a live event',
      'send',
      'e.ndjson',
      '{"liveEventId":"a"}\n',
      /contains a live event: use greenroom schedule e\.nd/,
    ],
    ['a room request', 'schedule', 'r.ndjson', request('a'), /contains a room request: use greenroom send r\.ndjson$/],
  ])(
    '%s given to %s is refused in one line that names the right command',
    async (_what, command, name, text, message) => {
      const { code, lines } = await run(command, file(name, text));
      expect({ code, lines }).toEqual({ code: 1, lines: [expect.stringMatching(message)] });
    },
  );

  test('shows three of many lines with the same problem, and counts the others', async () => {
    const lines = Array.from({ length: 1_000 }, (_, index) =>
      JSON.stringify({ idempotencyKey: `bad-${index}`, rooms: 1 }),
    );
    const sent = await run('send', file('bad.ndjson', lines.join('\n')));
    expect(sent.code).toBe(1);
    expect(sent.lines.filter((line) => line.includes('is not a valid request'))).toHaveLength(3);
    expect(sent.lines).toContain('  … and 997 more messages with the same problem as line 1');
  });
});
