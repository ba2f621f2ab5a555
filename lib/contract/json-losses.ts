import { type Problem, pathText } from './problems.ts';

/** A string (and the colon after it, if it is a name), a number, or a character that begins, separates or ends values. */
const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?|-?\d[\d.eE+-]*|[[\]{},]/g;
/** A JavaScript number represents every whole number of up to 15 digits exactly. */
const MAX_SAFE_DIGITS = 15;
const MAX_QUOTED_UNITS = 40;
const APPEARS_TWICE = 'appears twice in the same object: remove one of the two';

/** An object or a list that is being read. `step`: the name of the member, or the position of the element, that is being read. */
interface Open {
  names: Set<string>;
  step: string | number;
}

/**
 * Finds the parts that `JSON.parse` drops silently: all but the last of several members with the same name, and the last digits of long
 * numbers. The request would then name another key or room. I-JSON, the profile of JSON for exchange between programs, forbids such names
 * and advises against such numbers:
 * https://www.rfc-editor.org/rfc/rfc7493#section-2
 * @param json valid JSON
 * @returns a problem for each loss
 */
export function jsonLosses(json: string): Problem[] {
  const problems: Problem[] = [];
  const open: Open[] = [];
  const note = (message: string) => problems.push({ path: pathText(open.map(({ step }) => step)), message });
  for (const [token, colon] of json.matchAll(TOKENS)) {
    const inner = open.at(-1);
    const [first] = token;
    if (colon !== undefined && inner) {
      if (enter(inner, token.slice(0, -colon.length))) note(APPEARS_TWICE);
    } else if (first === '{') open.push({ names: new Set(), step: '' });
    else if (first === '[') open.push({ names: new Set(), step: 0 });
    else if (first === '}' || first === ']') open.pop();
    else if (first === ',' && typeof inner?.step === 'number') inner.step += 1;
    else if (first !== '"' && losesDigits(token)) note(lostDigits(token));
  }
  return problems;
}

/** Begins to read a member. @returns whether the object already has a member of this name */
function enter(object: Open, quoted: string): boolean {
  const name = String(JSON.parse(quoted));
  const isSecond = object.names.has(name);
  object.names.add(name);
  object.step = name;
  return isSecond;
}

/** Whether `JSON.parse` returns a different number. It rounds every long fraction, so only whole numbers must be exact. */
function losesDigits(token: string): boolean {
  if (!/\d/.test(token) || (token.length <= MAX_SAFE_DIGITS && !/e/i.test(token))) return false;
  if (!Number.isFinite(Number(token))) return true;
  return /^-?\d+$/.test(token) && BigInt(Number(token)) !== BigInt(token);
}

function lostDigits(token: string): string {
  const shown = token.length > MAX_QUOTED_UNITS ? `${token.slice(0, MAX_QUOTED_UNITS)}…` : token;
  return `is ${shown}, and JSON parsers lose digits of such a number: write it as text, in quotes`;
}
