import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { packageProgram } from '../../../local/start/package-program.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'greenroom-program-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function install(name: string, manifest: object): void {
  mkdirSync(join(root, 'node_modules', name), { recursive: true });
  writeFileSync(join(root, 'node_modules', name, 'package.json'), JSON.stringify(manifest));
}

test('the program is the file that the package itself names', () => {
  install('single', { bin: './cli.js' });
  install('@scope/several', { bin: { one: 'bin/one.js', other: 'bin/other' } });
  expect(packageProgram(root, 'single')).toBe(join(root, 'node_modules/single/cli.js'));
  expect(packageProgram(root, '@scope/several', 'other')).toBe(join(root, 'node_modules/@scope/several/bin/other'));
  expect(() => packageProgram(root, '@scope/several', 'none')).toThrow('@scope/several has no program none');
});
