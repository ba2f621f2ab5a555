import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { packageProgram } from '../../../local/start/package-program.ts';

let copy: string;

/** The project's own configuration in a directory with one document. */
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'greenroom-markdown-'));
  for (const path of [
    '.gitignore',
    '.markdownlint-cli2.jsonc',
    'docs/protocol/.markdownlint.jsonc',
    'scripts/markdown',
  ])
    cpSync(path, join(copy, path), { recursive: true });
  symlinkSync(resolve('node_modules'), join(copy, 'node_modules'));
});
afterAll(() => rmSync(copy, { recursive: true }));

function lint(path: string, content: string): string {
  mkdirSync(dirname(join(copy, path)), { recursive: true });
  writeFileSync(join(copy, path), content);
  const linter = packageProgram(process.cwd(), 'markdownlint-cli2');
  const { stdout, stderr, status } = spawnSync(process.execPath, [linter], { cwd: copy, encoding: 'utf8' });
  rmSync(join(copy, path));
  return `${stdout}${stderr}${status}`;
}

describe('the check of documents fails if', () => {
  test.each([
    ['a link leads nowhere', 'x.md', '# A\n\n[x](y.md)\n', '"y.md" should exist'],
    ['an anchor leads nowhere', 'x.md', '# A\n\n[x](#b)\n', 'MD051'],
    ["another document's anchor leads nowhere", 'x.md', '# A\n\n[x](x.md#b)\n', 'should have a valid fragment'],
    ['a link of the protocol leads nowhere', 'docs/protocol/x.md', '[x](y.md)\n', '"y.md" should exist'],
    ['a blank line splits a table', 'x.md', '# A\n\n| a |\n|---|\n| b |\n\n| c |\n', 'whole-tables'],
    ['a row has one cell too many', 'x.md', '# A\n\n| a |\n|---|\n| b | c |\n', 'MD056'],
  ])('%s', (_, path, content, message) => {
    expect(lint(path, content)).toMatch(new RegExp(`${message}.*1$`, 's'));
  });

  test('the check of a correct document passes', () => {
    const table = '| a | b |\n|---|---|\n| c | <code>&#124;</code> |\n';
    expect(lint('x.md', `# A\n\n${'long '.repeat(100)}line\n\n${table}\n[x](x.md#a)\n`)).toBe('0');
  });
});
