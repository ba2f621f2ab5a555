import { isUtf8 } from 'node:buffer';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readText } from '../../../lib/input/read-text.ts';
import { CODE_PAGE_NAMES, encodeText, inPieces, UNICODE_NAMES } from '../../support/encode-text.ts';
import { must } from '../../support/must.ts';

async function read(bytes: Uint8Array, declared?: string, pieceSize = 7) {
  const { texts, ...format } = await readText(inPieces(bytes, pieceSize), declared);
  let text = '';
  for await (const piece of texts) text += piece;
  return { text, ...format };
}

const refusal = (bytes: Uint8Array, declared?: string) => read(bytes, declared).catch((error: unknown) => error);
const TEXT = 'key;name\r\nZürich €;São 😀\r\n';
const encoded = (text: string, encoding: string) => must(encodeText(text, encoding));

describe('without a declaration', () => {
  test.each([
    ['UTF-8', 'utf-8', encoded(TEXT, 'utf-8')],
    ['UTF-8 with a byte order mark', 'utf-8', encoded(`\ufeff${TEXT}`, 'utf-8')],
    ['UTF-16LE with a byte order mark', 'utf-16le', encoded(`\ufeff${TEXT}`, 'utf-16le')],
    ['UTF-16BE with a byte order mark', 'utf-16be', encoded(`\ufeff${TEXT}`, 'utf-16be')],
    ['UTF-16LE that begins with ASCII', 'utf-16le', encoded(TEXT, 'utf-16le')],
    ['UTF-16BE that begins with ASCII', 'utf-16be', encoded(TEXT, 'utf-16be')],
  ])('%s is recognised, also when it is compressed', async (_what, encoding, bytes) => {
    for (const pieceSize of [1, 2, 3, 100]) {
      expect(await read(bytes, undefined, pieceSize)).toEqual({ text: TEXT, encoding, isCompressed: false });
      const packed = gzipSync(bytes);
      expect(await read(packed, undefined, pieceSize)).toEqual({ text: TEXT, encoding, isCompressed: true });
    }
  });

  test.each(['', 'k', 'ke', 'key'])('the short text %j is recognised', async (text) => {
    for (const encoding of UNICODE_NAMES) expect(await read(encoded(text, encoding))).toMatchObject({ text });
  });

  test.each(CODE_PAGE_NAMES)('a text in %s is refused with the remedy', async (encoding) => {
    const text = encoding === 'shift_jis' ? 'key\n日本\n' : 'key\n€\n';
    expect(await refusal(encoded(text, encoding))).toMatchObject({
      name: 'InputError',
      message: expect.stringMatching(/^is not UTF-8: save it as UTF-8 .*--encoding .*metadata greenroom-encoding/),
    });
  });

  test.each<[string, number[], RegExp]>([
    ['UTF-32LE with a byte order mark', [0xff, 0xfe, 0, 0, 0x6b, 0, 0, 0], /^is UTF-32, .*save it as UTF-8/],
    ['UTF-32BE with a byte order mark', [0, 0, 0xfe, 0xff, 0, 0, 0, 0x6b], /^is UTF-32/],
    ['UTF-32LE', [0x6b, 0, 0, 0, 0x65, 0, 0, 0], /^is UTF-32/],
    ['UTF-32BE', [0, 0, 0, 0x6b, 0, 0, 0, 0x65], /^is UTF-32/],
    ['half a character of UTF-8', [0x6b, 0xc3], /^is not UTF-8/],
    ['half of a surrogate pair in UTF-8', [0x6b, 0xed, 0xa0, 0x80], /^is not UTF-8/],
    ['half of a surrogate pair in UTF-16', [0xff, 0xfe, 0x6b, 0, 0x3d, 0xd8], /^is not UTF-16/],
    ['half a character of UTF-16', [0xff, 0xfe, 0x6b, 0, 0x65], /^is not UTF-16/],
    ['NUL characters', [0x6b, 0x65, 0x79, 0x0a, 0x00, 0x61], /^contains NUL characters/],
    ['UTF-16 that does not begin with ASCII', [0xfc, 0, 0x6b, 0, 0x65, 0, 0x79, 0], /^is not UTF-8/],
    ['a new Excel workbook', [0x50, 0x4b, 3, 4, 0x14], /^is an Excel workbook or another ZIP/],
    ['an old Excel workbook', [0xd0, 0xcf, 0x11, 0xe0, 0xa1], /^is an Excel workbook: save/],
    ['an xz file', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], /^is compressed with xz/],
    ['a bzip2 file', [0x42, 0x5a, 0x68, 0x39], /^is compressed with bzip2/],
    ['a zstd file', [...zstdCompressSync('key\n')], /^is compressed with zstd/],
  ])('%s is refused by its name', async (_what, bytes, message) => {
    expect(await refusal(Uint8Array.from(bytes))).toMatchObject({ message: expect.stringMatching(message) });
  });
});

describe('with a declared encoding', () => {
  test('each letter is the letter of that encoding', async () => {
    const bytes = Uint8Array.of(0x6b, 0x0a, 0xb3, 0x80, 0x92);
    expect(await read(bytes, 'windows-1252')).toMatchObject({ text: 'k\n³€’', encoding: 'windows-1252' });
    expect(await read(bytes, 'windows-1250')).toMatchObject({ text: 'k\nł€’', encoding: 'windows-1250' });
    expect(await read(bytes, 'latin1')).toMatchObject({ text: 'k\n³€’', encoding: 'windows-1252' });
    expect(await read(encoded(TEXT, 'utf-16le'), 'UTF-16')).toMatchObject({ text: TEXT, encoding: 'utf-16le' });
  });

  test.each([
    ['ANSI', /"ANSI", which is not a known encoding: did you mean windows-1252/],
    ['1250', /did you mean windows-1250\?/],
    ['win1251', /did you mean windows-1251\?/],
    ['utf_8', /did you mean utf-8\?/],
    ['UTF16LE', /did you mean utf-16le\?/],
    ['8859-15', /did you mean iso-8859-15\?/],
    ['cp850', /use a name such as/],
  ])('the unknown name %s is refused with a suggestion', async (declared, message) => {
    expect(await refusal(Buffer.from('key\n'), declared)).toMatchObject({ message: expect.stringMatching(message) });
  });

  test.each<[string, Uint8Array, string, RegExp]>([
    ['UTF-8, as its mark shows', Buffer.from('\ufeffkey\n'), 'windows-1252', /^is UTF-8, as its first bytes show/],
    ['UTF-16, as its mark shows', encoded('\ufeffkey\n', 'utf-16be'), 'utf-16le', /^is UTF-16BE, .*leave out the enc/],
    ['UTF-8, as every letter shows', Buffer.from('key\nZürich\n'), 'windows-1252', /^is UTF-8, but is declared as/],
    ['not that encoding', Uint8Array.of(0x6b, 0x93), 'shift_jis', /^contains bytes that are not shift_jis/],
    ['bytes without a letter', Uint8Array.of(0x6b, 0x81), 'windows-1252', /^contains bytes that are not windows-1252/],
  ])('a file that is %s is refused', async (_what, bytes, declared, message) => {
    expect(await refusal(bytes, declared)).toMatchObject({ message: expect.stringMatching(message) });
  });
});

describe('a compressed file', () => {
  const packed = gzipSync('key\na\n');

  test('may consist of several members, as joined files do', async () => {
    const joined = Buffer.concat([packed, gzipSync('b\n')]);
    for (const pieceSize of [1, packed.length, 1_000])
      expect(await read(joined, undefined, pieceSize)).toMatchObject({ text: 'key\na\nb\n' });
  });

  test.each<[string, Uint8Array, RegExp]>([
    ['is cut off', packed.subarray(0, -5), /^is compressed with gzip, but cannot be unpacked/],
    [
      'is damaged',
      Buffer.concat([packed.subarray(0, 14), Buffer.from('xxxxxxxx')]),
      /^is (not UTF-8|compressed with gzip, but cannot be unpacked)/,
    ],
    ['goes on after its end', Buffer.concat([packed, Buffer.from('b\n')]), /cannot be unpacked/],
    ['is compressed twice', gzipSync(packed), /^is compressed twice/],
    ['contains an archive', gzipSync(Buffer.from('PK\u0003\u0004')), /^is an Excel workbook or another ZIP/],
  ])('that %s is refused', async (_what, bytes, message) => {
    for (const pieceSize of [1, packed.length, 1_000])
      await expect(read(bytes, undefined, pieceSize)).rejects.toThrow(message);
  });

  test('is unpacked to 100 MiB and no further, and the unpacked bytes are not kept', async () => {
    const limit = 100 * 1_048_576;
    const unpacked = async (size: number) => {
      const { texts } = await readText(inPieces(gzipSync(Buffer.alloc(size, ' ')), 65_536));
      let length = 0;
      for await (const text of texts) length += text.length;
      return length;
    };
    expect(await unpacked(limit)).toBe(limit);
    await expect(unpacked(limit + 1)).rejects.toThrow('is larger than 100 MiB when it is unpacked: split it');
  });
});

test('the source is closed if its reader stops early or the file is refused', async () => {
  let closed = 0;
  async function* endless(first: string) {
    try {
      yield Buffer.from(first);
      for (;;) yield Buffer.from('row\n');
    } finally {
      closed += 1;
    }
  }
  const { texts } = await readText(endless('key\n'));
  await texts.next();
  await texts.return(undefined);
  expect(closed).toBe(1);
  await expect(readText(endless('PK\u0003\u0004'))).rejects.toThrow('is an Excel workbook');
  expect(closed).toBe(2);
});

test('whatever the bytes are, they are read as an encoder wrote them, or refused with an InputError', async () => {
  const texts = fc.string({ unit: fc.constantFrom('a', 'é', 'ü', 'ł', '€', 'ÿ', '日', '本', '\ufeff', '\n', '😀') });
  const encodings = fc.constantFrom(...UNICODE_NAMES, ...CODE_PAGE_NAMES);
  const property = fc.asyncProperty(
    texts,
    encodings,
    fc.boolean(),
    fc.boolean(),
    fc.integer({ min: 1, max: 9 }),
    async (body, encoding, isDeclared, isCompressed, pieceSize) => {
      const text = `key${body}`;
      const bytes = encodeText(text, encoding);
      fc.pre(bytes !== undefined);
      const file = isCompressed ? gzipSync(must(bytes)) : must(bytes);
      const found = await read(file, isDeclared ? encoding : undefined, pieceSize).catch((error: unknown) => error);
      if (UNICODE_NAMES.includes(encoding) || !isUtf8(must(bytes))) {
        const isReadable = isDeclared || UNICODE_NAMES.includes(encoding);
        expect(found).toMatchObject(isReadable ? { text, isCompressed } : { name: 'InputError' });
        return;
      }
      // Some texts in a code page are also valid UTF-8. They are read as UTF-8, but not if they are declared as another encoding.
      const isAscii = /^[\0-\x7f]*$/.test(text);
      expect(found).toMatchObject(isAscii || !isDeclared ? { isCompressed } : { name: 'InputError' });
    },
  );
  await fc.assert(property, { numRuns: 1_000 });
});
