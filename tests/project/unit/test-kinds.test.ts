import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import * as z from 'zod';

/** Modules that start a process, or listen as a stack does. */
const STACKS = ['node:child_process', 'node:worker_threads', 'emulator/gateway/gateway.ts', 'local/stack.ts'];

/** The modules of the project and of Node that a file loads directly or indirectly. Type imports load nothing. */
function loadedBy(file: string, seen = new Set<string>()): Set<string> {
  for (const [, named = '', specifier = ''] of readFileSync(file, 'utf8').matchAll(
    /^(?:import|export)\s(?!type\s)([^;']*?)(?:from )?'([^']+)';/gm,
  )) {
    if (/^\{(\s*type [^,}]+,?)+\s*\}/.test(named)) continue;
    const path = specifier.startsWith('.') ? normalize(join(dirname(file), specifier)) : specifier;
    if (seen.has(path)) continue;
    seen.add(path);
    if (path.endsWith('.ts') && specifier.startsWith('.')) loadedBy(path, seen);
  }
  return seen;
}

const { default: config } = await import(resolve('jest.unit.config.js'));
const { testMatch } = z.object({ testMatch: z.array(z.string()) }).parse(config);
const files = testMatch.flatMap((pattern) => globSync(pattern.replace('<rootDir>/', '')));

test('the tests of test:unit load no gateway, no stack and no module that starts a process', () => {
  expect(files.length).toBeGreaterThan(60);
  const wrong = files.flatMap((file) => {
    const loaded = loadedBy(file);
    return STACKS.filter((each) => loaded.has(each)).map((each) => `${file}: ${each}`);
  });
  expect(wrong).toEqual([]);
});

test('control: a test that opens a gateway is found', () => {
  expect([...loadedBy('tests/emulator/sqs/limits.test.ts')]).toContain('emulator/gateway/gateway.ts');
  expect([...loadedBy('tests/local/stack/start.test.ts')]).toContain('node:child_process');
});
