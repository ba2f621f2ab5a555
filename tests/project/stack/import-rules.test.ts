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
    ['lib/contract/x.ts', '../platform/clock.ts', 'the contract imports nothing of ours'],
    ['lib/platform/x.ts', '../ledger/claim.ts', 'platform imports nothing but the contract'],
    ['lib/pace/x.ts', '../provisioning/job.ts', 'pace imports nothing but platform and the contract'],
    ['lib/ledger/x.ts', '../provisioning/job.ts', 'the ledger imports nothing but platform and the contract'],
    ['lib/provisioning/x.ts', '../rosters/roster-item.ts', 'provisioning imports nothing but the ledger'],
    ['lib/sweeping/x.ts', '../provisioning/job.ts', 'sweeping imports nothing but the ledger'],
    ['lib/rosters/x.ts', '../bulk/reading.ts', 'rosters import nothing but platform and the contract'],
    ['lib/bulk/x.ts', '../live-events/moments.ts', 'bulk jobs import nothing but rosters'],
    ['lib/live-events/x.ts', '../provisioning/job.ts', 'live events import nothing but rosters'],
    ['lib/rosters/x.ts', '../../../client/deployment.ts', 'rosters import nothing but platform and the contract'],
    ['lib/provisioning/x.ts', '../../../emulator/service.ts', 'provisioning imports nothing but the ledger'],
    ['functions/x.ts', '../emulator/service.ts', 'functions import nothing but lib'],
    ['client/x.ts', '../cli/greenroom.ts', 'client imports nothing but lib'],
    ['cli/x.ts', '../local/stack.ts', 'cli imports nothing but client and lib'],
    ['emulator/x.ts', '../lib/contract/keys.ts', 'the emulator imports nothing of ours'],
    ['local/x.ts', '../cli/greenroom.ts', 'local imports nothing but client, emulator and lib'],
    ['simulation/x.ts', '../tests/support/run-child.ts', 'the simulation imports nothing but emulator and lib'],
    ['bench/pace/x.ts', '../../support/run-child.ts', 'benchmarks import no functions, commands, scripts or tests'],
    ['lib/provisioning/x.ts', 'fauxqs', 'fauxqs is part of your devDependencies'],
  ])('%s may not import %s', (path, imported, message) => {
    expect(lint(path, imported)).toContain(message);
  });

  test('what is allowed passes', () => {
    expect(lint('lib/provisioning/x.ts', '../contract/keys.ts')).toMatch(/Checked 1 file.*No fixes applied/);
  });
});
