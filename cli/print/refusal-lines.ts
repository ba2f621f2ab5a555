import type { BulkProgress } from '../../client/bulk-progress.ts';
import { problemLine } from './bulk-lines.ts';

const MAX_PROBLEMS_SHOWN = 20;

/**
 * The problems of a refused manifest, one per line: at most the first twenty, and the number of the others.
 * @param whole what a problem without a path concerns
 */
export function refusalLines(
  { problems, problemsTotal }: Pick<BulkProgress, 'problems' | 'problemsTotal'>,
  whole = 'the manifest',
): string[] {
  const shown = problems.slice(0, MAX_PROBLEMS_SHOWN);
  const left = problemsTotal - shown.length;
  return [...shown.map((problem) => problemLine(problem, whole)), ...(left > 0 ? [`  and ${left} more`] : [])];
}
