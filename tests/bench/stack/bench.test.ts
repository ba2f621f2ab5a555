import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parseOptions } from '../../../bench/options.ts';
import { startChild } from '../../support/run-child.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'greenroom-bench-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

test('a scenario with few rooms answers every request, prints its table and writes its figures', async () => {
  const json = join(directory, 'figures.json');
  const args = ['pace', 'ten-times', '--rooms', '20', '--no-build', '--json', json];
  const child = startChild(['bench/bench.ts', ...args], { cwd: '.' });
  // With so few rooms, and on a machine that runs other tests too, it does not matter whether a bound holds.
  expect([0, 1]).toContain(await child.ended);
  expect(child.stdout).toContain('**20 rooms at ten times the real quota: 50 calls a second**');
  const { tables } = JSON.parse(readFileSync(json, 'utf8'));
  const figures = tables[0].rows.map(({ figure, values }: { figure: string; values: number[] }) => [figure, ...values]);
  expect(figures).toEqual(
    expect.arrayContaining([
      ['requests unanswered', 0, 0],
      ['requests failed', 0, 0],
      ['dead letters', 0, 0],
      ['second rooms', 0, 0],
    ]),
  );
}, 120_000);

test('Ctrl-C ends a run immediately, and without an error', async () => {
  const child = startChild(['bench/bench.ts', 'pace', 'workers', '--no-build'], { cwd: '.' });
  await child.printed(/of 300 answered/);
  child.process.kill('SIGINT');
  expect(await child.ended).toBe(130);
  expect(child.stderr).not.toContain('error');
});

test.each<[string[], string]>([
  [[], 'pace, simulation, costs'],
  [['speed'], 'pace, simulation, costs'],
  [['pace', '--only', 'lane'], 'There is no scenario lane'],
  [['pace', '--seeds', '0'], '--seeds must be at least 1'],
  [['pace', '--rooms', 'many', '--seeds', 'x'], '--seeds must be a number; --rooms must be a number'],
  [['pace', '--fast'], "Unknown option '--fast'"],
])('%j is refused: %s', (args, message) => {
  expect(() => parseOptions(args)).toThrow(message);
});

test('scenarios run in the order of their list, whatever the order of the arguments', () => {
  expect(parseOptions(['floor', '--quick'])).toMatchObject({ names: ['floor'], quick: true });
  const options = parseOptions(['pace', 'foreign', '--only', 'lanes,workers']);
  expect(options).toMatchObject({ names: ['workers', 'lanes', 'foreign'], seeds: 5 });
});
