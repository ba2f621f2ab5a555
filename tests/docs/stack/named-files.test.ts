import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
  encoding: 'utf8',
});
// The changelog and the benchmarks describe earlier releases and runs.
const PAST = ['CHANGELOG.md', 'docs/benchmarks.md'];
const pages = listed.split('\n').filter((path) => path !== '' && !PAST.includes(path) && existsSync(path));
const directories = readdirSync('.', { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? entry.name : [],
);

/** The paths in backticks that begin with a directory of the project, without patterns and placeholders. */
function pathsIn(text: string): string[] {
  const spans = [...text.matchAll(/`(?:node )?([\w.-]+\/[\w./-]*)[^`]*`/g)].map(([, path = '']) => path);
  return spans.filter((path) => directories.includes(path.split('/')[0] ?? '') && !path.startsWith('dist/'));
}

test.each(pages)('the files that %s names exist', (page) => {
  const missing = pathsIn(readFileSync(page, 'utf8')).filter(
    (path) => !existsSync(path) && !existsSync(join('events', path)),
  );
  expect(missing).toEqual([]);
});

test('paths are found, including those in commands', () => {
  expect(pathsIn('`lib/pace/rate.ts` `node tests/x.ts A --b` `lib/` `a/b` `lib`')).toEqual([
    'lib/pace/rate.ts',
    'tests/x.ts',
    'lib/',
  ]);
});
