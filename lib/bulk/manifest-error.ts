import { problemText } from '../contract/problem-text.ts';
import type { Problem } from '../contract/problems.ts';

/** The whole manifest is refused, and greenroom stops reading it. */
export class ManifestError extends Error {
  override readonly name = 'ManifestError';
  readonly problems: Problem[];
  /** How many problems there are. `problems` may list only some of them. */
  readonly problemsTotal: number;

  constructor(problems: Problem[], problemsTotal = problems.length) {
    super(problems.map(problemText).join('; '));
    this.problems = problems;
    this.problemsTotal = problemsTotal;
  }
}

export function manifestError(path: string, message: string): ManifestError {
  return new ManifestError([{ path, message }]);
}
