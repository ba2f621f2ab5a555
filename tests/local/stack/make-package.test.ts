import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { makePackage, requirePackage, templateFile } from '../../../local/start/make-package.ts';

const TEMPLATE = '.serverless/cloudformation-template-update-stack.json';

let root: string;
const write = (path: string, text: string) => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};

/** A repository whose build and packaging take no time, with an existing package of another stage. */
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'greenroom-package-'));
  write('serverless.yml', '');
  write('package.json', '{ "type": "commonjs" }');
  write('infrastructure/queues.yml', '');
  write('scripts/build.ts', "require('node:fs').mkdirSync('dist', { recursive: true });");
  // This script writes what osls writes.
  write(
    'node_modules/.bin/serverless',
    `const fs = require('node:fs');
    fs.rmSync('.serverless', { recursive: true, force: true });
    fs.mkdirSync('.serverless');
    fs.writeFileSync('${TEMPLATE}', process.argv.slice(2).join(' ') + fs.readdirSync('.').join());`,
  );
  write(TEMPLATE, 'the package of prod');
  jest.spyOn(console, 'log').mockReturnValue();
});
afterEach(() => rmSync(root, { recursive: true }));

test('a package of another stage in .serverless is neither used nor replaced', async () => {
  expect(() => requirePackage(root)).toThrow('There is no package yet');
  for (const _ of ['first', 'again']) {
    await makePackage(root, new AbortController().signal);
    requirePackage(root);
    expect(readFileSync(templateFile(root), 'utf8')).toMatch(
      /^package --stage local.*dist.*infrastructure.*serverless.yml/,
    );
    expect(readFileSync(join(root, TEMPLATE), 'utf8')).toBe('the package of prod');
  }
});
