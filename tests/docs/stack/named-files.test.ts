import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

/** The files of the project that match a pattern, without those that git ignores. */
function filesLike(...patterns: string[]): string[] {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', ...patterns];
  return execFileSync('git', args, { encoding: 'utf8' })
    .split('\n')
    .filter((path) => path !== '');
}

// The changelog and the benchmarks describe earlier releases and runs.
const PAST = ['CHANGELOG.md', 'docs/benchmarks.md'];
const pages = filesLike('*.md').filter((path) => !PAST.includes(path) && existsSync(path));
// Directories that git ignores, such as .greenroom and dist, contain only what a command has written.
const directories = new Set(filesLike().flatMap((path) => (path.includes('/') ? path.split('/')[0] : [])));

/** The paths in backticks that begin with a directory of the project, without patterns and placeholders. */
function pathsIn(text: string): string[] {
  const spans = [...text.matchAll(/`(?:node )?([\w.-]+\/[\w./-]*)[^`]*`/g)].map(([, path = '']) => path);
  return spans.filter((path) => directories.has(path.split('/')[0]));
}

test.each(pages)('the files that %s names exist', (page) => {
  const missing = pathsIn(readFileSync(page, 'utf8')).filter(
    (path) => !existsSync(path) && !existsSync(join('events', path)),
  );
  expect(missing).toEqual([]);
});

test('paths are found, including those in commands', () => {
  expect(pathsIn('`lib/pace/rate.ts` `node tests/x.ts A --b` `lib/` `a/b` `lib` `.greenroom/stack.json`')).toEqual([
    'lib/pace/rate.ts',
    'tests/x.ts',
    'lib/',
  ]);
});
