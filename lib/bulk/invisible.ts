import { describeInvisible, isHidden, isInvisible } from '../contract/invisible.ts';

export interface Trimmed {
  /** The text without white space and invisible characters at its beginning and end. */
  text: string;
  /** The name of the first invisible character at the beginning. Undefined if there is none, or only ordinary white space. */
  atStart: string | undefined;
  /** The name of the last invisible character at the end. */
  atEnd: string | undefined;
}

/** Splits off the white space and the invisible characters around a string. With these characters, a key would name a different room. */
export function trimInvisible(cell: string): Trimmed {
  if (isVisible(cell.charCodeAt(0)) && isVisible(cell.charCodeAt(cell.length - 1)))
    return { text: cell, atStart: undefined, atEnd: undefined };
  let start = 0;
  let end = cell.length;
  while (start < end && isInvisible(cell.charAt(start))) start += 1;
  while (end > start && isInvisible(cell.charAt(end - 1))) end -= 1;
  const before = [...cell.slice(0, start)].find(isHidden);
  const after = [...cell.slice(end)].findLast(isHidden);
  return {
    text: cell.slice(start, end),
    atStart: before && describeInvisible(before),
    atEnd: after && describeInvisible(after),
  };
}

/** Removes all invisible characters. Used only for names of columns, because a value may contain these characters on purpose. */
export function withoutInvisible(text: string): string {
  return [...text].filter((character) => !isHidden(character)).join('');
}

/** Whether this is a visible ASCII character. Almost every cell begins and ends with one. */
function isVisible(code: number): boolean {
  return code > 0x20 && code < 0x7f;
}
