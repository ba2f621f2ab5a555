import { InputError } from './input-error.ts';
import { beginsWith } from './unpack.ts';

/** Names of encodings that people write, and the closest label of the Encoding Standard. */
const SUGGESTIONS = new Map([
  ['ansi', 'windows-1252 (or windows-1250, windows-1251, … in other countries)'],
  ['cp932', 'shift_jis'],
  ['ms932', 'shift_jis'],
  ['cp936', 'gbk'],
  ['cp949', 'euc-kr'],
  ['cp950', 'big5'],
  ['mac-roman', 'macintosh'],
  ['macroman', 'macintosh'],
  ['utf-32', 'utf-8 or utf-16 (save the file again in one of them)'],
]);

const HOW_TO_DECLARE = 'name its encoding with --encoding (in S3: the metadata greenroom-encoding)';

const MARKS: readonly { bytes: readonly number[]; encoding: string }[] = [
  // The mark of UTF-32 begins with the mark of UTF-16, so it must be tried first.
  { bytes: [0xff, 0xfe, 0, 0], encoding: 'utf-32' },
  { bytes: [0, 0, 0xfe, 0xff], encoding: 'utf-32' },
  { bytes: [0xef, 0xbb, 0xbf], encoding: 'utf-8' },
  { bytes: [0xff, 0xfe], encoding: 'utf-16le' },
  { bytes: [0xfe, 0xff], encoding: 'utf-16be' },
];

/**
 * The encoding of a file: the declared one or, without a declaration, the one that its first bytes show. A file that shows no encoding must
 * be UTF-8: no other encoding can be recognised with certainty. For example, most files in Windows-1252 are also valid in Windows-1250.
 * @param start the first bytes of the file: at least four, unless the file is shorter
 * @param declared a label of the Encoding Standard, such as `windows-1252`: https://encoding.spec.whatwg.org/#names-and-labels
 * @returns the standard's name of the encoding
 * @throws InputError if the declared label is unknown, or contradicts the first bytes
 */
export function encodingOf(start: Uint8Array, declared: string | undefined): string {
  const named = declared === undefined ? undefined : nameOf(declared);
  const shown = MARKS.find(({ bytes }) => beginsWith(start, bytes))?.encoding ?? shownByZeros(start);
  if (shown === 'utf-32') throw new InputError('is UTF-32, which is not supported: save it as UTF-8');
  if (named !== undefined && shown !== undefined && named !== shown)
    throw new InputError(
      `is ${shown.toUpperCase()}, as its first bytes show, but is declared as ${named}: leave out the encoding`,
    );
  return named ?? shown ?? 'utf-8';
}

/**
 * The encoding of a file without a byte order mark that begins with two ASCII characters, as every header and every JSON document does. Each
 * of these characters is a byte that is not zero, and one or three zero bytes: https://datatracker.ietf.org/doc/html/rfc4627#section-3. A
 * file in UTF-8 contains no zero bytes.
 */
function shownByZeros(start: Uint8Array): string | undefined {
  const pattern = [...start.subarray(0, 4)].map((byte) => (byte === 0 ? '0' : byte < 0x80 ? 'a' : '-')).join('');
  switch (pattern) {
    case 'a0a0':
    case 'a0':
      return 'utf-16le';
    case '0a0a':
    case '0a':
      return 'utf-16be';
    case 'a000':
    case '000a':
      return 'utf-32';
    default:
      return undefined;
  }
}

function nameOf(label: string): string {
  try {
    return new TextDecoder(label, { fatal: true }).encoding;
  } catch {
    throw new InputError(`is declared as ${JSON.stringify(label)}, which is not a known encoding${suggestion(label)}`);
  }
}

function suggestion(label: string): string {
  const plain = label.trim().toLowerCase().replaceAll(/[\s_]/g, '-');
  const spelled = /^(?:win-?|windows-?|cp-?|)(125\d|874)$/.exec(plain)?.[1];
  const utf = /^utf-?(8|16)-?(le|be)?/.exec(plain);
  const iso = /^(?:iso-?)?8859-?(\d{1,2})$/.exec(plain)?.[1];
  const meant =
    SUGGESTIONS.get(plain) ??
    (spelled && `windows-${spelled}`) ??
    (utf && `utf-${utf[1]}${utf[2] ?? ''}`) ??
    (iso && `iso-8859-${iso}`);
  return meant ? `: did you mean ${meant}?` : ': use a name such as windows-1252, iso-8859-2 or shift_jis';
}

/** The problem of bytes that the encoding does not allow. */
export function notEncoded(encoding: string, isDeclared: boolean): InputError {
  if (isDeclared) return new InputError(`contains bytes that are not ${nameForPeople(encoding)}: ${HOW_TO_DECLARE}`);
  const remedy = `save it as UTF-8 (in spreadsheet programs, as "CSV UTF-8"), or ${HOW_TO_DECLARE}`;
  return new InputError(`is not ${nameForPeople(encoding)}: ${remedy}`);
}

/** `UTF-8`, `UTF-16`, `windows-1252`. */
export function nameForPeople(encoding: string): string {
  return /^utf-/.test(encoding) ? encoding.replace(/[lb]e$/, '').toUpperCase() : encoding;
}
