import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { recordLoads } from '../../../bench/commands/measured-program.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'greenroom-loads-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

/** The files that a command loads, and the modules of Node. */
async function loadsOf(args: string[], prints: string) {
  const program = { name: 'greenroom', args: [resolve('dist/cli/greenroom.js'), ...args], prints };
  return recordLoads({ ...program, directory, environment: {} }, join(directory, 'loads.json'));
}

test.each([
  ['--help', 'Usage: greenroom'],
  ['--version', '.'],
])('%s loads neither the commands nor a package', async (arg, prints) => {
  const { files, builtins } = await loadsOf([arg], prints);
  expect(files.map(({ url }) => url.split('/').at(-1))).toEqual(['greenroom.js', 'main-help.js']);
  expect(builtins).not.toContain('node:child_process');
});

test.each(['status', 'dev'])('%s --help loads no client of the SDK, and no embedded stack', async (command) => {
  const { files } = await loadsOf([command, '--help'], `Usage: greenroom ${command}`);
  expect(files.map(({ url }) => url.split('/').at(-1))).toEqual(['greenroom.js', 'main.js']);
});
