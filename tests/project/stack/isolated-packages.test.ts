import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { openFreshClone } from '../../support/service-folder.ts';

const clone = openFreshClone({ packages: 'declared' });
afterAll(() => clone.remove());

const run = (...args: string[]) => {
  const env = { ...process.env, NODE_OPTIONS: '' };
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: clone.directory, encoding: 'utf8', env });
  return { status, stderr };
};

test('the build finds every package that it needs if only declared packages are installed, as under pnpm', () => {
  expect(run('scripts/build.ts')).toEqual({ status: 0, stderr: '' });
  expect(readdirSync(join(clone.directory, 'dist')).toSorted()).toEqual(readdirSync('dist').toSorted());
  const licenses = (directory: string) => readFileSync(join(directory, 'dist/cli/LICENSES'), 'utf8');
  expect(licenses(clone.directory)).toBe(licenses('.'));
  expect(licenses('.')).toMatch(/^csv-parse \d/m);
}, 120_000);

test('control: a package that another one depends on is not found', () => {
  const { status, stderr } = run('-e', "require('@aws/lambda-invoke-store')");
  expect([status, stderr]).toEqual([1, expect.stringContaining("Cannot find module '@aws/lambda-invoke-store'")]);
});
