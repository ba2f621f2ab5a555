import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { STACK_FILE } from '../../client/stack-file.ts';
import { ledgerKey } from '../../lib/contract/keys.ts';
import type { Stack } from '../../local/stack.ts';
import { CLI_BUILD } from '../../scripts/bundling/bundle-cli.ts';
import { makeRequests } from '../harness/requests.ts';
import type { Scenario, ScenarioContext } from '../harness/scenario.ts';
import { allHold, type Table } from '../harness/table.ts';
import { toRecords } from '../harness/warm-up.ts';
import { type RunningStack, withStack } from '../harness/with-stack.ts';
import { cliTable, loadsTable } from './cli-tables.ts';
import { type Program, recordLoads, timeRun } from './measured-program.ts';

const ROUNDS = 41;
const QUICK_ROUNDS = 11;

export const cli: Scenario = {
  name: 'cli',
  about:
    'greenroom --help and greenroom status in fresh processes, compared with an empty program and a bare SDK client',
  async run(context) {
    const directory = mkdtempSync(join(tmpdir(), 'greenroom-cli-'));
    // The script finds its packages only from a directory of the repository.
    const script = join(context.root, '.greenroom', 'bench', 'bare-status.cjs');
    try {
      const source = join(context.root, 'bench', 'commands', 'bare-status.ts');
      await build({ ...CLI_BUILD, entryPoints: [source], outfile: script });
      const setting = { name: 'cli', change: { isIdle: true }, warm: 0 };
      return await withStack(context, setting, (running) => compare(context, running, { directory, script }));
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  },
};

/** @returns also what the programs load, if a bound is missed */
async function compare(
  context: ScenarioContext,
  { stack, deployment }: RunningStack,
  { directory, script }: { directory: string; script: string },
): Promise<Table[]> {
  const key = await provisionOne(stack);
  writeStackFile(directory, stack);
  const names = {
    script,
    key,
    table: deployment.ledgerTable,
    command: join(context.root, 'dist', 'cli', 'greenroom.js'),
  };
  const programs = programsFor(names, { directory, environment: environmentFor(stack) });
  const table = cliTable(await measure(context, programs));
  if (allHold([table])) return [table];
  const loads = [];
  for (const program of programs.filter(({ prints }) => prints !== ''))
    loads.push({ name: program.name, loads: await recordLoads(program, join(directory, 'loads.json')) });
  return [table, loadsTable(loads)];
}

/** Creates a room for a key, so that `greenroom status` can show it. @returns the key */
async function provisionOne(stack: Stack): Promise<string> {
  const [request] = makeRequests(1, { name: 'cli' });
  if (request === undefined) throw new Error('One request is expected');
  await stack.invoke('provision-rooms', { Records: toRecords([request], stack.region) });
  return request.key;
}

/** Writes the file with which the command line finds the stack from a directory. */
function writeStackFile(directory: string, { endpoint, region, outputs }: Stack): void {
  const file = join(directory, STACK_FILE);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify({ endpoint, region, outputs, pid: process.pid }));
}

function environmentFor({ region, endpointVariables }: Stack): Record<string, string> {
  return {
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    ...endpointVariables,
  };
}

/** In the order of the columns of the table. */
function programsFor(
  { script, table, key, command }: { script: string; table: string; key: string; command: string },
  place: Pick<Program, 'directory' | 'environment'>,
): Program[] {
  const bare = { ...place, name: 'bare script', args: [script, table, ledgerKey(key)], prints: 'COMPLETED' };
  const cache = { NODE_COMPILE_CACHE: join(place.directory, 'compile-cache') };
  return [
    { ...place, name: 'node -e 0', args: ['-e', '0'], prints: '' },
    { ...place, name: 'greenroom --help', args: [command, '--help'], prints: 'Usage: greenroom' },
    bare,
    { ...bare, name: 'bare script, compile cache', environment: { ...place.environment, ...cache } },
    { ...place, name: 'greenroom status KEY', args: [command, 'status', key], prints: 'completed' },
  ];
}

/** @returns the times of each program's runs, in milliseconds */
async function measure({ isQuick, signal, progress }: ScenarioContext, programs: readonly Program[]) {
  const runs = programs.map((program) => ({ program, name: program.name, timesMs: [] as number[] }));
  const rounds = isQuick ? QUICK_ROUNDS : ROUNDS;
  // The first round fills the compile caches, and is not counted.
  for (let round = 0; round <= rounds; round++) {
    signal.throwIfAborted();
    if (round % 10 === 0) progress(`cli: round ${round} of ${rounds}`);
    for (const { program, timesMs } of runs) {
      const tookMs = await timeRun(program);
      if (round > 0) timesMs.push(tookMs);
    }
  }
  return runs;
}
