import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

const read = (path: string) => readFileSync(path, 'utf8');

test('the README names the version of Node that the package requires', () => {
  const { engines } = JSON.parse(read('package.json'));
  const versions = [...read('README.md').matchAll(/Node ([\d.]+) or later/g)].map(([, version]) => `>=${version}`);
  expect(versions).toEqual([engines.node]);
});

test('the scripts run on the Node version of the Lambda runtime', () => {
  const major = read('.nvmrc').trim();
  expect(JSON.parse(read('package.json')).devDependencies.node).toMatch(new RegExp(`^${major}\\.`));
  expect(read('serverless.yml')).toContain(`runtime: nodejs${major}.x`);
  expect(read('scripts/bundling/bundle-function.ts')).toContain(`target: 'node${major}'`);
});
