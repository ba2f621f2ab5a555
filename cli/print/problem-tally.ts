import { withRow } from '../../lib/bulk/check-manifest.ts';
import type { Problem } from '../../lib/contract/problems.ts';
import { counted, problemLine } from './bulk-lines.ts';

const MAX_ALIKE = 3;
const MAX_KINDS = 20;

/** Decides which of many problems a command shows: the first three of each kind, and the first twenty kinds. The others are counted. */
export interface ProblemTally {
  /** Counts one problem, or the problems of one message. @returns whether to show it */
  count(kind: string): boolean;
  /** How many problems of a kind are not shown. */
  hidden(kind: string): number;
  /** How many problems of other kinds are not shown. */
  others(): number;
}

export function createProblemTally(): ProblemTally {
  const counts = new Map<string, number>();
  let others = 0;
  return {
    count(kind) {
      const count = (counts.get(kind) ?? 0) + 1;
      if (count === 1 && counts.size === MAX_KINDS) {
        others += 1;
        return false;
      }
      counts.set(kind, count);
      return count <= MAX_ALIKE;
    },
    hidden: (kind) => Math.max(0, (counts.get(kind) ?? 0) - MAX_ALIKE),
    others: () => others,
  };
}

/** The kind of these problems. Two problems are of one kind if they differ only in numbers and in quoted values. */
export function kindOfProblems(problems: readonly Problem[]): string {
  return problems
    .map(({ path, message }) => `${path}: ${message}`.replaceAll(/"(?:[^"\\]|\\.)*"|\d+/g, '#'))
    .join('\n');
}

/** Collects the problems of the rows of a manifest, and groups them by kind. */
export function collectProblems() {
  const tally = createProblemTally();
  const shown = new Map<string, string[]>();
  return {
    add(row: number, problems: readonly Problem[]): void {
      for (const problem of problems) {
        const kind = kindOfProblems([problem]);
        if (tally.count(kind))
          shown.set(kind, [...(shown.get(kind) ?? []), problemLine(withRow(row, problem), 'the row')]);
      }
    },
    lines(): string[] {
      const all = [...shown].flatMap(([kind, lines]) => [...lines, ...moreLine(tally.hidden(kind), 'row')]);
      return [...all, ...othersLine(tally)];
    },
  };
}

/** `… and 995 more rows with the same problem`. */
export function moreLine(hidden: number, thing: string): string[] {
  if (hidden === 0) return [];
  return [`  … and ${counted(hidden, `more ${thing}`)} with the same problem`];
}

/** The number of the problems beyond the first twenty kinds. */
export function othersLine(tally: ProblemTally): string[] {
  const others = tally.others();
  return others === 0 ? [] : [`  … and ${counted(others, 'other problem')}`];
}
