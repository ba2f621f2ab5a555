import { join } from 'node:path';
import { explainError } from '../../client/explain-error.ts';
import { checkPlace, folderProblem, WORK_DIRECTORY } from './check-place.ts';
import { requirePackage } from './make-package.ts';
import type { StartOptions } from './options.ts';
import { readRequestSource } from './request-source.ts';
import type { RequestSource } from './run-record.ts';

export type Checked =
  | { kind: 'ready'; source: RequestSource | undefined }
  /** Each problem is one line, and names its remedy. */
  | { kind: 'problems'; problems: string[] };

/**
 * Checks everything that could prevent the start, before the slow build begins: another stack, the package, the port, the
 * directories and the file with the requests.
 *
 * The file is read only here, because it may be a pipe (`--file <(…)`).
 * @param root the repository
 */
export async function checkStart(root: string, options: StartOptions): Promise<Checked> {
  const { build } = options;
  const place = await checkPlace(options);
  const requests = await readRequests(root, place.isDataUsable ? options : { ...options, dataDir: undefined });
  const ofRepository = build ? [join(root, WORK_DIRECTORY), join(root, 'dist')].map(repositoryProblem) : [];
  const problems = [
    build ? undefined : packageProblem(root),
    ...place.problems,
    ...ofRepository.filter((problem) => !place.problems.includes(problem ?? '')),
    requests.problem,
  ].filter((problem) => problem !== undefined);
  return problems.length > 0 ? { kind: 'problems', problems } : { kind: 'ready', source: requests.source };
}

function packageProblem(root: string): string | undefined {
  try {
    requirePackage(root);
    return undefined;
  } catch (error) {
    return explainError(error);
  }
}

function repositoryProblem(folder: string): string | undefined {
  return folderProblem(folder, 'Use a copy of the repository that you can write to');
}

async function readRequests(
  root: string,
  { file, dataDir }: Pick<StartOptions, 'file'> & { dataDir?: string | undefined },
): Promise<{ source?: RequestSource | undefined; problem?: string }> {
  try {
    const from = { ...(file !== undefined && { file }), ...(dataDir !== undefined && { dataDir }) };
    return { source: await readRequestSource(root, from) };
  } catch (error) {
    return { problem: explainError(error) };
  }
}
