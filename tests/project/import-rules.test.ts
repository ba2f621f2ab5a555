import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

const biome = resolve('node_modules/.bin/biome');
let copy: string;

/** The project's own rules on a tree that holds but one file. */
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'greenroom-imports-'));
  const rules = { ...JSON.parse(readFileSync('biome.json', 'utf8')), vcs: { enabled: false } };
  writeFileSync(join(copy, 'biome.json'), JSON.stringify(rules));
  writeFileSync(join(copy, 'package.json'), readFileSync('package.json'));
});
afterAll(() => rmSync(copy, { recursive: true }));

function lint(path: string, imported: string): string {
  mkdirSync(dirname(join(copy, path)), { recursive: true });
  writeFileSync(join(copy, path), `import '${imported}';\n`);
  const { stdout, stderr } = spawnSync(biome, ['lint', path], { cwd: copy, encoding: 'utf8' });
  return stdout + stderr;
}

describe('imports point one way, and the linter bites when they do not', () => {
  test.each([
    ['client/x.ts', '../../emulator/service.ts', 'lib imports nothing but lib'],
    ['lib/provisioning/x.ts', '../../emulator/service.ts', 'nor of what lies outside lib'],
    ['lib/rosters/x.ts', '../client/deployment.ts', 'what functions run imports nothing of client'],
    ['lib/contract/x.ts', '../platform/clock.ts', 'the contract imports nothing of ours'],
    ['lib/pace/x.ts', '../provisioning/job.ts', 'pace and platform import nothing but each other and the contract'],
    ['functions/x.ts', '../local/service.ts', 'functions import nothing but lib'],
    ['local/x.ts', '../cli/greenroom.ts', 'local imports nothing but lib'],
    ['cli/x.ts', '../local/service.ts', 'cli imports nothing but lib'],
    ['bench/pace/x.ts', '../support/run-child.ts', 'benchmarks import nothing but lib and local'],
    ['lib/provisioning/x.ts', 'fauxqs', 'fauxqs is part of your devDependencies'],
  ])('%s may not import %s', (path, imported, message) => {
    expect(lint(path, imported)).toContain(message);
  });

  test('what is allowed passes', () => {
    expect(lint('lib/provisioning/x.ts', '../contract/keys.ts')).toMatch(/Checked 1 file.*No fixes applied/);
  });
});
