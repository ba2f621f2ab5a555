import type { Problem } from '../contract/problems.ts';

/**
 * The members that `greenroom bulk report --failed` adds to an invalid row: its problems, its cells (if the row has more cells than the
 * header), and its line (if the line is not JSON). A row with such a member stays invalid until a person has repaired it.
 */
const MEMBERS = ['problems', 'cells', 'written'] as const;

/**
 * How many of a row's listed problems are reported. People can edit `problems`, so the list may be of any length. The list that greenroom
 * writes is shorter than this.
 */
const MAX_LISTED = 20;

/**
 * Separates a row of a repair manifest from these members.
 * @returns the row without them, and a problem for each problem that they list. If the row has no list of problems, it is unchanged
 */
export function takeRepairMembers(value: Record<string, unknown>): {
  row: Record<string, unknown>;
  problems: Problem[];
} {
  const { problems: listed } = value;
  if (!isListOfTexts(listed)) return { row: value, problems: [] };
  const found = MEMBERS.filter((name) => Object.hasOwn(value, name));
  const row = Object.fromEntries(Object.entries(value).filter(([name]) => !found.some((member) => member === name)));
  const remedy = `repair the row, and delete ${found.join(' and ')}`;
  const problems = listed
    .slice(0, MAX_LISTED)
    .map((text) => ({ path: 'problems', message: `says "${text}": ${remedy}` }));
  return { row, problems };
}

function isListOfTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'string');
}
