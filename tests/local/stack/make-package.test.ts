import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { makePackage, requirePackage, templateFile } from '../../../local/start/make-package.ts';

const TEMPLATE = '.serverless/cloudformation-template-update-stack.json';

let root: string;
let printed: string;
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
  // The file for the shell, as pnpm and npm on Windows write it. Node cannot run it.
  write(
    'node_modules/.bin/serverless',
    '#!/bin/sh\nbasedir=$(dirname "$0")\nexec node "$basedir/../serverless" "$@"\n',
  );
  write('node_modules/serverless/package.json', '{ "bin": { "serverless": "./bin/program.js" } }');
  // This script writes what osls writes.
  write(
    'node_modules/serverless/bin/program.js',
    `const fs = require('node:fs');
    fs.rmSync('.serverless', { recursive: true, force: true });
    fs.mkdirSync('.serverless');
    fs.writeFileSync('${TEMPLATE}', process.argv.slice(2).join(' ') + fs.readdirSync('.').join());`,
  );
  write(TEMPLATE, 'the package of prod');
  printed = '';
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += text;
    return true;
  });
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(root, { recursive: true });
});

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
  expect(printed).toMatch(/^(Building the functions… \d\.\d s\nPackaging them as a deployment would… \d\.\d s\n){2}$/);
});

test('the line about a step is printed before the step, and a failed step shows its output', async () => {
  jest.spyOn(console, 'error').mockImplementation((text) => {
    printed += text;
  });
  write('scripts/build.ts', "process.stderr.write('no such file'); process.exit(3);");
  await expect(makePackage(root, new AbortController().signal)).rejects.toThrow(
    'Building the functions failed with exit code 3: the output of node scripts/build.ts is above',
  );
  expect(printed).toBe('Building the functions… \nno such file');
});

/** A path to a file in this directory. Under pnpm and on Windows, these files are shell scripts. */
const SHELL_FILES = /node_modules\/\.bin\/\w|['"`]\.bin['"`],\s*['"`]/;

const NOT_RUNNING = ['tests/support/installed-package.ts', 'tests/client/typed-command.test.ts'];

test('no source runs a file of node_modules/.bin', () => {
  const listed = execFileSync('git', ['ls-files', '*.ts', '*.js', 'package.json', '*.yml'], { encoding: 'utf8' });
  const using = listed
    .trim()
    .split('\n')
    .filter((file) => SHELL_FILES.test(readFileSync(file, 'utf8')));
  // This test writes such a file, to show that it is not used. The others write a link as npm does, and name one in a text.
  const running = using.filter((file) => !file.startsWith('tests/local/') && !NOT_RUNNING.includes(file));
  expect(running).toEqual([]);
  expect(using).toContain('tests/local/stack/make-package.test.ts');
});
