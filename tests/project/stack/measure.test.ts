import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { findCycles } from '../../../scripts/measure/find-cycles.ts';
import { measureFile } from '../../../scripts/measure/measure-file.ts';
import { measureCommit, measureTree } from '../../../scripts/measure/measure-tree.ts';

const text = (...lines: string[]) => `${lines.join('\n')}\n`;
const measure = (...lines: string[]) => measureFile('lib/a/x.ts', text(...lines));

describe('one file', () => {
  test('lines with code and lines with comments are counted separately, and a line may count as both', () => {
    const source = ['/**', ' * Why.', ' */', 'export const a = 1; // as ever', '', 'export const b = [', '  2,', '];'];
    expect(measure(...source)).toMatchObject({ lines: 8, codeLines: 4, commentLines: 4 });
  });

  test('code that is commented out does not count as code', () => {
    expect(measure('// const a = b as any; // biome-ignored is another word')).toMatchObject({
      codeLines: 0,
      casts: 0,
      anys: 0,
    });
  });

  test.each([
    ['const a = b as string;', { casts: 1 }],
    ['const a = <string>b;', { casts: 1 }],
    ['const a = b as unknown as string;', { casts: 2 }],
    ['const a = [1] as const;', { casts: 0 }],
    ['const a = b satisfies string;', { casts: 0 }],
    ['let a: any;', { anys: 1 }],
    ['let a: Record<string, any[]>;', { anys: 1 }],
    ['let any = "any";', { anys: 0 }],
    ['const a = b!.c![0]!;', { nonNullAssertions: 3 }],
    ['const a = !b;', { nonNullAssertions: 0 }],
    ['// biome-ignore lint/suspicious/noExplicitAny: no', { suppressions: 1 }],
    ['// @ts-expect-error', { suppressions: 1 }],
    ['/* @ts-ignore */', { suppressions: 1 }],
    ['const a = "@ts-ignore";', { suppressions: 0 }],
  ])('%s', (source, expected) => {
    expect(measure(source)).toMatchObject(expected);
  });

  test('a function inside another one counts only separately', () => {
    const { functions } = measure(
      'export function outer(): void {',
      '  const inner = (): void => {',
      '    first();',
      '    second();',
      '  };',
      '  inner();',
      '}',
      'class Store {',
      '  read() {',
      '    return 1;',
      '  }',
      '}',
    );
    expect(functions.map(({ line, name, lines }) => ({ line, name, lines }))).toEqual([
      { line: 1, name: 'outer', lines: 4 },
      { line: 2, name: 'inner', lines: 4 },
      { line: 9, name: 'read', lines: 3 },
    ]);
  });

  test('imports of the project’s own files are found in every form, and imports of packages are left out', () => {
    const { imports } = measure(
      "import * as z from 'zod';",
      "import type { A } from './a.ts';",
      "import '../b/b.ts';",
      "export { c } from './c.ts';",
      "const d = await import('./d.ts');",
      "let e: import('./e.ts').E;",
    );
    expect(imports).toEqual(['lib/a/a.ts', 'lib/b/b.ts', 'lib/a/c.ts', 'lib/a/d.ts', 'lib/a/e.ts']);
  });
});

test('cycles are found with all of their files, without files that only lead to a cycle', () => {
  const files = Object.entries({ a: ['b'], b: ['c', 'd'], c: ['a'], d: [], e: ['a', 'e'], f: ['missing'] });
  expect(findCycles(files.map(([path, imports]) => ({ path, imports })))).toEqual([['a', 'b', 'c'], ['e']]);
});

describe('a tree', () => {
  const longFunction = text('export function long(): number {', ...Array<string>(39).fill('  step();'), '}');
  let root: string;

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'greenroom-measure-test-'));
    git('init', '--quiet');
    write('lib/pace/a.ts', text('export const a = 1;'));
    git('add', '.');
    git('-c', 'user.name=Test', '-c', 'user.email=test@example.com', 'commit', '--quiet', '--message', 'First');
    write(
      'lib/pace/a.ts',
      text("import './b.ts';", 'export const a = (b: any) => b!.c as string; // why', '// @ts-ignore'),
    );
    write('lib/pace/b.ts', text("import './a.ts';"));
    write('lib/bulk/long.ts', longFunction);
    write('functions/short.ts', text('export function short(): number {', '  return 1;', '}'));
    write('bench/c.ts', text("import './c.ts';", 'const c = d as any;'));
    write('tests/d.ts', longFunction);
    write('tests/sample.json', '{}\n');
  });
  afterAll(() => rmSync(root, { recursive: true }));

  function git(...args: string[]): void {
    execFileSync('git', args, { cwd: root });
  }
  function write(path: string, content: string): void {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }

  test('is summed up by directory, and its figures cover only production code', () => {
    const { directories, figures } = measureTree(root);
    expect(directories).toEqual({ 'lib/pace': 4, 'lib/bulk': 41, functions: 3, bench: 2, tests: 41 });
    expect(figures).toEqual({
      'production lines': 48,
      'test, simulation and bench lines': 43,
      'test : production': 0.9,
      'lines of a file, p50': 3,
      'lines of a file, p90': 41,
      'lines of a file, largest': 41,
      functions: 3,
      'lines of a function, p50': 3,
      'lines of a function, p95': 41,
      'lines of a function, largest': 41,
      'lines with a comment, per 100 lines of code': 4.3,
      casts: 1,
      any: 1,
      'non-null assertions': 1,
      suppressions: 1,
    });
  });

  test('names long functions, large directories, and all import cycles', () => {
    expect(measureTree(root)).toMatchObject({
      longFunctions: [{ file: 'lib/bulk/long.ts', line: 1, name: 'long', lines: 41 }],
      largeDirectories: ['lib/bulk'],
      cycles: [['bench/c.ts'], ['lib/pace/a.ts', 'lib/pace/b.ts']],
    });
    write('lib/bulk/long.ts', longFunction.replace('  step();\n', ''));
    expect(measureTree(root).longFunctions).toEqual([]);
  });

  test('can be measured at an earlier commit', () => {
    expect(measureCommit(root, 'HEAD').directories).toEqual({ 'lib/pace': 1 });
  });

  test('is printed side by side with an earlier commit, and written as JSON', () => {
    const script = resolve('scripts/measure.ts');
    const run = (...args: string[]) => spawnSync('node', [script, ...args], { cwd: root, encoding: 'utf8' });
    const { stdout, stderr, status } = run('--against', 'HEAD', '--json', 'figures.json');
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    expect(stdout).toMatch(/^lines of directory +HEAD +now$/m);
    expect(stdout).toMatch(/^production lines +1 +47$/m);
    expect(stdout).toMatch(/^lib\/bulk is large$/m);
    expect(stdout).toMatch(/^cycle: lib\/pace\/a\.ts, lib\/pace\/b\.ts$/m);
    expect(JSON.parse(readFileSync(join(root, 'figures.json'), 'utf8'))).toMatchObject([
      { name: 'HEAD', directories: { 'lib/pace': 1 } },
      { name: 'now', figures: { 'production lines': 47, casts: 1 } },
    ]);
    expect(run('--help').stdout).toMatch(/--against COMMIT/);
  });
});

test('this project has no long production function, no large directory, no import cycle, and nothing that the compiler cannot check', () => {
  const { figures, longFunctions, largeDirectories, cycles } = measureTree(resolve());
  expect({ longFunctions, largeDirectories, cycles }).toEqual({ longFunctions: [], largeDirectories: [], cycles: [] });
  expect(figures).toMatchObject({ casts: 0, any: 0, 'non-null assertions': 0, suppressions: 0 });
  expect(figures['lines of a file, largest']).toBeLessThanOrEqual(250);
});
