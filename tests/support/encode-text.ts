/** The letters of the test texts beyond ASCII, with their bytes in code pages, from the tables at https://encoding.spec.whatwg.org/. */
const CODE_PAGES: Record<string, Record<string, number[]>> = {
  'windows-1252': { é: [0xe9], ü: [0xfc], '€': [0x80], '\u00a0': [0xa0], ÿ: [0xff] },
  'windows-1250': { é: [0xe9], ü: [0xfc], ł: [0xb3], '€': [0x80], '\u00a0': [0xa0] },
  'iso-8859-15': { é: [0xe9], ü: [0xfc], '€': [0xa4], '\u00a0': [0xa0], ÿ: [0xff] },
  macintosh: { é: [0x8e], ü: [0x9f], '€': [0xdb], '\u00a0': [0xca], ÿ: [0xd8] },
  shift_jis: { 日: [0x93, 0xfa], 本: [0x96, 0x7b] },
};

export const CODE_PAGE_NAMES = Object.keys(CODE_PAGES);
export const UNICODE_NAMES = ['utf-8', 'utf-16le', 'utf-16be'];

/** A text in an encoding, or undefined if the encoding lacks a character. */
export function encodeText(text: string, encoding: string): Buffer | undefined {
  switch (encoding) {
    case 'utf-8':
      return Buffer.from(text);
    case 'utf-16le':
      return Buffer.from(text, 'utf16le');
    case 'utf-16be':
      return Buffer.from(text, 'utf16le').swap16();
    default:
      return encodeInPage(text, CODE_PAGES[encoding] ?? {});
  }
}

function encodeInPage(text: string, page: Record<string, number[]>): Buffer | undefined {
  const bytes = [...text].map((character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 0x80 ? [code] : page[character];
  });
  return bytes.includes(undefined) ? undefined : Buffer.from(bytes.flatMap((each) => each ?? []));
}

/** The bytes in pieces of this size, so that characters, quotes and line ends are split. */
export async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}
