import { capProblems, type Problem } from '../contract/problems.ts';
import type { PlannedRow } from './plan-rows.ts';
import type { Checked } from './reader-item.ts';

/** Problems beyond this number are counted but not listed. */
const MAX_PROBLEMS_KEPT = 100;

export interface CheckResult extends Checked {
  /** The first hundred problems, each with its row, and the total number. */
  problems: Problem[];
  problemsTotal: number;
}

/** Reads all rows and counts them by kind. @throws ManifestError if the whole manifest must be refused */
export async function checkManifest(rows: AsyncIterable<PlannedRow>): Promise<CheckResult> {
  const result: CheckResult = { rows: 0, members: 0, invalid: 0, repeated: 0, problems: [], problemsTotal: 0 };
  for await (const planned of rows) {
    result.rows += 1;
    if (planned.kind === 'request') result.members += 1;
    else if (planned.kind === 'repeated') result.repeated += 1;
    else {
      result.invalid += 1;
      result.problemsTotal += planned.problems.length;
      const left = MAX_PROBLEMS_KEPT - result.problems.length;
      const { problems } = capProblems(planned.problems.slice(0, left));
      result.problems.push(...problems.map((problem) => withRow(planned.row, problem)));
    }
  }
  return result;
}

/** Adds the number of the row to the path of a problem. */
export function withRow(row: number, { path, message }: Problem): Problem {
  return { path: path === '' ? `row ${row}` : `row ${row}: ${path}`, message };
}
