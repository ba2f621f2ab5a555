import type { Problem } from '../contract/problems.ts';

/** A manifest that cannot be taken as a whole: nothing of it is asked for. */
export class ManifestError extends Error {
  override readonly name = 'ManifestError';
  readonly problems: Problem[];
  /** How many there are; not all need be listed. */
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
