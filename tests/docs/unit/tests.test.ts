import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

const page = readFileSync('tests/README.md', 'utf8');
const entries = readdirSync('tests', { withFileTypes: true });

test('the table of subjects names every directory and no other', () => {
  const [, table = ''] = page.match(/(\| directory \| subject \|.*?)\n\n/s) ?? [];
  const named = table.split('\n').flatMap((row) => row.split('|')[1]?.match(/(?<=`)[\w-]+(?=`)/g) ?? []);
  const directories = entries.filter((each) => each.isDirectory()).map(({ name }) => name);
  expect(named.toSorted()).toEqual(directories.toSorted());
});

test('every helper that tests/README.md names exists', () => {
  const functions = [...page.matchAll(/`((?:create|open|start|serve)[A-Z]\w+)`/g)].map(([, name = '']) => name);
  const helpers = ['tests', 'simulation'].flatMap((directory) =>
    readdirSync(directory, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(`${directory}/${file}`, 'utf8')),
  );
  expect(functions.length).toBeGreaterThan(5);
  for (const name of functions)
    expect([name, helpers.some((text) => text.includes(`function ${name}(`))]).toEqual([name, true]);
});

test('the example in tests/README.md is a test that runs', () => {
  const [, example = ''] = page.match(/```ts\n(.*?)```/s) ?? [];
  expect(readFileSync('tests/provisioning/handling/quiet-case.test.ts', 'utf8')).toContain(example);
});
