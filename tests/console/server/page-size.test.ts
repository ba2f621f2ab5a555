import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';

const DIRECTORY = join('dist', 'console');
const LIMIT_BYTES = 150 * 1024;
const LOADED = /\.(html|js|css|svg)$/;

test('the page of the console is below 150 KB, compressed', () => {
  const files = readdirSync(DIRECTORY).filter((name) => LOADED.test(name));
  expect(files).toEqual(expect.arrayContaining(['index.html', 'page.js', 'page.css']));
  const bytes = files.map((name) => gzipSync(readFileSync(join(DIRECTORY, name))).length);
  expect(bytes.reduce((sum, each) => sum + each, 0)).toBeLessThan(LIMIT_BYTES);
});
