import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

const page = readFileSync('docs/architecture.md', 'utf8');

/** The rows of all tables whose first column has this title, without their backticks. */
function rowsUnder(title: string): string[][] {
  const tables = page.split('\n\n').filter((block) => block.startsWith(`| ${title} |`));
  const rows = tables.flatMap((table) => table.trim().split('\n').slice(2));
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', '')),
  );
}

function directories(): string[] {
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' });
  const names = files
    .split('\n')
    .filter((path) => path.includes('/') && !path.startsWith('.') && existsSync(path))
    .map((path) =>
      path
        .split('/')
        .slice(0, path.startsWith('lib/') ? 2 : 1)
        .join('/'),
    );
  return [...new Set(names)].sort();
}

const mapped = rowsUnder('directory');
const codeDirectories = mapped.flatMap(([directory = '', , imports]) => (imports === '–' ? [] : [directory]));

test('the map shows every directory, and none that does not exist', () => {
  expect(mapped.map(([directory]) => directory).sort()).toEqual(directories());
});

test.each(mapped.filter(([, , imports]) => imports !== '–'))(
  '%s may import exactly what the linter allows',
  (...row) => {
    const [directory = '', , imports = ''] = row;
    expect(imports).toBe(allowedImports(directory));
  },
);

/** The imports that no rule of the linter forbids, in the form of the map. */
function allowedImports(directory: string): string {
  const { overrides } = JSON.parse(readFileSync('biome.json', 'utf8'));
  const rule = overrides
    .filter(({ includes }: { includes: string[] }) => includes.join() === `${directory}/**`)
    .flatMap(({ linter }: { linter: { rules: { style: { noRestrictedImports: object } } } }) =>
      JSON.stringify(linter.rules.style.noRestrictedImports).match(/\*\*\/[\w-]+\/\*\*/g),
    );
  if (rule.length === 0) return 'anything';
  const forbidden = rule.map((pattern: string) => pattern.slice(3, -3));
  const isForbidden = (path: string) => path.split('/').some((part) => forbidden.includes(part));
  const allowed = codeDirectories.filter((each) => each !== directory && !isForbidden(each));
  const inMap = directory.startsWith('lib/') ? allowed : [...new Set(allowed.map((each) => each.replace(/\/.*/, '')))];
  return inMap.sort(byMap).join(', ') || 'nothing';
}

function byMap(a: string, b: string): number {
  const place = (name: string) => codeDirectories.indexOf(name);
  return a.startsWith('lib/') && b.startsWith('lib/') ? place(a) - place(b) : a.localeCompare(b);
}

const answers = rowsUnder('question')
  .filter(([question = '']) => !question.startsWith('**'))
  .map(([question = '', name = '', file = '']) => [question, file, name]);

test.each([...rowsUnder('step'), ...answers])('%s: %s declares %s', (_row, file = '', name = '') => {
  const declaration = new RegExp(`^(export (default )?)?(async )?(function\\*?|class|const) ${name}\\b`, 'm');
  expect(readFileSync(file, 'utf8')).toMatch(declaration);
});

test('the questions are read', () => {
  expect(answers.length).toBeGreaterThan(30);
});

test('the four walkthroughs exist, and none has more than twelve steps', () => {
  const lengths = page.split(/^## /m).map((section) => section.match(/^\| [\w ]+ \| `[\w/-]+\.ts` \| /gm)?.length ?? 0);
  const walkthroughs = lengths.filter((length) => length > 0);
  expect(walkthroughs).toHaveLength(4);
  expect(Math.max(...walkthroughs)).toBeLessThanOrEqual(12);
});

test('every other file that is named exists', () => {
  const named = [...page.matchAll(/`([\w./-]+\.(?:ts|md|json|yml))`/g)].map(([, path = '']) => path);
  expect(named.length).toBeGreaterThan(30);
  expect(named.filter((path) => !existsSync(path))).toEqual([]);
});

test('the glossary is in alphabetical order', () => {
  const words = rowsUnder('word').map(([word = '']) => word);
  expect(words).toEqual(words.toSorted((a, b) => a.localeCompare(b)));
});
