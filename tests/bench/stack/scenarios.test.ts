import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { HELP, parseOptions } from '../../../bench/options.ts';
import { SCENARIOS } from '../../../bench/scenarios.ts';

const page = readFileSync('docs/benchmarks.md', 'utf8');
const commands = [...HELP.matchAll(/npm run bench -- (\w+)/g)].map(([, command = '']) => command);
/** The scenarios that `npm run bench -- pace` consists of have files in `bench/pace`. The others have commands of their own. */
const ofPace = readdirSync('bench/pace').map((file) => file.replace('.ts', ''));

test.each(SCENARIOS)('$name is in the help, and can be run alone', ({ name, about }) => {
  expect(HELP).toContain(`${name.padEnd(12)} ${about}`);
  expect(parseOptions(ofPace.includes(name) ? ['pace', name] : [name]).valueOf()).toMatchObject({ names: [name] });
});

test.each(SCENARIOS)('docs/benchmarks.md documents $name', ({ name }) => {
  if (ofPace.includes(name)) expect(page).toContain(`| \`${name}\` |`);
  else expect(page).toContain(`npm run bench -- ${name}`);
});

test.each(commands)('the command %s runs a scenario', (command) => {
  const known = SCENARIOS.map(({ name }) => name);
  expect(['pace', ...known]).toContain(command);
});

test('each scenario has a name of its own', () => {
  expect(new Set(SCENARIOS.map(({ name }) => name)).size).toBe(SCENARIOS.length);
});
