import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { startChild } from '../../support/run-child.ts';

/** Runs files of tests/fixtures/runner with the project's configuration. One worker runs them one after the other in one process. */
async function run(workers: number, ...names: string[]) {
  return await runWith({}, workers, ...names);
}

async function runWith(env: Record<string, string>, workers: number, ...names: string[]) {
  const files = names.map((name) => resolve(`tests/fixtures/runner/${name}.run.ts`));
  const child = startChild(
    [
      resolve('node_modules/jest/bin/jest.js'),
      ...['--config', resolve('tests/fixtures/runner/jest.config.js')],
      ...['--maxWorkers', String(workers), '--runTestsByPath', ...files],
    ],
    { cwd: process.cwd(), env },
  );
  const code = await child.ended;
  return { code, text: child.stdout + child.stderr };
}

test('a test file sees no module state, environment, directory or exit code of an earlier file', async () => {
  const { code, text } = await run(1, 'first', 'second');
  expect(text).toContain('2 passed, 0 failed');
  expect(code).toBe(0);
});

test('a process that starts later than another one gets the configuration too', async () => {
  const slowStart = resolve('tests/fixtures/runner/slow-start.js');
  const env = { NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import=${slowStart}` };
  const { code, text } = await runWith(env, 2, 'first', 'second');
  expect(text).toContain('2 passed, 0 failed');
  expect(code).toBe(0);
});

test('a test or a hook that hangs fails', async () => {
  const { code, text } = await run(1, 'failing');
  expect(text).toContain('a test that hangs');
  expect(text).toContain('row 1 that hangs');
  expect(text).toContain('a hook that hangs > (beforeAll)');
  expect(text).toMatch(/1 passed, 3 failed/);
  expect(code).toBe(1);
});

test('a rejection that nobody handles fails the file', async () => {
  const { code, text } = await run(2, 'rejects');
  expect(text).toContain('0 passed, 1 failed');
  expect(code).toBe(1);
});
