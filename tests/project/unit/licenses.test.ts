import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { licensesOf } from '../../../scripts/bundling/licenses.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'greenroom-licenses-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(directory, path)), { recursive: true });
  writeFileSync(join(directory, path), text);
}

/** @param files the bundled files, below the directory */
function licensesOfFiles(...files: string[]): Promise<string> {
  const input = { bytes: 1, imports: [] };
  return licensesOf([{ inputs: Object.fromEntries(files.map((file) => [join(directory, file), input])), outputs: {} }]);
}

test('the text of a license is there once, below all packages with it, also for a package inside another package', async () => {
  for (const [path, name] of [
    ['node_modules/@scope/a', '@scope/a'],
    ['node_modules/@scope/a/node_modules/b', 'b'],
    ['node_modules/c', 'c'],
  ]) {
    write(`${path}/package.json`, JSON.stringify({ name, version: '1.0.0' }));
    write(`${path}/${name === 'b' ? 'license.md' : 'LICENSE'}`, name === 'c' ? 'Other text\n' : 'Some text\n');
  }
  const files = ['@scope/a/dist/x.js', '@scope/a/dist/y.js', '@scope/a/node_modules/b/z.js', 'c/index.js'];
  expect(await licensesOfFiles('local/own.ts', ...files.map((file) => `node_modules/${file}`))).toBe(
    '@scope/a 1.0.0\nb 1.0.0\n\nSome text\n\nc 1.0.0\n\nOther text',
  );
});

test('a package without a file for its license must name it', async () => {
  write('node_modules/named/package.json', '{ "name": "named", "version": "1.0.0", "license": { "type": "MIT" } }');
  write('node_modules/none/package.json', '{ "name": "none", "version": "1.0.0" }');
  expect(await licensesOfFiles('node_modules/named/x.js')).toBe('named 1.0.0\n\nLicense: MIT');
  await expect(licensesOfFiles('node_modules/none/x.js')).rejects.toThrow(/none states no license$/);
});
