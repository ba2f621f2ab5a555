import type { Problem } from '../contract/problems.ts';

/** The manifest cannot be accepted as a whole, so greenroom requests nothing. */
export class ManifestError extends Error {
  override readonly name = 'ManifestError';
  readonly problems: Problem[];
  /** How many problems there are. `problems` need not list all of them. */
  readonly problemsTotal: number;

  constructor(problems: Problem[], problemsTotal = problems.length) {
    super(problems.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; '));
    this.problems = problems;
    this.problemsTotal = problemsTotal;
  }
}

export function manifestError(path: string, message: string): ManifestError {
  return new ManifestError([{ path, message }]);
}
