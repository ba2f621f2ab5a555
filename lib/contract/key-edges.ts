import type { Problem } from './problems.ts';

/** White space and invisible characters: soft hyphens, zero-width characters and direction marks. */
const INVISIBLE = '[\\s\\u00ad\\u180e\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u206f]';
const FIRST = new RegExp(`^${INVISIBLE}`, 'u');
const LAST = new RegExp(`${INVISIBLE}$`, 'u');
/** The schema of a key already refuses control characters, line breaks and blank keys. */
const REFUSED_ANYWAY = /[\p{Cc}\p{Zl}\p{Zp}]|^\s*$/u;

const NAMES = new Map([
  [' ', 'a space'],
  ['\u00a0', 'a no-break space'],
  ['\u00ad', 'a soft hyphen'],
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

/** The rule of `keyEdgeProblems` in JSON Schema. */
export const VISIBLE_EDGES = { not: { anyOf: [{ pattern: `^${INVISIBLE}` }, { pattern: `${INVISIBLE}$` }] } };

/**
 * The problems of a key that begins or ends with an invisible character. Such a key usually comes from a spreadsheet or from copied text.
 * greenroom does not trim it, because a sender that has already used the untrimmed key would get a second room.
 *
 * This check is not part of a schema, because release 0.1.0 accepted such keys, and items that contain them must stay readable.
 */
export function keyEdgeProblems(path: string, key: unknown): Problem[] {
  if (typeof key !== 'string' || REFUSED_ANYWAY.test(key)) return [];
  return [...problemAt(path, 'begins', FIRST.exec(key)?.[0]), ...problemAt(path, 'ends', LAST.exec(key)?.[0])];
}

function problemAt(path: string, verb: string, character: string | undefined): Problem[] {
  if (character === undefined) return [];
  const code = `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
  const name = NAMES.get(character) ?? (/\s/u.test(character) ? 'a space' : 'an invisible character');
  const message = `${verb} with ${name} (${code}): remove it. greenroom does not trim keys, because a trimmed key would be another key`;
  return [{ path, message }];
}
