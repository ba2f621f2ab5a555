import { encodingOf, nameForPeople, notEncoded } from './encodings.ts';
import { InputError } from './input-error.ts';
import { unpack } from './unpack.ts';

const END_MARK = '\u001a';

/** How the bytes of a file were read. */
export interface TextFormat {
  /** The name in the Encoding Standard, such as `utf-8`, `utf-16le` or `windows-1252`. */
  encoding: string;
  /** Whether the file was compressed with gzip. */
  isCompressed: boolean;
}

export interface FoundText extends TextFormat {
  /** The text in pieces of any size, without the byte order mark at its beginning. Throws InputError at the first byte that is not valid. */
  texts: AsyncGenerator<string>;
}

/**
 * Finds out how a file is compressed and encoded. It reads only the first bytes. It never guesses or replaces a byte: it refuses a file that
 * cannot be read with certainty.
 * @param declared the encoding that the sender has named, if any
 * @throws InputError if the file is not text, or its encoding is not known
 */
export async function readText(chunks: AsyncIterable<Uint8Array>, declared?: string): Promise<FoundText> {
  const source = chunks[Symbol.asyncIterator]();
  try {
    const { isCompressed, start, bytes } = await unpack({ [Symbol.asyncIterator]: () => source });
    const encoding = encodingOf(start, declared);
    return { encoding, isCompressed, texts: withoutEndMark(decode(bytes, encoding, declared !== undefined)) };
  } catch (error) {
    // Without this call, a command would wait for the end of its standard input. It is not awaited, because the source may be waiting for
    // bytes.
    Promise.resolve(source.return?.()).catch(() => undefined);
    throw error;
  }
}

/** `copy a+b c` and old DOS programs end a text file with Ctrl-Z. The mark is not part of the text, so it must not become a row. */
async function* withoutEndMark(texts: AsyncIterable<string>): AsyncGenerator<string> {
  let held = '';
  for await (const text of texts) {
    const whole = held + text;
    let end = whole.length;
    while (whole[end - 1] === END_MARK) end -= 1;
    held = whole.slice(end);
    yield whole.slice(0, end);
  }
}

async function* decode(
  chunks: AsyncIterable<Uint8Array>,
  encoding: string,
  isDeclared: boolean,
): AsyncGenerator<string> {
  const decoder = decoderOf(encoding);
  const utf8 = isUnicode(encoding) ? undefined : watchForUtf8();
  const next = (chunk?: Uint8Array) => {
    try {
      return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
    } catch {
      throw notEncoded(encoding, isDeclared);
    }
  };
  for await (const chunk of chunks) {
    utf8?.add(chunk);
    yield checked(next(chunk), encoding);
  }
  if (utf8?.isCertain())
    throw new InputError(`is UTF-8, but is declared as ${nameForPeople(encoding)}: leave out the encoding`);
  yield checked(next(), encoding);
}

/** Whether this is UTF-8 or UTF-16. Text in another encoding almost never looks like either of them by chance. */
export function isUnicode(encoding: string): boolean {
  return encoding.startsWith('utf-');
}

/**
 * Some versions of Node.js decode windows-1252 as if it were ISO 8859-1: https://github.com/nodejs/node/issues/56542. They would turn the
 * euro sign into a control character.
 */
function decoderOf(encoding: string) {
  const probe = new TextDecoder(encoding, { fatal: true });
  if (encoding === 'windows-1252' && probe.decode(Uint8Array.of(0x80, 0xff), { stream: true }) !== '€ÿ')
    throw new InputError('cannot be read as windows-1252 by this version of Node.js: update Node.js');
  return new TextDecoder(encoding, { fatal: true });
}

function checked(text: string, encoding: string): string {
  if (text.includes('\0'))
    throw new InputError('contains NUL characters, so it is not text, or it is in UTF-16: save it as UTF-8');
  // The Encoding Standard turns the bytes that Windows code pages leave undefined into these control characters.
  if (encoding.startsWith('windows-') && /[\u0080-\u009f]/.test(text)) throw notEncoded(encoding, true);
  return text;
}

/**
 * Recognises UTF-8 in a file that is declared as another encoding. Decoding alone would not show the mistake, because almost every byte is
 * valid in those encodings. Text that contains letters beyond ASCII and is valid UTF-8 counts as UTF-8.
 */
function watchForUtf8() {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let isValid = true;
  let isAscii = true;
  const attempt = (decode: () => string) => {
    try {
      if (isValid) isAscii = !/[^\0-\x7f]/.test(decode()) && isAscii;
    } catch {
      isValid = false;
    }
  };
  return {
    add: (chunk: Uint8Array) => attempt(() => decoder.decode(chunk, { stream: true })),
    isCertain: () => {
      attempt(() => decoder.decode());
      return isValid && !isAscii;
    },
  };
}
