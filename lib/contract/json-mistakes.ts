const STRINGS = /"[^"\\\n]*(?:\\.[^"\\\n]*)*"/g;

/** Common mistakes in JSON, and the remedy for each. The patterns apply to the text without its strings. */
const MISTAKES: readonly (readonly [RegExp, string])[] = [
  [/[\u201c-\u201f\u2018-\u201b]/, 'replace the typographic quotes with "'],
  [/\/[/*]|^\s*#/, 'remove the comments, which JSON does not allow'],
  [/,\s*[}\]]/, 'remove the comma before the closing bracket'],
  [/\b(?:NaN|Infinity|None|True|False|undefined)\b/, 'write null, true, false or a string in quotes'],
  [/'|[{,]\s*[A-Za-z_$][\w$-]*\s*:/, 'put every name and every text in double quotes'],
  [/}\s*{/, 'write each object on a line of its own'],
];

/** The problem of a string that is not JSON. */
export function notJson(text: string, error: unknown): string {
  return `is not JSON: ${jsonMistake(text, error)}`;
}

/**
 * Why a string is not JSON, and the remedy if the mistake is a common one.
 * @param error the error of `JSON.parse`
 */
export function jsonMistake(text: string, error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  const plain = text.replaceAll(STRINGS, '""');
  const remedy = MISTAKES.find(([pattern]) => pattern.test(plain))?.[1];
  return remedy === undefined ? reason : `${reason}; ${remedy}`;
}
