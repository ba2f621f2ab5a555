import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';

const filesIn = (directory: string, extension: string) =>
  readdirSync(resolve(directory), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(extension))
    .map((name) => join(directory, name));

const code = filesIn('lib', '.ts')
  .map((name) => readFileSync(name, 'utf8'))
  .join('\n');

/** The words in quotes within the filter patterns of commands: they are parts of log lines, and not of the lines that Lambda writes. */
function quotedInFilters(text: string): string[] {
  return [...text.matchAll(/--filter-pattern '([^']+)'/g)].flatMap(([, pattern = '']) =>
    [...pattern.matchAll(/"([^"]+)"/g)].map(([, words = '']) => words),
  );
}

/** The words for which a document filters although no function logs them. `AccessDenied` is the beginning of names of AWS's errors. */
const unknownIn = (text: string) =>
  quotedInFilters(text).filter((words) => words !== 'AccessDenied' && !code.includes(words));

test.each(filesIn('docs', '.md'))('%s filters only for words that the functions log', (name) => {
  expect(unknownIn(readFileSync(name, 'utf8'))).toEqual([]);
});

test('control: the runbook filters for log lines, and a line that nothing logs is found', () => {
  expect(quotedInFilters(readFileSync('docs/operations.md', 'utf8'))).toContain('Found an extra room');
  expect(unknownIn(`aws logs tail --filter-pattern '?"A room is extra" ?ERROR'`)).toEqual(['A room is extra']);
});
