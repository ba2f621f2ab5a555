import { describeInvisible, INVISIBLE } from './invisible.ts';
import type { Problem } from './problems.ts';

const FIRST = new RegExp(`^${INVISIBLE}`, 'u');
const LAST = new RegExp(`${INVISIBLE}$`, 'u');
/** The schema of a key already refuses control characters, line breaks and blank keys. */
const REFUSED_ANYWAY = /[\p{Cc}\p{Zl}\p{Zp}]|^\s*$/u;

/** Programs write this character in place of bytes or letters that they cannot read, so different keys may have become equal. */
const REPLACEMENT = '\ufffd';

/** The rules of `keyTextProblems` in JSON Schema. */
export const legibleKey = () => ({
  not: { anyOf: [{ pattern: `^${INVISIBLE}` }, { pattern: `${INVISIBLE}$` }, { pattern: REPLACEMENT }] },
});

/** All problems in the characters of a message's key: those of `keyEdgeProblems` and of `lostLetterProblems`. */
export function keyTextProblems(path: string, key: unknown): Problem[] {
  return [...keyEdgeProblems(path, key), ...lostLetterProblems(path, key)];
}

/** The problem of a key in which a program has replaced a letter. A manifest may declare that its strings are literal. */
export function lostLetterProblems(path: string, key: unknown): Problem[] {
  if (typeof key !== 'string' || !key.includes(REPLACEMENT)) return [];
  const what = `contains "${REPLACEMENT}" (U+FFFD), which programs write for a letter that they could not read`;
  return [{ path, message: `${what}: send the key in UTF-8` }];
}

/**
 * The problems of a key that begins or ends with an invisible character. Such a key usually comes from a spreadsheet or from copied text.
 * greenroom does not trim it, because a sender that has already used the untrimmed key would get a second room.
 *
 * This check is not part of a schema, because version 0.1.0 accepted such keys, and items that contain them must stay readable.
 */
export function keyEdgeProblems(path: string, key: unknown): Problem[] {
  if (typeof key !== 'string' || REFUSED_ANYWAY.test(key)) return [];
  return [...problemAt(path, 'begins', FIRST.exec(key)?.[0]), ...problemAt(path, 'ends', LAST.exec(key)?.[0])];
}

function problemAt(path: string, verb: string, character: string | undefined): Problem[] {
  if (character === undefined) return [];
  const message = `${verb} with ${describeInvisible(character)}: remove it. greenroom does not trim keys, because a trimmed key would be a different key`;
  return [{ path, message }];
}
