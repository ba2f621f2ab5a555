import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { packageProgram } from '../../../local/start/package-program.ts';

/** The directory of the importing file, the file that it imports, and the message of the linter. */
const BENCH = 'benchmarks import no functions, commands, tests or scripts, except those that bundle';
const FORBIDDEN: [string, string, string][] = [
  ['lib/contract', 'lib/platform/clock.ts', 'the contract imports nothing else of this project'],
  ['lib/input', 'lib/contract/keys.ts', 'input imports nothing else of this project'],
  ['lib/platform', 'lib/ledger/claim.ts', 'platform imports nothing but the contract'],
  ['lib/pace', 'lib/provisioning/job.ts', 'pace imports nothing but platform and the contract'],
  ['lib/ledger', 'lib/provisioning/job.ts', 'the ledger imports nothing but platform and the contract'],
  ['lib/provisioning', 'lib/rosters/roster-item.ts', 'provisioning imports nothing but the ledger'],
  ['lib/sweeping', 'lib/provisioning/job.ts', 'sweeping imports nothing but the ledger'],
  ['lib/releasing', 'lib/sweeping/sweep-pace.ts', 'releasing imports nothing but the ledger'],
  ['lib/provisioning', 'lib/releasing/due-index.ts', 'provisioning imports nothing but the ledger'],
  ['lib/rosters', 'lib/bulk/reading.ts', 'rosters import nothing but pace, platform and the contract'],
  ['lib/bulk', 'lib/live-events/event-times.ts', 'bulk jobs import nothing but rosters'],
  ['lib/live-events', 'lib/provisioning/job.ts', 'live events import nothing but rosters'],
  ['lib/rosters', 'client/deployment.ts', 'rosters import nothing but pace, platform and the contract'],
  ['lib/provisioning', 'emulator/service.ts', 'provisioning imports nothing but the ledger'],
  ['functions', 'emulator/service.ts', 'functions import nothing but lib'],
  ['client', 'cli/greenroom.ts', 'client imports nothing but lib'],
  ['cli', 'local/stack.ts', 'cli imports nothing but client, console and lib'],
  ['console/server', 'cli/cli-context.ts', 'the console imports nothing but client and lib'],
  ['cli', 'local/dev/dev.ts', 'cli imports nothing but client, console and lib'],
  ['emulator', 'lib/contract/keys.ts', 'the emulator imports nothing else of this project'],
  ['local', 'cli/greenroom.ts', 'local imports nothing but client, console, emulator and lib'],
  ['examples', 'local/stack.ts', 'examples import nothing but client, emulator and lib'],
  ['client', 'examples/token-service/handler.ts', 'client imports nothing but lib'],
  ['simulation', 'tests/support/run-child.ts', 'the simulation imports nothing but emulator and lib'],
  ['bench/pace', 'tests/support/run-child.ts', BENCH],
  ['bench/floor', 'scripts/generate-schemas.ts', BENCH],
  ['lib/provisioning', 'undeclared', "Dependency undeclared isn't specified in package.json"],
  ['client', 'commander', "Dependency commander isn't specified in package.json"],
];

const reportSchema = z.object({
  diagnostics: z.array(z.object({ message: z.string(), location: z.object({ path: z.string() }) })),
});

let copy: string;
/** The messages of the linter for each file. */
let messages: Map<string, string[]>;

/** The project's own rules on a tree of files with one import each, because starting the linter takes a second. */
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'greenroom-imports-'));
  const rules = { ...JSON.parse(readFileSync('biome.json', 'utf8')), vcs: { enabled: false } };
  writeFileSync(join(copy, 'biome.json'), JSON.stringify(rules));
  writeFileSync(join(copy, 'package.json'), readFileSync('package.json'));
  for (const [directory, imported] of FORBIDDEN) write(fileOf(directory, imported), directory, imported);
  write('lib/provisioning/allowed.ts', 'lib/provisioning', 'lib/contract/keys.ts');
  write('bench/floor/allowed.ts', 'bench/floor', 'scripts/bundling/bundle-function.ts');
  const biome = packageProgram(process.cwd(), '@biomejs/biome', 'biome');
  const { stdout } = spawnSync(process.execPath, [biome, 'lint', '--reporter=json', '.'], {
    cwd: copy,
    encoding: 'utf8',
  });
  const { diagnostics } = reportSchema.parse(JSON.parse(stdout));
  const byFile = Map.groupBy(diagnostics, ({ location }) => location.path);
  messages = new Map([...byFile].map(([file, each]) => [file, each.map(({ message }) => message)]));
});
afterAll(() => rmSync(copy, { recursive: true }));

const fileOf = (directory: string, imported: string) =>
  `${directory}/imports-${imported.replaceAll('/', '-').replace('.ts', '')}.ts`;

function write(file: string, directory: string, imported: string): void {
  const specifier = imported.includes('/') ? relative(directory, imported) : imported;
  mkdirSync(join(copy, directory), { recursive: true });
  writeFileSync(join(copy, file), `import '${specifier}';\n`);
}

describe('the linter enforces the direction of imports:', () => {
  test.each(FORBIDDEN)('%s may not import %s', (directory, imported, message) => {
    expect(messages.get(fileOf(directory, imported))).toEqual([expect.stringContaining(message)]);
  });

  test('allowed imports pass', () => {
    expect(readFileSync(join(copy, 'lib/provisioning/allowed.ts'), 'utf8')).toBe("import '../contract/keys.ts';\n");
    expect([...messages.keys()]).not.toContain('lib/provisioning/allowed.ts');
    expect([...messages.keys()]).not.toContain('bench/floor/allowed.ts');
  });
});
