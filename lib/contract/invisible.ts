/**
 * Invisible characters, and spaces that look like an ordinary space. The string is the content of a character class in a regular expression.
 */
const HIDDEN = '\\u00a0\\u00ad\\u180e\\u2007\\u200b-\\u200f\\u202a-\\u202f\\u2060-\\u206f\\ufeff';
/** A regular expression for one such character, or one of white space. */
export const INVISIBLE = `[\\s${HIDDEN}]`;

const HIDDEN_CHARACTER = new RegExp(`^[${HIDDEN}]$`);
const INVISIBLE_CHARACTER = new RegExp(`^${INVISIBLE}$`);

const NAMES = new Map([
  ['\u00a0', 'a no-break space'],
  ['\u00ad', 'a soft hyphen'],
  ['\u2007', 'a figure space'],
  ['\u200b', 'a zero-width space'],
  ['\u200c', 'a zero-width non-joiner'],
  ['\u200d', 'a zero-width joiner'],
  ['\u200e', 'a left-to-right mark'],
  ['\u200f', 'a right-to-left mark'],
  ['\u202f', 'a narrow no-break space'],
  ['\u2060', 'a word joiner'],
  ['\u3000', 'an ideographic space'],
  ['\ufeff', 'a byte order mark'],
]);

/** Whether a character is not ordinary white space, but cannot be seen or looks like a space. */
export function isHidden(character: string): boolean {
  return HIDDEN_CHARACTER.test(character);
}

/** Whether a character is hidden, or is white space. */
export function isInvisible(character: string): boolean {
  return INVISIBLE_CHARACTER.test(character);
}

/** The name of an invisible character and its code point, such as `a zero-width space (U+200B)`. */
export function describeInvisible(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  const name = NAMES.get(character) ?? (isHidden(character) ? 'an invisible character' : 'a space');
  return `${name} (U+${code})`;
}
