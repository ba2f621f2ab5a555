import type { BulkProgress } from '../../client/bulk-progress.ts';
import { problemText } from '../../lib/contract/problem-text.ts';
import type { Problem } from '../../lib/contract/problems.ts';
import { problemLine } from './bulk-lines.ts';
import { groupRows } from './problem-tally.ts';

const MAX_PROBLEMS_SHOWN = 20;
/** The path of a problem that concerns a row, as `withRow` writes it. */
const ROW_PATH = /^row (\d+)(?:: (.+))?$/s;

/**
 * The problems of a refused manifest: first those of the whole manifest, at most twenty, then those of its rows. Rows with the same problem
 * take one line. The last line has the number of the others.
 * @param whole what a problem without a path concerns
 */
export function refusalLines(
  { problems, problemsTotal }: Pick<BulkProgress, 'problems' | 'problemsTotal'>,
  whole = 'the manifest',
): string[] {
  const rows = groupRows();
  const others: Problem[] = [];
  for (const problem of problems) {
    const [, row, path = ''] = ROW_PATH.exec(problem.path) ?? [];
    if (row === undefined) others.push(problem);
    else rows.add(Number(row), problemText({ path, message: problem.message }));
  }
  const shown = others.slice(0, MAX_PROBLEMS_SHOWN);
  const left = problemsTotal - problems.length + others.length - shown.length;
  const lines = [...shown.map((problem) => problemLine(problem, whole)), ...rows.lines()];
  return [...lines, ...(left > 0 ? [`  and ${left} more`] : [])];
}
