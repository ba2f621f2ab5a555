const NAMES = new Map([
  ['\u00a0', 'no-break space'],
  ['\u00ad', 'soft hyphen'],
  ['\u2007', 'figure space'],
  ['\u200b', 'zero-width space'],
  ['\u200c', 'zero-width non-joiner'],
  ['\u200d', 'zero-width joiner'],
  ['\u200e', 'left-to-right mark'],
  ['\u200f', 'right-to-left mark'],
  ['\u202f', 'narrow no-break space'],
  ['\u2060', 'word joiner'],
  ['\ufeff', 'byte order mark'],
]);

export interface Trimmed {
  /** The text without white space and invisible characters at its beginning and end. */
  text: string;
  /** The name of the first invisible character at the beginning. Undefined if there is none, or only ordinary white space. */
  atStart: string | undefined;
  /** The name of the last invisible character at the end. */
  atEnd: string | undefined;
}

/** Splits off the white space and the invisible characters around a text. With these characters, a key would name another room. */
export function trimInvisible(cell: string): Trimmed {
  if (isVisible(cell.charCodeAt(0)) && isVisible(cell.charCodeAt(cell.length - 1)))
    return { text: cell, atStart: undefined, atEnd: undefined };
  let start = 0;
  let end = cell.length;
  while (start < end && isDropped(cell.charAt(start))) start += 1;
  while (end > start && isDropped(cell.charAt(end - 1))) end -= 1;
  const before = [...cell.slice(0, start)].find((character) => NAMES.has(character));
  const after = [...cell.slice(end)].findLast((character) => NAMES.has(character));
  return { text: cell.slice(start, end), atStart: before && nameOf(before), atEnd: after && nameOf(after) };
}

/** Removes all invisible characters. Used only for names of columns, because a value may contain these characters on purpose. */
export function withoutInvisible(text: string): string {
  return [...text].filter((character) => !NAMES.has(character)).join('');
}

/** Whether this is a visible ASCII character. Almost every cell begins and ends with one. */
function isVisible(code: number): boolean {
  return code > 0x20 && code < 0x7f;
}

function isDropped(character: string): boolean {
  return NAMES.has(character) || /\s/.test(character);
}

function nameOf(character: string): string {
  const code = character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
  return `a ${NAMES.get(character)} (U+${code})`;
}
