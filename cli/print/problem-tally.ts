import { printable } from '../../client/completion-line.ts';
import { printNotes } from '../../client/fit-line.ts';
import type { Problem } from '../../lib/contract/problems.ts';
import { counted } from './bulk-lines.ts';

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
  return kindOf(problems.map(({ path, message }) => `${path}: ${message}`).join('\n'));
}

function kindOf(text: string): string {
  return text.replaceAll(/"(?:[^"\\]|\\.)*"|\d+/g, '#');
}

/** Rows with the same problem. */
interface RowGroup {
  kind: string;
  problem: string;
  first: number;
  last: number;
  count: number;
  /** The key of the first row. */
  key: string;
}

/**
 * Groups the rows of a manifest by their problems. Rows with the same problem take one line, which counts them: `rows 2-401 (400 rows)`. Of
 * problems that differ only in numbers and quoted values, three are shown.
 */
export function groupRows() {
  const tally = createProblemTally();
  const groups = new Map<string, RowGroup>();
  return {
    add(row: number, problem: string, key = ''): void {
      const known = groups.get(problem);
      if (known !== undefined) {
        known.last = row;
        known.count += 1;
        return;
      }
      const kind = kindOf(problem);
      if (tally.count(kind)) groups.set(problem, { kind, problem, first: row, last: row, count: 1, key });
    },
    lines(): string[] {
      const kinds = Map.groupBy(groups.values(), ({ kind }) => kind);
      const all = [...kinds].flatMap(([kind, alike]) => [
        ...alike.map(groupLine),
        ...moreLine(tally.hidden(kind), 'row'),
      ]);
      return [...all, ...othersLine(tally)];
    },
  };
}

function groupLine({ problem, first, last, count, key }: RowGroup): string {
  return printable(
    `  ${count === 1 ? `row ${first}${key && ` (${key})`}` : rangeText(first, last, count)}: ${problem}`,
  );
}

function rangeText(first: number, last: number, count: number): string {
  const isWhole = last - first + 1 === count;
  return `rows ${first}-${last} (${isWhole ? counted(count, 'row') : `${count} of them`})`;
}

/**
 * Prints lines about messages as they fail. Of many with the same problem, it prints the first three.
 * @param thing what failed, such as `message`
 */
export function createProblemNotes(thing: string) {
  const tally = createProblemTally();
  const kinds = new Set<string>();
  return {
    note(line: string, problem: string): void {
      const kind = kindOf(problem);
      if (!tally.count(kind)) return;
      kinds.add(kind);
      printNotes([printable(line)]);
    },
    /** Prints how many were not shown. */
    end(): void {
      for (const kind of kinds) printNotes(moreLine(tally.hidden(kind), thing));
      printNotes(othersLine(tally));
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
